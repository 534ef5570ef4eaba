"""How exporting, importing and verifying skills look."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from skillwright.agents.verifying import Verification
from skillwright.cli.display.numbers import number
from skillwright.cli.display.terminal import print_lines
from skillwright.skills import Skill

__all__ = ["show_export", "show_import", "show_verification"]


def show_export(console: Console, files: Sequence[Path], notes: Sequence[str]) -> None:
    """Prints what was written.

    Args:
        console: where.
        files: what was written.
        notes: what the person must know to use it.
    """
    print_lines(console, *(f"Written: {place} ({place.stat().st_size} bytes)" for place in files), *notes)


def show_import(console: Console, skills: Sequence[Skill]) -> None:
    """Prints which drafts were stored.

    Args:
        console: where.
        skills: the drafts.
    """
    for skill in skills:
        print_lines(console, f"Imported {skill.name}@{skill.version} as a draft: {skill.description}")
    last = skills[-1]
    print_lines(
        console,
        "Its evidence is what its origin claims. Measure it here:",
        f"  skillwright skills verify {last.name}@{last.version}",
    )


def show_verification(console: Console, outcome: Verification) -> None:
    """Prints what a skill showed.

    Args:
        console: where.
        outcome: of verifying.
    """
    skill, evidence = outcome.skill, outcome.skill.evidence
    colour = "green" if skill.status == "verified" else "red"
    console.print(Text.assemble((f"{skill.name}@{skill.version}", "bold"), "  ", (skill.status, colour)))
    last = evidence.first_seed + evidence.num_episodes - 1
    lines = [f"{evidence.num_episodes} held-out episodes here, seeds {evidence.first_seed} to {last}"]
    if evidence.success_rate is not None and evidence.success_interval is not None:
        low, high = evidence.success_interval
        lines.append(
            f"Success rate {number(evidence.success_rate)} (95 % interval {number(low)} to {number(high)}), "
            f"required {number(evidence.required_success_rate)}"
        )
    lines.append(f"Mean fitness {number(evidence.fitness)}")
    if not outcome.judged_by_own_card:
        lines.append("The card that judged it came with the skill and is not the one of this machine: read its test.")
    print_lines(console, *lines)

"""How skills look: the library as a table, one skill whole."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from skillwright.cli.display.numbers import bounds, duration, minute, number, percent, percent_bounds, with_interval
from skillwright.cli.display.program import show_program
from skillwright.cli.display.status import status_text
from skillwright.cli.display.terminal import facts, heading, print_lines, show_listing, table
from skillwright.skills.changing import Change
from skillwright.skills.searching import Hit
from skillwright.skills.skill import Evidence, Lineage, Skill

__all__ = ["show_calls", "show_history", "show_hits", "show_skill", "show_skills"]


def show_skills(console: Console, skills: Sequence[Skill]) -> None:
    """Prints skills as a table.

    Args:
        console: where.
        skills: in the order to print.
    """
    if not skills:
        print_lines(console, 'No skills yet. Make one: skillwright run "TASK" --env ID')
        return
    listing = table("Skill", "Status", "World", "Success", "Fitness", "Made", numeric=("Success", "Fitness"))
    for skill in skills:
        listing.add_row(
            f"{skill.name}@{skill.version}",
            status_text(skill.status),
            skill.env_id,
            percent(skill.evidence.success_rate),
            number(skill.evidence.fitness),
            minute(skill.created_at),
        )
    show_listing(console, listing)


def show_skill(console: Console, skill: Skill, versions: Sequence[Skill], program: str | None) -> None:
    """Prints one skill whole.

    Args:
        console: where.
        skill: the skill.
        versions: all versions of its name, newest first.
        program: its text, if the skill is one.
    """
    console.print(Text.assemble((f"{skill.name}@{skill.version}", "bold"), "  ", status_text(skill.status)))
    console.print(Text(skill.description))
    console.print()
    _show_manifest(console, skill)
    heading(console, "Evidence")
    _show_evidence(console, skill.evidence)
    heading(console, "Lineage")
    _show_lineage(console, skill.lineage)
    heading(console, "Reward program" if program is None else "Program")
    show_program(console, skill.reward_source if program is None else program)
    if skill.reward_weights:
        weights = ", ".join(f"{name} {number(weight)}" for name, weight in skill.reward_weights.items())
        console.print(Text(f"weights: {weights}"))
    heading(console, "Versions")
    _show_versions(console, skill, versions)


def show_calls(console: Console, skill: Skill, dependents: Sequence[Skill]) -> None:
    """Prints what a skill calls and what calls it, where there is any.

    Args:
        console: where.
        skill: the skill.
        dependents: those that call it.
    """
    if skill.dependencies:
        print_lines(console, f"It calls: {', '.join(skill.dependencies)}.")
    if dependents:
        print_lines(console, f"It is called by: {', '.join(one.reference for one in dependents)}.")


def show_hits(console: Console, hits: Sequence[Hit]) -> None:
    """Prints what a search found.

    Args:
        console: where.
        hits: best first.
    """
    if not hits:
        print_lines(console, "Nothing found.")
        return
    listing = table("Skill", "Status", "World", "Score", "Why", numeric=("Score",))
    for hit in hits:
        status = status_text(hit.skill.status)
        listing.add_row(hit.skill.reference, status, hit.skill.env_id, f"{hit.score:.2f}", hit.why)
    show_listing(console, listing)


def show_history(console: Console, changes: Sequence[Change]) -> None:
    """Prints what was done to a skill.

    Args:
        console: where.
        changes: oldest first.
    """
    listing = table("At", "Skill", "What", "Status", "Detail")
    for one in changes:
        reference = f"{one.name}@{one.version}"
        listing.add_row(minute(one.at), reference, one.action, status_text(one.status), one.detail)
    show_listing(console, listing)


def _show_manifest(console: Console, skill: Skill) -> None:
    rows: dict[str, str | Text] = {
        "World": skill.env_id,
        "Task": "all its parts, in their order" if skill.parts else skill.task,
        "Kind": skill.kind,
        "Step limit": f"{skill.step_limit:,}",
        "Made": minute(skill.created_at),
        "Policy" if skill.kind == "policy" else "Program": skill.policy,
        "Card": skill.card,
    }
    if skill.video is not None:
        rows["Video"] = skill.video
    facts(console, rows)


def _show_evidence(console: Console, evidence: Evidence) -> None:
    last = evidence.first_seed + evidence.num_episodes - 1
    success = "the task has no success test"
    if evidence.success_rate is not None:
        interval = percent_bounds(evidence.success_interval)
        required = percent(evidence.required_success_rate)
        success = f"{with_interval(percent(evidence.success_rate), interval)}, required {required}"
    facts(
        console,
        {
            "Success rate": success,
            "Mean fitness": with_interval(number(evidence.fitness), bounds(evidence.fitness_interval)),
            "Judged on": f"{evidence.num_episodes} held-out episodes, seeds {evidence.first_seed} to {last}",
            "Env steps": f"{evidence.training_timesteps:,}",
            "Wall time": duration(evidence.wall_time_s),
        },
    )


def _show_lineage(console: Console, lineage: Lineage) -> None:
    facts(
        console,
        {
            "Sentence": lineage.task_text,
            "Run": lineage.run_id,
            "Candidate": lineage.candidate_id,
            "Generation": str(lineage.generation + 1),
            "Parents": ", ".join(lineage.parents) or "none",
            "Planner": lineage.planner,
            "Proposer": lineage.proposer,
            "Model": lineage.model,
        },
    )


def _show_versions(console: Console, shown: Skill, versions: Sequence[Skill]) -> None:
    listing = table("Version", "Status", "Success", "Fitness", "Made", "", numeric=("Version", "Success", "Fitness"))
    for skill in versions:
        listing.add_row(
            str(skill.version),
            status_text(skill.status),
            percent(skill.evidence.success_rate),
            number(skill.evidence.fitness),
            minute(skill.created_at),
            "shown" if skill.version == shown.version else "",
        )
    console.print(listing)

"""How a skill program that was made looks."""

from rich.console import Console
from rich.text import Text

from skillwright.agents.program_making import ProgramRecord
from skillwright.cli.display.numbers import number
from skillwright.cli.display.terminal import print_lines

__all__ = ["show_program"]


def show_program(console: Console, record: ProgramRecord) -> None:
    """Prints what was made and how it did.

    Args:
        console: where.
        record: the finished run.
    """
    skill, evidence = record.skill, record.skill.evidence
    console.print()
    console.print(Text(record.source.rstrip()))
    console.print()
    rate = "nobody can say" if evidence.success_rate is None else f"{100 * evidence.success_rate:.0f} %"
    lines = [] if evidence.judged_by == "code" else [f"Judged by {evidence.judged_by}, a language model, not by code:"]
    lines += [
        *(f"- {reason}" for reason in evidence.reasons),
        f"Success on {evidence.num_episodes} held-out episodes: {rate} "
        f"(the task asks for {100 * evidence.required_success_rate:.0f} %); fitness {number(evidence.fitness)}.",
        f"It calls: {', '.join(skill.dependencies)}.",
    ]
    if record.num_attempts:
        lines.append(f"Written by {skill.lineage.model} in {record.num_attempts} attempts.")
    if record.problem:
        lines.append(f"In some episodes it stopped: {record.problem}")
    lines += [f"{use.role}, {use.model}: {use.spending.described()}." for use in record.models]
    print_lines(console, *lines)
    console.print(Text.assemble("Stored as ", (skill.reference, "bold"), f", {skill.status}."))

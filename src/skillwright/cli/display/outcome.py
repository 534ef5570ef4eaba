"""What a finished run shows for itself."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from skillwright.cli.display.numbers import bounds, duration, number, percent, percent_bounds, with_interval
from skillwright.cli.display.terminal import facts, print_lines, show_listing, table
from skillwright.cli.resuming import next_command
from skillwright.report.finishing import RunResult
from skillwright.rewards.records import Judgement
from skillwright.skills.skill import Skill

__all__ = ["show_result"]


def show_result(console: Console, result: RunResult, *, home: Path | None) -> None:
    """Prints the result of a run and what to do next.

    Args:
        console: where.
        result: what the run came to.
        home: the home folder as the person gave it.
    """
    skill = result.skill
    console.print()
    console.print(Text.assemble((f"{skill.name}@{skill.version}", "bold"), "  ", _verdict(skill)))
    console.print()
    facts(console, _measures(result))
    console.print()
    if result.parts:
        show_listing(console, _parts(result))
        console.print()
    for name, path in (("Report", result.report), ("Video", result.video)):
        if path is not None:
            print_lines(console, f"{name + ':':<8}{path}")
    print_lines(console, f"{'Next:':<8}{next_command('skills', 'play', _playable(skill), home=home)}")


def _measures(result: RunResult) -> dict[str, str | Text]:
    judgement = result.held_out
    timesteps = f"{result.skill.evidence.training_timesteps:,}"
    return {
        "Success rate": _success(judgement),
        "Mean fitness": with_interval(number(judgement.fitness), bounds(judgement.fitness_interval)),
        "Judged on": f"{judgement.num_episodes} held-out episodes",
        "Wall time": duration(result.wall_time_s),
        "Env steps": f"none: the library had this skill, made in {timesteps}" if result.reused else timesteps,
        **{f"Model, {use.role}": f"{use.model}: {use.spending.described()}" for use in result.models},
        "Run": result.run_id,
    }


def _parts(result: RunResult) -> Table:
    listing = table("Part", "Skill", "Alone", "Env steps", numeric=("Alone", "Env steps"))
    for part in result.parts:
        steps = f"{part.timesteps:,}" if part.made_in else "reused"
        listing.add_row(part.text, part.skill, percent(part.success_rate), steps)
    return listing


def _verdict(skill: Skill) -> Text:
    required = percent(skill.evidence.required_success_rate)
    if skill.status == "verified":
        return Text(f"verified: at least {required} of episodes must succeed", style="green")
    if skill.evidence.success_rate is None:
        return Text("not verified: the task has no success test", style="yellow")
    return Text(f"not verified: at least {required} of episodes must succeed", style="yellow")


def _success(judgement: Judgement) -> str:
    if judgement.success_rate is None:
        return "not measured"
    return with_interval(percent(judgement.success_rate), percent_bounds(judgement.success_interval))


def _playable(skill: Skill) -> str:
    """Names a skill so that this version is played: a name alone means the newest verified one."""
    return skill.name if skill.status == "verified" else f"{skill.name}@{skill.version}"

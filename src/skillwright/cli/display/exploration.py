"""What an agent that learned by itself shows for it."""

from pathlib import Path

from rich.console import Console

from skillwright.agents.exploring.explorer import Exploration
from skillwright.agents.exploring.goals import Outcome
from skillwright.cli.display.numbers import duration, percent
from skillwright.cli.display.terminal import facts, print_lines, show_listing, table
from skillwright.cli.resuming import next_command

__all__ = ["show_exploration"]


def show_exploration(console: Console, done: Exploration, *, home: Path | None) -> None:
    """Prints every goal with what became of it, and why this was the end.

    Args:
        console: where.
        done: what the agent did.
        home: the home folder as the person gave it.
    """
    console.print()
    listing = table("Goal", "Skill", "Result", "Success", "Env steps", "Time", numeric=("Success", "Env steps", "Time"))
    for goal, outcome in done.past:
        listing.add_row(
            goal.text,
            outcome.skill or "none",
            _result(outcome),
            "" if outcome.success_rate is None else percent(outcome.success_rate),
            f"{outcome.env_steps:,}",
            duration(outcome.seconds),
        )
    if done.past:
        show_listing(console, listing)
        console.print()
    facts(
        console,
        {
            "Learned": f"{done.num_learned} of {len(done.past)} goals, set by {done.curriculum}",
            "Ended": done.stopped,
            "Wall time": duration(done.wall_time_s),
            **({"Models": done.spent.described()} if done.spent.num_requests or done.spent.tokens else {}),
            "Run": done.run_id,
        },
    )
    console.print()
    for problem in (outcome.problem for _, outcome in done.past if outcome.problem):
        print_lines(console, f"Failed: {problem}")
    if done.unfinished:
        print_lines(console, f"Cut off: {next_command('resume', done.unfinished, home=home)}")
    print_lines(console, f"Next:    {next_command('skills', 'list', home=home)}")


def _result(outcome: Outcome) -> str:
    if outcome.skill is None:
        return "failed"
    return "learned" if outcome.is_verified else "not learned"

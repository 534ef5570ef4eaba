"""How played episodes look."""

from rich.console import Console
from rich.text import Text

from skillwright.agents.playing import PlayOutcome
from skillwright.cli.display.numbers import MISSING, number
from skillwright.cli.display.terminal import print_lines, table

__all__ = ["show_play"]


def show_play(console: Console, outcome: PlayOutcome, *, first_seed: int) -> None:
    """Prints how each episode went.

    Args:
        console: where.
        outcome: what was played.
        first_seed: seed of the first episode.
    """
    skill = outcome.skill
    console.print(Text.assemble((f"{skill.name}@{skill.version}", "bold"), f" in {skill.env_id}"))
    console.print()
    columns = ("Seed", "Success", "Fitness", "Env return", "Steps")
    episodes = table(*columns, numeric=("Seed", "Fitness", "Env return", "Steps"))
    for seed, score in enumerate(outcome.scores, start=first_seed):
        numbers = (number(score.fitness), number(score.env_return), str(score.length))
        episodes.add_row(str(seed), _success(score.success), *numbers)
    console.print(episodes)
    console.print()
    judged = [score.success for score in outcome.scores if score.success is not None]
    if judged:
        print_lines(console, f"{sum(judged)} of {len(judged)} episodes succeeded.")
    print_lines(console, f"Video: {outcome.video}" if outcome.video else f"No video: {outcome.problem}")


def _success(success: bool | None) -> Text:
    if success is None:
        return Text(MISSING)
    return Text("yes", style="green") if success else Text("no", style="red")

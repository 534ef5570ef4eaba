"""How worlds look: all cards as a table, one card as whoever writes rewards reads it, and what judges there."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from skillwright.cli.display.numbers import MISSING, percent
from skillwright.cli.display.program import show_program
from skillwright.cli.display.terminal import facts, heading, show_listing, table
from skillwright.envs.card import EnvCard, TaskSpec
from skillwright.envs.describing import describe_card

__all__ = ["show_card", "show_cards", "show_judges"]


def show_cards(console: Console, cards: Sequence[EnvCard]) -> None:
    """Prints cards as a table.

    Args:
        console: where.
        cards: in the order to print.
    """
    columns = ("World", "Observation", "Actions", "Horizon", "Tasks")
    listing = table(*columns, numeric=("Observation", "Horizon"))
    for card in cards:
        actions = f"{card.actions.size} {card.actions.kind}"
        sizes = (str(card.observation_size), actions, f"{card.horizon:,}")
        listing.add_row(card.id, *sizes, ", ".join(card.tasks))
    show_listing(console, listing)


def show_card(console: Console, card: EnvCard) -> None:
    """Prints the very text that whoever writes rewards is given of a world, and below it the tasks in words.

    In a terminal the text is laid out; into a file or a pipe it goes as it is.

    Args:
        console: where.
        card: the card.
    """
    from rich.markdown import Markdown

    text = describe_card(card)
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        console.file.write(text)
    heading(console, "Tasks, of which whoever writes rewards is given one")
    facts(console, {name: task.text for name, task in card.tasks.items()})


def show_judges(console: Console, card: EnvCard) -> None:
    """Prints what whoever writes rewards never sees: how the world is made and learned, and what judges its tasks.

    Args:
        console: where.
        card: the card.
    """
    heading(console, "Hidden from whoever writes rewards")
    facts(console, _made_by(card))
    for name, task in card.tasks.items():
        _show_task(console, name, task)


def _made_by(card: EnvCard) -> dict[str, str | Text]:
    return {
        "Gymnasium": card.gymnasium_id or "not there",
        "EnvPool": card.envpool_id or "not there",
        "Learner": f"{card.learner.algorithm}, {card.learner.total_timesteps:,} steps for one candidate",
    }


def _show_task(console: Console, name: str, task: TaskSpec) -> None:
    heading(console, f"Task {name}: {task.text}")
    required = percent(task.required_success_rate) if task.success else MISSING
    facts(console, {"Required success rate": required, "Reference reward": task.reference or "none"})
    for source in filter(None, (task.success, task.fitness)):
        show_program(console, source)

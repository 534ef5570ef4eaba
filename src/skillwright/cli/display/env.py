"""How worlds look: all cards as a table, one card as whoever writes rewards reads it."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from skillwright.cli.display.numbers import MISSING, bounds, percent
from skillwright.cli.display.program import show_program
from skillwright.cli.display.terminal import facts, heading, show_listing, table
from skillwright.envs.card import ActionSpec, EnvCard, FieldSpec, TaskSpec

__all__ = ["show_card", "show_cards"]


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
    """Prints one card.

    Args:
        console: where.
        card: the card.
    """
    console.print(Text(card.id, style="bold"))
    console.print()
    for paragraph in card.description.strip().split("\n\n"):
        console.print(Text(" ".join(paragraph.split())))
        console.print()
    facts(console, _made_by(card))
    heading(console, "Fields, as s.NAME before the action and n.NAME after it")
    _show_fields(console, card)
    heading(console, f"Actions, as a.NAME ({card.actions.kind})")
    _show_actions(console, card.actions)
    for name, task in card.tasks.items():
        _show_task(console, name, task)


def _made_by(card: EnvCard) -> dict[str, str | Text]:
    return {
        "Gymnasium": card.gymnasium_id,
        "EnvPool": card.envpool_id or "not there",
        "Horizon": f"{card.horizon:,} steps",
        "Learner": f"{card.learner.algorithm}, {card.learner.total_timesteps:,} steps for one candidate",
    }


def _show_fields(console: Console, card: EnvCard) -> None:
    listing = table("Field", "From", "Unit", "Range", "Role", "Meaning")
    for name, field in card.fields.items():
        listing.add_row(name, _source(field), field.unit, bounds(field.range), field.role, field.meaning)
    console.print(listing)


def _source(field: FieldSpec) -> str:
    if field.angle_of is not None:
        return "angle of " + ", ".join(field.angle_of)
    return f"obs[{field.start}]" if field.is_scalar else f"obs[{field.start}:{field.stop}]"


def _show_actions(console: Console, actions: ActionSpec) -> None:
    continuous = actions.kind == "continuous"
    listing = table("Action", *(("Unit", "Range") if continuous else ()), "Meaning")
    for name, component in actions.components.items():
        measure = (component.unit, bounds(component.range)) if continuous else ()
        listing.add_row(name, *measure, component.meaning)
    console.print(listing)


def _show_task(console: Console, name: str, task: TaskSpec) -> None:
    heading(console, f"Task {name}: {task.text}")
    required = percent(task.required_success_rate) if task.success else MISSING
    facts(console, {"Required success rate": required, "Reference reward": task.reference or "none"})
    console.print(Text("Judged by these programs, which whoever writes rewards never sees:", style="dim"))
    for source in filter(None, (task.success, task.fitness)):
        show_program(console, source)

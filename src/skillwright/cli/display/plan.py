"""How a plan looks before it is carried out."""

from rich.console import Console
from rich.text import Text

from skillwright.agents.planners.estimate import Estimate, StepCost
from skillwright.agents.planning import Preview
from skillwright.agents.run_types import ModelUse, SubTask
from skillwright.cli.display.numbers import compact, duration, percent
from skillwright.cli.display.terminal import facts, heading, print_lines, table

__all__ = ["plan_as_json", "show_preview"]


def plan_as_json(preview: Preview) -> dict[str, object]:
    """Gives a preview as a program reads it.

    Args:
        preview: the plan and what it will take.
    """
    estimate = preview.estimate
    return {
        "plan": preview.plan,
        "world": preview.world.card.id,
        "why": preview.world.why,
        "reused": preview.reused,
        "estimate": {
            "env_steps": estimate.env_steps,
            "minutes": round(estimate.seconds / 60, 1),
            "steps_per_s": round(estimate.steps_per_s, 1),
            "speed_source": estimate.speed_source,
            "num_requests": estimate.num_requests,
            "tokens": estimate.tokens,
            "tokens_source": estimate.tokens_source,
            "usd": estimate.usd,
            "unpriced": estimate.unpriced,
            "sub_tasks": [one._asdict() for one in estimate.sub_tasks],
        },
        "spent": [
            {"role": use.role, "model": use.model, "tokens": use.spending.tokens, "usd": _usd_of(use)}
            for use in preview.spent
        ],
        "notes": preview.notes,
    }


def show_preview(console: Console, preview: Preview) -> None:
    """Prints a plan.

    Args:
        console: where.
        preview: the plan and what it will take.
    """
    print_lines(console, *preview.notes)
    facts(console, {"World": f"{preview.world.card.id}: {preview.world.why}", "Why": preview.plan.rationale.strip()})
    heading(console, "Sub-tasks, in their order")
    _show_sub_tasks(console, preview)
    heading(console, "What it will take")
    facts(console, _costs(preview.estimate))
    for use in preview.spent:
        print_lines(console, f"Planning itself: {use.role}, {use.model}: {use.spending.described()}.")


def _show_sub_tasks(console: Console, preview: Preview) -> None:
    listing = table("Id", "Sub-task", "Judged by", "Skill", "After", "Steps", "Time", numeric=("Steps", "Time"))
    for one, cost in zip(preview.plan.sub_tasks, preview.estimate.sub_tasks, strict=True):
        after = ", ".join(one.depends_on) or "-"
        listing.add_row(one.id, one.text, one.task, _skill(one, preview), after, *_amounts(cost))
    console.print(listing)


def _skill(sub_task: SubTask, preview: Preview) -> str:
    """Says what is reused, with its evidence."""
    if sub_task.reuse is None:
        return "make"
    evidence = preview.reused[sub_task.reuse].evidence
    return f"reuse {sub_task.reuse} ({percent(evidence.success_rate)} of {evidence.num_episodes} episodes)"


def _amounts(cost: StepCost) -> tuple[str, str]:
    return (compact(cost.env_steps), duration(cost.seconds)) if cost.env_steps else ("-", "-")


def _costs(estimate: Estimate) -> dict[str, str | Text]:
    speed = f"at {compact(estimate.steps_per_s)} steps/s, {estimate.speed_source}"
    if not estimate.env_steps:
        return {"Training": "none: the library has every skill"}
    rows: dict[str, str | Text] = {
        "Training": f"about {duration(estimate.seconds)}, {compact(estimate.env_steps)} env steps {speed}"
    }
    if not estimate.num_requests:
        return {**rows, "Models": "none is asked: no tokens, no money"}
    rows["Tokens"] = f"about {compact(estimate.tokens)} in {estimate.num_requests} replies, {estimate.tokens_source}"
    if estimate.usd is None:
        return {**rows, "Money": f"unknown: no price is listed for {', '.join(estimate.unpriced)} (agents/prices.yaml)"}
    return {**rows, "Money": f"about ${estimate.usd:.2f}"}


def _usd_of(use: ModelUse) -> float | None:
    return None if use.spending.num_unpriced else use.spending.usd

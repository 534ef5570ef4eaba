"""What a plan must be before anything is spent on it; whatever is wrong is said to whoever made it."""

import difflib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from skillwright.agents.planners.beginnings import Beginnings
from skillwright.agents.planners.protocol import MAX_SUB_TASKS
from skillwright.agents.run_types import OWN_WORDS, Condition, SubTask
from skillwright.core import ModelRetry
from skillwright.envs import EnvCard, FieldSpec
from skillwright.skills.skill import Skill

__all__ = ["Outlook", "PlanRefused", "check_plan", "in_order"]

_LONGEST_TEXT: Final = 500
"""Characters of a sub-task's text, start or success."""
_LONGEST_PLAN: Final = 4000
"""Characters of all of them together."""
_TOLERANCE: Final = 0.05
"""Share of a field's range by which episodes may begin beyond what was seen of them."""


class PlanRefused(ModelRetry):
    """Says everything that is wrong with a plan, a line for each mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a plan is checked against."""

    card: EnvCard
    """The world."""
    skills: Mapping[str, Skill]
    """``name@version`` -> what may be reused."""
    beginnings: Beginnings | None
    """Where episodes begin; none: not known, and then no start is refused for it."""


def check_plan(sub_tasks: Sequence[SubTask], outlook: Outlook) -> None:
    """Refuses a plan that cannot be carried out.

    Args:
        sub_tasks: in any order.
        outlook: the world and the library.

    Raises:
        PlanRefused: the plan is empty or too long, an id, field, task, world or skill is unknown or used twice,
            sub-tasks wait for each other, or one of them could never begin.
    """
    problems = list(_size_problems(sub_tasks)) or list(_order_problems(sub_tasks))
    for check in (_task_problems, _field_problems, _skill_problems):
        problems += [line for sub_task in sub_tasks for line in check(sub_task, outlook)]
    if not problems:
        problems = list(_start_problems(sub_tasks, outlook))
    if problems:
        raise PlanRefused("\n".join(f"- {line}" for line in problems))


def in_order(sub_tasks: Sequence[SubTask]) -> list[SubTask]:
    """Puts every sub-task behind those it depends on, and leaves the order alone otherwise.

    Args:
        sub_tasks: of which none waits for itself, not even through others.
    """
    waiting, ordered = list(sub_tasks), list[SubTask]()
    while waiting:
        done = {one.id for one in ordered}
        following = next((one for one in waiting if done.issuperset(one.depends_on)), None)
        assert following is not None, "sub-tasks wait for each other"
        waiting.remove(following)
        ordered.append(following)
    return ordered


def _size_problems(sub_tasks: Sequence[SubTask]) -> Iterator[str]:
    if not sub_tasks:
        yield "The plan is empty; it needs at least one sub-task."
    if len(sub_tasks) > MAX_SUB_TASKS:
        yield f"The plan has {len(sub_tasks)} sub-tasks; at most {MAX_SUB_TASKS} are allowed, so join some."
    lengths = [len(text) for one in sub_tasks for text in (one.text, one.start, one.success)]
    if any(length > _LONGEST_TEXT for length in lengths):
        yield f"A text, start or success has {max(lengths)} characters; at most {_LONGEST_TEXT} are allowed."
    elif sum(lengths) > _LONGEST_PLAN:
        yield f"The plan has {sum(lengths)} characters of text; at most {_LONGEST_PLAN} are allowed."
    for one in sub_tasks:
        if not one.text.strip():
            yield f"The sub-task {one.id!r} has no text."


def _order_problems(sub_tasks: Sequence[SubTask]) -> Iterator[str]:
    ids = Counter(one.id for one in sub_tasks)
    yield from (
        f"The id {name!r} is used {count} times; each needs its own." for name, count in ids.items() if count > 1
    )
    unknown = [(one.id, name) for one in sub_tasks for name in one.depends_on if name not in ids]
    for name, missing in unknown:
        yield f"{name!r} depends on {missing!r}, which no sub-task is called{_hint(missing, ids)}"
    behind = {one.id: frozenset(one.depends_on) & ids.keys() for one in sub_tasks}
    circling = [name for name in behind if name in _ancestors(name, behind)]
    if circling:
        yield f"These sub-tasks wait for each other in a circle: {', '.join(map(repr, circling))}."


def _task_problems(sub_task: SubTask, outlook: Outlook) -> Iterator[str]:
    card = outlook.card
    if sub_task.env_id != card.id:
        yield f"{sub_task.id!r} is in the world {sub_task.env_id!r}; this plan can only use {card.id!r}."
    if sub_task.task not in card.tasks and sub_task.task != OWN_WORDS:
        names = ", ".join([*card.tasks, OWN_WORDS])
        yield f"{sub_task.id!r} has the task {sub_task.task!r}, which the card does not have; choose one of: {names}."


def _field_problems(sub_task: SubTask, outlook: Outlook) -> Iterator[str]:
    fields = outlook.card.fields
    named = [*sub_task.changes, *(one.field for one in sub_task.starts_where)]
    for name in dict.fromkeys(named):
        if name not in fields:
            yield f"{sub_task.id!r} names the field {name!r}, which the card does not have{_hint(name, fields)}"
    for condition in sub_task.starts_where:
        if condition.field in fields:
            for line in _bound_problems(condition, fields[condition.field]):
                yield f"{sub_task.id!r} starts where {condition.described()!r}: {line}"


def _bound_problems(condition: Condition, field: FieldSpec) -> Iterator[str]:
    low, high = _ends(condition)
    if condition.at_least is None and condition.at_most is None:
        yield "it needs at_least, at_most, or both."
    elif not low <= high:
        yield "at_least must not be above at_most."
    elif high < field.range[0] or low > field.range[1]:
        yield f"the field only lies between {field.range[0]:.4g} and {field.range[1]:.4g}."
    size = None if field.is_scalar or field.index is None else field.stop - field.start
    if size is None and condition.component is not None:
        yield "the field is one number; component must be null."
    if size is not None and (condition.component is None or not 0 <= condition.component < size):
        yield f"the field has {size} parts; give component as a number from 0 to {size - 1}."


def _skill_problems(sub_task: SubTask, outlook: Outlook) -> Iterator[str]:
    if sub_task.reuse is None:
        return
    skill = outlook.skills.get(sub_task.reuse)
    if skill is None:
        shown = ", ".join(outlook.skills) or "none, so reuse must be null"
        yield f"{sub_task.id!r} reuses {sub_task.reuse!r}, which cannot be reused here; these can: {shown}."
    elif skill.task != sub_task.task:
        yield f"{sub_task.id!r} reuses {sub_task.reuse!r}, which was judged by {skill.task!r}, not {sub_task.task!r}."


def _start_problems(sub_tasks: Sequence[SubTask], outlook: Outlook) -> Iterator[str]:
    """Finds conditions that neither the beginning of an episode nor an earlier sub-task can bring about."""
    behind = {one.id: frozenset(one.depends_on) for one in sub_tasks}
    changes = {one.id: _sources(one.changes, outlook.card) for one in sub_tasks}
    for one in sub_tasks:
        earlier = _ancestors(one.id, behind)
        brought = frozenset[str]().union(*(changes[name] for name in earlier))
        for condition in one.starts_where:
            if brought & _sources([condition.field], outlook.card):
                continue
            seen = _beginning_of(condition, outlook)
            if seen is not None and not _overlaps(condition, seen, outlook.card.fields[condition.field]):
                whom = ", ".join(sorted(map(repr, earlier))) or "nothing"
                yield (
                    f"{one.id!r} can never begin: it needs {condition.described()}, but episodes begin with "
                    f"{condition.field} from {seen[0]:.4g} to {seen[1]:.4g}, and what it depends on ({whom}) does not "
                    f"change {condition.field}. Name the sub-task that does in depends_on, or take the condition back."
                )


def _beginning_of(condition: Condition, outlook: Outlook) -> tuple[float, float] | None:
    return None if outlook.beginnings is None else outlook.beginnings.bounds(condition.field, condition.component)


def _overlaps(condition: Condition, seen: tuple[float, float], field: FieldSpec) -> bool:
    width = field.range[1] - field.range[0]
    room = _TOLERANCE * width if math.isfinite(width) else 0.0
    low, high = _ends(condition)
    return low <= seen[1] + room and high >= seen[0] - room


def _ends(condition: Condition) -> tuple[float, float]:
    low = -math.inf if condition.at_least is None else condition.at_least
    high = math.inf if condition.at_most is None else condition.at_most
    return low, high


def _sources(names: Iterable[str], card: EnvCard) -> frozenset[str]:
    """Adds to fields those they are computed from: what changes one changes the other."""
    parts = [(*(card.fields[name].angle_of or ()), *(card.fields[name].distance_of or ())) for name in names]
    return frozenset(names).union(*parts)


def _ancestors(name: str, behind: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Lists all that a sub-task depends on, itself too if it stands in a circle."""
    found, fresh = frozenset[str](), behind[name]
    while fresh:
        found |= fresh
        fresh = frozenset[str]().union(*(behind[one] for one in fresh)) - found
    return found


def _hint(name: str, known: Iterable[str]) -> str:
    names = list(known)
    close = difflib.get_close_matches(name, names, n=2)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else f"; there are {', '.join(names)}."

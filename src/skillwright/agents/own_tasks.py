"""A task in the person's own words: written down by a model, confirmed by the person, frozen."""

from skillwright.agents.acquiring import Workshop
from skillwright.agents.settled import Settled
from skillwright.core import ConfigError
from skillwright.rewards.own_task import OwnTask, write_judges
from skillwright.skills.library import slug

__all__ = ["settle_own_task"]


def settle_own_task(settled: Settled, workshop: Workshop) -> OwnTask:
    """Has the programs written that judge the task, and the person confirm them.

    Args:
        settled: the run.
        workshop: has the models and the person.

    Raises:
        BudgetExceeded: a limit does not allow the request.
        ConfigError: the person declines, or nobody is there to ask.
        ModelUnavailable: the model cannot be reached, or writes nothing that can judge.
    """
    request, observer = settled.request, workshop.observer
    asker = next(iter(workshop.crew.askers("verifier").values()))
    observer.said(f"{asker.model.spec} writes down how the task is judged.")
    name = slug(request.text).replace("-", "_")
    task = write_judges(settled.card, request.text, _free_name(name, settled), asker, seed=request.seed)
    if request.is_confirmed:
        for line in task.described().splitlines():
            observer.said(line)
    elif not workshop.person.confirms(task.described()):
        raise ConfigError("the task was not confirmed; say it in other words, with the numbers that matter to you")
    return task


def _free_name(name: str, settled: Settled) -> str:
    """Gives a name that no task of the card has and a program can use."""
    name = name if name[:1].isalpha() else f"task_{name}"
    while name in settled.card.tasks:
        name = f"{name}_again"
    return name

"""The five verbs; each goes the way that the command of its name goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Unpack

from skillwright.agents.run_types import Plan
from skillwright.api.observing import Callbacks
from skillwright.api.options import (
    CallerOptions,
    EvolveOptions,
    ResumeOptions,
    RunOptions,
    request_with,
    spelling_out,
)
from skillwright.api.outcome import RunOutcome
from skillwright.api.shelf import Skills, StoredSkill
from skillwright.core.home import Home

__all__ = ["evolve", "library", "plan", "resume", "run"]


@spelling_out(RunOptions)
def run(text: str, *, env: str, **options: Unpack[RunOptions]) -> RunOutcome:
    """Turns a sentence into a trained, verified and stored skill, as ``skillwright run`` does.

    Args:
        text: the task, in a sentence.
        env: the world: id of a card, or of any world registered with Gymnasium.
        options: see ``skillwright.api.RunOptions``.

    Returns:
        The skill with its evidence; ``outcome.act(observation)`` acts, and ``is_verified`` says whether it passed.

    Raises:
        ConfigError: the sentence is empty, or an option has no sensible value.
        NotFound: there is no such world, task, model provider or agent profile.
        BudgetExceeded: the budget is too small for one generation.
        WorldError: the run failed for a reason in the world; ``resume`` goes on with it.

    Examples:
        >>> import skillwright as sw
        >>> sw.run("Balance the pole", env="CartPole-v9")
        Traceback (most recent call last):
            ...
        skillwright.core.errors.NotFound: no environment is called 'CartPole-v9'; did you mean 'CartPole-v1' or ...?
    """
    from skillwright.agents.beginning import begin_run

    is_seeded = "seed" in options
    request = request_with({"reuse": not is_seeded, **options}, text=text, env=env)
    return _carry_out(begin_run(_home(options), request), options)


@spelling_out(EvolveOptions)
def evolve(world: str, *, task: str | None = None, **options: Unpack[EvolveOptions]) -> RunOutcome:
    """Evolves reward programs for one task of one world, as ``skillwright evolve`` does.

    Args:
        world: ``ENV/TASK``, or ``ENV`` if it has one task.
        task: a task in your own words; a model writes down how it is judged, and ``person`` confirms it.
        options: see ``skillwright.api.EvolveOptions``.

    Returns:
        The best policy as a skill, with its evidence.

    Raises:
        ConfigError: an option has no sensible value, or the task is not named.
        NotFound: there is no such world, task, run, model provider or agent profile.
        BudgetExceeded: the budget is too small for one generation.
        WorldError: the run failed for a reason in the world; ``resume`` goes on with it.

    Examples:
        >>> import skillwright as sw
        >>> sw.evolve("CartPole-v1/balance", num_candidates=0)
        Traceback (most recent call last):
            ...
        skillwright.core.errors.ConfigError: num_candidates is 0; it must be at least 1
    """
    from skillwright.agents import targets
    from skillwright.agents.beginning import begin_run

    target = targets.find_target(world, own=task)
    request = request_with(
        options, text=target.text, env=target.env, task=target.task, reuse=False, is_own_task=task is not None
    )
    return _carry_out(begin_run(_home(options), request), options)


@spelling_out(ResumeOptions)
def resume(run_id: str, **options: Unpack[ResumeOptions]) -> RunOutcome:
    """Goes on with a run that was interrupted or killed, as ``skillwright resume`` does.

    It ends with the same skill as if it had never stopped; a finished run gives its result again.

    Args:
        run_id: of the run, or as much of it as is unique.
        options: see ``skillwright.api.ResumeOptions``; a limit takes the place of the one the run was begun with.

    Raises:
        NotFound: there is no such run.
        ConfigError: another process is working on it.
        WorldError: it failed for a reason in the world; it can be resumed again.
    """
    return _carry_out(run_id, options)


@spelling_out(RunOptions)
def plan(text: str, *, env: str, **options: Unpack[RunOptions]) -> Plan:
    """Plans a sentence and trains nothing: which skills of the library serve it, and what would be made.

    Without a language model it costs nothing. With one, the model plans, and its reply is paid for.

    Args:
        text: the task, in a sentence.
        env: the world.
        options: those of ``run``.

    Raises:
        NotFound: there is no such world or task.
        BudgetExceeded: a limit does not allow the question to the model.
        ModelUnavailable: the model cannot be reached.

    Examples:
        >>> import skillwright as sw
        >>> [step.task for step in sw.plan("Balance the pole", env="CartPole-v1").sub_tasks]
        ['balance']
        >>> [step.task for step in sw.plan("Hover, then land", env="LunarLander-v3").sub_tasks]
        ['hover', 'land']
    """
    from skillwright.agents.planning import find_world, preview_plan

    request = request_with({"reuse": "seed" not in options, **options}, text=text, env=env)
    return preview_plan(_home(options), request, find_world(text, env)).plan


def library(*, home: Path | str | None = None) -> Skills:
    """Opens the library of skills.

    Args:
        home: folder of your skills and runs; none: ``$SKILLWRIGHT_HOME``, else the platform's folder for user data.

    Raises:
        StorageError: the folder cannot be used.

    Examples:
        >>> import skillwright as sw
        >>> "walk-on-water" in sw.library()
        False
    """
    return Skills(Home.open(None if home is None else Path(home)))


def _home(options: CallerOptions) -> Home:
    home = options.get("home")
    return Home.open(None if home is None else Path(home))


def _carry_out(run_id: str, options: ResumeOptions) -> RunOutcome:
    """Carries a run out, and leaves its report and film as the command line does."""
    from skillwright.agents.person import NOBODY
    from skillwright.agents.running import carry_out_run
    from skillwright.llm import Limits
    from skillwright.report.finishing import report_run

    home, limits = _home(options), Limits(max_usd=options.get("max_usd"), max_tokens=options.get("max_tokens"))
    person = options.get("person") or NOBODY
    with _resumable(run_id):
        result = report_run(home, carry_out_run(home, run_id, Callbacks(options), person, limits=limits))
    return RunOutcome(result=result, skill=StoredSkill(result.skill, home))


@contextmanager
def _resumable(run_id: str) -> Iterator[None]:
    """Adds to whatever ends the block early how the run can be resumed."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"Resume with: skillwright.resume({run_id!r})")
        raise

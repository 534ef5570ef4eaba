"""Makes a skill that is a program: written by a person or a model, tried, judged on held-out episodes, stored."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from skillwright.agents.acting.calls import called_names, pin_calls
from skillwright.agents.acting.coding import ROLE as CODER
from skillwright.agents.acting.judging import ROLE as JUDGE
from skillwright.agents.acting.performer import Troupe
from skillwright.agents.crew import Crew, settle_roles
from skillwright.agents.person import NOBODY, Person
from skillwright.agents.program_making import ProgramMaking, ProgramRecord, SettledProgram, usable_skills
from skillwright.agents.run_types import RunRequest
from skillwright.agents.sitting import sitting
from skillwright.agents.targets import Target, find_target
from skillwright.core import ArtifactStore, ConfigError, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard, TaskSpec
from skillwright.envs.catalog import find_card
from skillwright.llm import Limits
from skillwright.llm.ledger import NO_LIMITS
from skillwright.llm.profiles import Role, RoleProfile
from skillwright.rewards.progress import Observer
from skillwright.skills.library import Library, slug

__all__ = ["KIND", "ProgramRequest", "begin_program", "carry_out_program"]

KIND: Final = "program"
"""Kind of the run, in the journal."""
_NUM_HELD_OUT: Final = 50
_NUM_JUDGED: Final = 5
_NO_FITNESS: Final = "def fitness(s, a, n):\n    return 0.0\n"


class ProgramRequest(BaseModel):
    """What a person asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    world: str
    """``ENV/TASK``; the task may be left out where there is only one."""
    text: str = ""
    """The task in plain words, for whoever writes the program; empty: the card's. The card's task judges."""
    own_task: str = ""
    """A task that none of the card's fits, in plain words; a language model judges the episodes."""
    name: str = ""
    """Of the skill; empty: made of the text."""
    source: str | None = None
    """The program, if a person wrote it; none: a language model writes it."""
    seed: int = 0
    num_held_out: int | None = Field(default=None, ge=1)
    """Held-out episodes on which it is judged; none: 50, or 5 where a model judges each."""
    num_turns: int = Field(default=4, ge=1)
    """Most programs that a language model writes."""
    step_limit: int | None = Field(default=None, ge=1)
    """Env steps of an episode; none: the card's horizon."""
    is_confirmed: bool = False
    """Whether a skill that only a model judged counts as verified without a person's look."""
    model: str | None = None
    profile: str = "default"
    max_usd: float | None = None
    max_tokens: int | None = None


def begin_program(home: Home, request: ProgramRequest) -> str:
    """Checks a request whole and enters it into the journal.

    Args:
        home: the home folder.
        request: what the person asked for.

    Returns:
        The id of the run, for ``carry_out_program``.

    Raises:
        ConfigError: the name is none, or nobody is there to write the program or to judge it.
        NotFound: there is no such world, task, model provider or agent profile.
        ProgramRejected: the program is outside the allowed language, or calls a skill that is not there.
        ModelUnavailable: a language model lacks a package, a key or a file.
    """
    if request.text.strip() and request.own_task.strip():
        raise ConfigError("--task says a task of the card in other words, --task-text says one of your own; give one")
    target = find_target(request.world, own=request.own_task.strip() or None)
    card, task = _with_task(find_card(target.env), target)
    text = request.text.strip() or target.text
    name = request.name or slug(text)
    if name != slug(name):
        raise ConfigError(f"{name!r} is no name for a skill; use lower-case words with hyphens, such as {slug(name)!r}")
    run = _run_request(request, card, task, text)
    is_open = card.tasks[task].success is None
    roles = settle_roles(run, home) if request.source is None or is_open else {}
    _require_models(roles, writes=request.source is None, judges=target.task is None)
    if request.num_held_out is None and JUDGE in roles and is_open:
        run = run.model_copy(update={"num_held_out": _NUM_JUDGED})
    database = Database.open(home)
    library = Library(database, ArtifactStore(home.artifacts))
    if request.source is not None:
        pin_calls(called_names(request.source), library)
    elif not usable_skills(library, card):
        raise ConfigError(f"the library has no verified skill in {card.id} that a program could call; make one first")
    settled = SettledProgram(
        request=run,
        name=name,
        source=request.source,
        card=card,
        roles=roles,
        num_turns=request.num_turns,
        step_limit=request.step_limit,
    )
    return Journal(database).start_run(kind=KIND, config=settled, seed=request.seed).id


def _run_request(request: ProgramRequest, card: EnvCard, task: str, text: str) -> RunRequest:
    return RunRequest(
        text=text,
        env=card.id,
        task=task,
        seed=request.seed,
        num_held_out=request.num_held_out or _NUM_HELD_OUT,
        is_confirmed=request.is_confirmed,
        model=request.model,
        profile=request.profile,
        max_usd=request.max_usd,
        max_tokens=request.max_tokens,
    )


def _require_models(roles: Mapping[Role, RoleProfile], *, writes: bool, judges: bool) -> None:
    if judges and JUDGE not in roles:
        raise ConfigError(
            "no program judges a task of your own, so a language model has to, and none is configured as verifier; "
            "name one with --model, or choose a task of the card"
        )
    if writes and CODER not in roles:
        raise ConfigError(
            "a language model writes the program, and none is configured; name one with --model, or write the program "
            "yourself and give it with --program FILE (docs/skill-programs.md)"
        )


def carry_out_program(
    home: Home, run_id: str, observer: Observer, *, limits: Limits = NO_LIMITS, person: Person = NOBODY
) -> ProgramRecord:
    """Carries the run out, from wherever an earlier sitting stopped.

    Args:
        home: the home folder.
        run_id: what ``begin_program`` returned.
        observer: hears what happens.
        limits: what models may cost from now on; where it says nothing, what the request says.
        person: confirms what only a model has judged; where nobody is there, it stays a draft.

    Returns:
        The stored skill and how it came about; carrying out a finished run changes nothing.

    Raises:
        NotFound: there is no such run.
        ConfigError: another process is working on it.
        BudgetExceeded: a limit does not allow the first question.
        ModelUnavailable: the model cannot be reached, or writes nothing that can be used.
    """
    database = Database.open(home)
    journal = Journal(database)
    run_id = journal.run(run_id).id
    with Journal.lock(home, run_id):
        run = journal.run(run_id)
        settled = run.read_config(SettledProgram)
        settled = settled.model_copy(update={"request": settled.request.limited(limits)})
        artifacts = ArtifactStore(home.artifacts)
        with sitting(journal, run) as clock:
            steps = Steps(journal, run.id, taken=clock.book)
            crew = Crew(request=settled.request, roles=settled.roles, home=home, steps=steps, observer=observer)
            troupe = Troupe(library=Library(database, artifacts), artifacts=artifacts)
            return ProgramMaking(settled, steps, troupe, crew, person=person).make()


def _with_task(card: EnvCard, target: Target) -> tuple[EnvCard, str]:
    """Names the card's task, or adds the person's own, which no program can judge."""
    if target.task is not None:
        return card, target.task
    name = slug(target.text).replace("-", "_")
    name = name if name[:1].isalpha() else f"task_{name}"
    while name in card.tasks:
        name = f"{name}_again"
    own = TaskSpec(text=target.text, fitness=_NO_FITNESS)
    return card.model_copy(update={"tasks": {**card.tasks, name: own}}), name

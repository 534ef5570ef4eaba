"""Makes a skill that is a program: written by a person or a model, tried, judged on held-out episodes, stored."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from skillwright.agents.acting.calls import called_names, pin_calls
from skillwright.agents.acting.coding import ROLE as CODER
from skillwright.agents.acting.performer import Troupe
from skillwright.agents.crew import Crew, settle_roles
from skillwright.agents.program_making import ProgramMaking, ProgramRecord, SettledProgram, usable_skills
from skillwright.agents.run_types import RunRequest
from skillwright.agents.sitting import sitting
from skillwright.agents.targets import find_target
from skillwright.core import ArtifactStore, ConfigError, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs.catalog import find_card
from skillwright.llm import Limits
from skillwright.llm.ledger import NO_LIMITS
from skillwright.rewards.progress import Observer
from skillwright.skills.library import Library, slug

__all__ = ["KIND", "ProgramRequest", "begin_program", "carry_out_program"]

KIND: Final = "program"
"""Kind of the run, in the journal."""


class ProgramRequest(BaseModel):
    """What a person asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    world: str
    """``ENV/TASK``; the task may be left out where there is only one."""
    text: str = ""
    """The task in plain words; empty: the card's."""
    name: str = ""
    """Of the skill; empty: made of the text."""
    source: str | None = None
    """The program, if a person wrote it; none: a language model writes it."""
    seed: int = 0
    num_held_out: int = Field(default=50, ge=1)
    """Held-out episodes on which it is judged."""
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
        ConfigError: the task cannot judge, the name is none, or nobody is there to write the program.
        NotFound: there is no such world, task, model provider or agent profile.
        ProgramRejected: the program is outside the allowed language, or calls a skill that is not there.
        ModelUnavailable: a language model lacks a package, a key or a file.
    """
    target = find_target(request.world, own=None)
    card, text = find_card(target.env), request.text.strip() or target.text
    name = request.name or slug(text)
    if name != slug(name):
        raise ConfigError(f"{name!r} is no name for a skill; use lower-case words with hyphens, such as {slug(name)!r}")
    run = RunRequest(
        text=text,
        env=card.id,
        task=target.task,
        seed=request.seed,
        num_held_out=request.num_held_out,
        model=request.model,
        profile=request.profile,
        max_usd=request.max_usd,
        max_tokens=request.max_tokens,
    )
    roles = settle_roles(run, home) if request.source is None else {}
    database = Database.open(home)
    library = Library(database, ArtifactStore(home.artifacts))
    if request.source is not None:
        pin_calls(called_names(request.source), library)
    elif CODER not in roles:
        raise ConfigError(
            "a language model writes the program, and none is configured; name one with --model, or write the program "
            "yourself and give it with --program FILE (docs/skill-programs.md)"
        )
    elif not usable_skills(library, card):
        raise ConfigError(f"the library has no verified skill in {card.id} that a program could call; make one first")
    settled = SettledProgram(request=run, name=name, source=request.source, card=card, roles=roles)
    return Journal(database).start_run(kind=KIND, config=settled, seed=request.seed).id


def carry_out_program(home: Home, run_id: str, observer: Observer, *, limits: Limits = NO_LIMITS) -> ProgramRecord:
    """Carries the run out, from wherever an earlier sitting stopped.

    Args:
        home: the home folder.
        run_id: what ``begin_program`` returned.
        observer: hears what happens.
        limits: what models may cost from now on; where it says nothing, what the request says.

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
            return ProgramMaking(
                settled, steps, Troupe(library=Library(database, artifacts), artifacts=artifacts), crew
            ).make()

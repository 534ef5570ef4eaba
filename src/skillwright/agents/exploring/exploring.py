"""An agent that learns by itself in one world, until its time, its money or its tasks are used up."""

from typing import Final

from skillwright.agents.crew import Crew, settle_roles
from skillwright.agents.exploring.explorer import Exploration, Explorer, ExploreRequest, Finish, SettledExploration
from skillwright.agents.sitting import sitting
from skillwright.core import (
    ArtifactStore,
    ConfigError,
    Home,
)
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs.catalog import find_card
from skillwright.llm import Limits
from skillwright.llm.ledger import NO_LIMITS
from skillwright.rewards.progress import Observer
from skillwright.skills.library import Library

__all__ = ["KIND", "begin_exploration", "carry_out_exploration"]

KIND: Final = "agent"
"""Kind of the run, in the journal."""


def begin_exploration(home: Home, request: ExploreRequest) -> str:
    """Checks a request and enters it into the journal.

    Args:
        home: the home folder.
        request: what the person asked for.

    Returns:
        The id of the run, for ``carry_out_exploration``.

    Raises:
        ConfigError: a number makes no sense, or the card has no task that can be judged.
        NotFound: there is no such world, model provider or agent profile.
        ModelUnavailable: a language model lacks a package, a key or a file.
    """
    if request.max_seconds <= 0 or (request.max_goals is not None and request.max_goals < 1):
        raise ConfigError("give the agent more than 0 seconds, and at least 1 goal")
    card = find_card(request.run.env)
    if not any(task.success for task in card.tasks.values()):
        raise ConfigError(f"no task of {card.id} has a success program, so an agent could not tell what it has learned")
    roles = settle_roles(request.run, home)
    settled = SettledExploration(request=request.run, explore=request, card=card, roles=roles)
    return Journal(Database.open(home)).start_run(kind=KIND, config=settled, seed=request.run.seed).id


def carry_out_exploration(
    home: Home, run_id: str, observer: Observer, finish: Finish, *, limits: Limits = NO_LIMITS
) -> Exploration:
    """Carries it out, from wherever an earlier sitting stopped.

    Args:
        home: the home folder.
        run_id: what ``begin_exploration`` returned.
        observer: hears what happens.
        finish: takes the record of every run, as soon as it is done.
        limits: what models may cost from now on; where it says nothing, what the request says.

    Returns:
        What was learned; carrying out a finished one changes nothing.

    Raises:
        NotFound: there is no such run.
        ConfigError: another process is working on it.
        KeyboardInterrupt: it was interrupted; it can be resumed.
    """
    database = Database.open(home)
    journal = Journal(database)
    run_id = journal.run(run_id).id
    with Journal.lock(home, run_id):
        run = journal.run(run_id)
        settled = run.read_config(SettledExploration)
        settled = settled.model_copy(update={"request": settled.request.limited(limits)})
        with sitting(journal, run) as clock:
            steps = Steps(journal, run_id, taken=clock.book)
            crew = Crew(request=settled.request, roles=settled.roles, home=home, steps=steps, observer=observer)
            return Explorer(settled, crew, Library(database, ArtifactStore(home.artifacts)), finish).explore()

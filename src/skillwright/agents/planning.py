"""Plans before anything is spent: which world, which sub-tasks, what serves already, and what the rest will take."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from skillwright.agents.crew import Crew, settle_roles
from skillwright.agents.planners.card_planner import CardPlanner
from skillwright.agents.planners.estimate import Estimate, Helpers, Records, estimate_plan
from skillwright.agents.planners.llm_planner import LLMPlanner
from skillwright.agents.planners.protocol import Planner
from skillwright.agents.planners.worlds import World, choose_world
from skillwright.agents.run_types import OWN_WORDS, ModelUse, Plan, RunRequest
from skillwright.core import ArtifactStore, ConfigError, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard
from skillwright.envs.catalog import find_card, list_cards
from skillwright.llm.prices import PriceList
from skillwright.llm.profiles import Role, RoleProfile
from skillwright.llm.spec import parse_specs
from skillwright.rewards.progress import Observer, Silent
from skillwright.skills import Skill
from skillwright.skills.library import Library

__all__ = ["Preview", "find_world", "make_planner", "preview_plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A plan, and what it will take."""

    plan: Plan
    world: World
    reused: Mapping[str, Skill]
    """``name@version`` -> the skill, with its evidence."""
    estimate: Estimate
    spent: tuple[ModelUse, ...]
    """What planning itself has cost."""
    notes: tuple[str, ...]
    """Which planner planned and why, and what the plan needs that is not there."""


class _Asked(BaseModel):
    """What a plan was asked for, as journalled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    request: RunRequest


def find_world(text: str, env: str | None) -> World:
    """Finds the world that a person named, or the one their sentence is about.

    Args:
        text: the sentence.
        env: id of the world; none: chosen among all cards.

    Raises:
        ConfigError: the sentence is empty, no world fits it, or a card has a mistake.
        NotFound: there is no such world.
    """
    if not text.strip():
        raise ConfigError("the task is empty; say in a sentence what is to be done")
    return choose_world(text, list_cards()) if env is None else World(find_card(env), "it was asked for")


def make_planner(crew: Crew, library: Library) -> Planner:
    """Makes the planner of a run: with its language model if the role has one, else by the card.

    Args:
        crew: the language models of the run.
        library: what can be reused.
    """
    by_card = CardPlanner(library, splits=True)
    askers = crew.askers("planner")
    return LLMPlanner(next(iter(askers.values())), library, otherwise=by_card) if askers else by_card


def preview_plan(home: Home, request: RunRequest, world: World, observer: Observer | None = None) -> Preview:
    """Plans a request and estimates what it will take; nothing is trained, and the library stays as it is.

    Where a language model plans, its replies are journalled as a run of the kind ``plan``, as all that is paid for is.

    Args:
        home: the home folder.
        request: what the person asked for; its world is ``world``.
        world: what ``find_world`` gave.
        observer: hears what the model says.

    Raises:
        ConfigError: a name or the agent profile is wrong.
        NotFound: there is no such task, model provider or profile.
        BudgetExceeded: a limit does not allow the question to the model.
        ModelUnavailable: the model cannot be reached, or replies with nothing that is a plan.
        StorageError: the home folder cannot be used.
    """
    database, roles = Database.open(home), settle_roles(request, home)
    library, journal = Library(database, ArtifactStore(home.artifacts)), Journal(database)
    if "planner" in roles:
        steps = Steps(journal, journal.start_run(kind="plan", config=_Asked(request=request), seed=request.seed).id)
        crew = Crew(request=request, roles=roles, home=home, steps=steps, observer=observer or Silent())
        plan, spent = _journalled(crew, library, world.card), tuple(crew.uses())
    else:
        plan, spent = CardPlanner(library, splits=True).plan(request, world.card), ()
    helpers = Helpers(_models(roles, "rewarder"), _models(roles, "verifier"))
    return Preview(
        plan=plan,
        world=world,
        reused={one.reuse: library.get(one.reuse) for one in plan.sub_tasks if one.reuse},
        estimate=estimate_plan(plan, world.card, helpers, Records(library, journal), PriceList.read()),
        spent=spent,
        notes=tuple(_notes(plan, roles)),
    )


def _journalled(crew: Crew, library: Library, card: EnvCard) -> Plan:
    """Plans with a model, and notes how that ended."""
    steps = crew.steps
    is_done, problem = False, "it was interrupted"
    try:
        planner = make_planner(crew, library)
        plan = steps.once("plan", Plan, lambda: planner.plan(crew.request, card))
        is_done = True
    except Exception as error:
        problem = str(error)
        raise
    finally:
        steps.journal.set_status(steps.run_id, "finished" if is_done else "failed", error="" if is_done else problem)
    return plan


def _models(roles: Mapping[Role, RoleProfile], role: Role) -> list[str]:
    return [str(spec) for spec in parse_specs(roles[role].model)] if role in roles else []


def _notes(plan: Plan, roles: Mapping[Role, RoleProfile]) -> list[str]:
    """Says who planned and why, and what is missing."""
    model = roles["planner"].model if "planner" in roles else None
    if plan.planner == LLMPlanner.name:
        notes = [f"{plan.planner} planned with {model}."]
    elif model is None:
        notes = [f"{plan.planner} planned by the words of the card: no language model is configured for planning."]
    else:
        notes = [f"{plan.planner} planned, not {model}: see why below."]
    if "verifier" not in roles and any(one.task == OWN_WORDS for one in plan.sub_tasks):
        notes.append(
            f"A sub-task in {OWN_WORDS} needs a language model that writes what judges it; name one (--model)."
        )
    return notes

"""Begins a run: checks a request whole, fills every default in, and enters it into the journal."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from skillwright.agents.crew import settle_roles
from skillwright.agents.history import read_history
from skillwright.agents.planner import choose_task
from skillwright.agents.preferring import find_preferences
from skillwright.agents.run_sizes import NUM_CANDIDATES, NUM_GENERATIONS, usual_timesteps
from skillwright.agents.run_types import RunRequest
from skillwright.agents.settled import Settled
from skillwright.compute import count_cores
from skillwright.core import ArtifactStore, ConfigError, EnvError, Home, ProgramFailed, ProgramRejected
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.tracing import traced
from skillwright.envs import EnvCard
from skillwright.envs.catalog import find_card, read_reference
from skillwright.learners.devices import settle_device
from skillwright.learners.registry import make_learner
from skillwright.llm.profiles import Role, RoleProfile
from skillwright.rewards.budget import EvolutionConfig, Rollouts, share_out
from skillwright.rewards.experience import require_minari, settle_experience
from skillwright.rewards.judge import Judge
from skillwright.rewards.preferences.sources import load_preference_reward
from skillwright.rewards.proposers import ranked
from skillwright.rewards.proposers.registry import PROPOSERS
from skillwright.rewards.records import Preference, Program, Proposal
from skillwright.rewards.screens.recording import record_random_transitions
from skillwright.rewards.sources import ProgramReward

__all__ = ["begin_run"]

_NUM_INHERITED: Final = 4
"""Rewards that are taken over from an earlier run."""
_NAME_A_MODEL: Final = (
    "name one with --model, SKILLWRIGHT_MODEL or an agent profile (`skillwright models list` shows what is at hand)"
)
_TRIAL_STEPS: Final = 16
"""Env steps on which a card's programs are tried before a run begins."""


@traced("begin")
def begin_run(home: Home, request: RunRequest) -> str:
    """Checks a request whole and enters it into the journal; nothing is trained yet.

    Args:
        home: the home folder.
        request: what the person asked for.

    Returns:
        The id of the run, for ``carry_out_run``.

    Raises:
        ConfigError: the sentence is empty, the card or one of its programs is wrong or does not fit the world, or torch
            does not see the device.
        NotFound: there is no such world, task, run, model provider or agent profile.
        ModelUnavailable: a language model lacks a package, a key or a file.
        BudgetExceeded: the budget is too small for one generation.
        StorageError: the home folder cannot be used.
    """
    _refuse_unreadable(request.text)
    request = request.model_copy(update={"device": settle_device(request.device)})
    card = find_card(request.env)
    request = _settle_experience(home, request, card)
    roles = settle_roles(request, home)
    settled = Settled(
        request=request,
        card=card,
        references=_references(card),
        evolution=_evolution_config(request, card),
        roles=roles,
        proposer=_settle_proposer(request, roles),
        given=_inherit(home, request.from_run, card) if request.from_run else [],
        preference=_settle_preference(home, request, card),
    )
    _refuse_impossible(settled)
    return Journal(Database.open(home)).start_run(kind="run", config=settled, seed=request.seed).id


def _evolution_config(request: RunRequest, card: EnvCard) -> EvolutionConfig:
    """Fills in the defaults and shares the budget out."""
    task = None if request.is_own_task else card.tasks[choose_task(request, card)[0]]
    wanted = EvolutionConfig(
        seed=request.seed,
        num_candidates=_or_default(request.num_candidates, NUM_CANDIDATES),
        num_generations=_or_default(request.num_generations, NUM_GENERATIONS),
        num_held_out=request.num_held_out,
        num_workers=_or_default(request.num_workers, count_cores()),
        has_reference=task is not None and task.reference is not None,
        has_reflection=request.has_reflection,
        has_screens=request.has_screens,
        has_elites=request.has_elites,
        has_diversity=request.has_diversity,
    )
    if not request.has_racing:
        wanted = replace(wanted, heats=())
    rollouts = Rollouts(*(make_learner(card, is_final=final).rollout_timesteps for final in (False, True)))
    total_timesteps = _or_default(request.total_timesteps, usual_timesteps(card))
    return share_out(wanted, total_timesteps, rollouts)


def _settle_proposer(request: RunRequest, roles: Mapping[Role, RoleProfile]) -> str:
    """Decides who writes the rewards, and refuses what cannot work without a language model."""
    name = request.proposer or ("llm" if "rewarder" in roles else "search")
    PROPOSERS.resolve(name)
    if name in ("llm", "both") and "rewarder" not in roles:
        raise ConfigError(f"--proposer {name} asks a language model, and none is configured; {_NAME_A_MODEL}")
    if request.is_own_task and "verifier" not in roles:
        raise ConfigError(
            "a task in your own words needs two programs that judge it, `success` and `fitness`, and no language model "
            f"is configured to write them; {_NAME_A_MODEL}, or write them yourself as a task of a card (docs/cards.md)"
        )
    return name


def _settle_preference(home: Home, request: RunRequest, card: EnvCard) -> Preference | None:
    """Finds the learned preference, and refuses one of another world."""
    if request.preferences is None:
        return None
    sha = find_preferences(home, request.preferences)
    load_preference_reward(ArtifactStore(home.artifacts), sha, card)
    return Preference(model=sha, weight=request.preference_weight)


def _settle_experience(home: Home, request: RunRequest, card: EnvCard) -> RunRequest:
    """Puts the experience aside that the run begins with, and refuses what cannot be kept or is too little."""
    if request.keep_experience_mb is not None:
        require_minari()
    if request.from_experience is None:
        return request
    sha = settle_experience(home, request.from_experience, card, seed=request.seed)
    return request.model_copy(update={"from_experience": sha})


def _inherit(home: Home, run_id: str, card: EnvCard) -> list[Proposal]:
    """Takes over the best rewards of an earlier run, finished or not."""
    journal = Journal(Database.open(home))
    run_id = journal.run(run_id).id
    history = read_history(journal, run_id)
    best = ranked(history.generations)[:_NUM_INHERITED]
    if not best:
        raise ConfigError(f"the run {run_id} has not trained a reward yet; nothing can be taken over from it")
    asked = history.overview.request
    if asked is not None and find_card(asked.env).id != card.id:
        raise ConfigError(f"the run {run_id} was made in {asked.env}; its rewards name fields that {card.id} lacks")
    return [
        Proposal(
            operator="inherited",
            author=f"run {run_id}",
            rationale=f"{one.candidate.id} of the run {run_id}. {one.candidate.rationale}",
            program=one.candidate.program,
        )
        for one in best
    ]


def _refuse_unreadable(text: str) -> None:
    if not text.strip():
        raise ConfigError("the task is empty; say in a sentence what is to be learned")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ConfigError("the task is not valid text; check the terminal's encoding and type it again") from None


def _refuse_impossible(settled: Settled) -> None:
    """Raises what would only come to light in the middle of the run, by trying it on a few random transitions."""
    try:
        transitions = record_random_transitions(settled.card, seed=settled.request.seed, num_steps=_TRIAL_STEPS)
    except EnvError as error:
        raise ConfigError(str(error)) from error
    for task in settled.card.tasks:
        Judge(settled.card, task).score([transitions])
    for task, program in settled.references.items():
        try:
            ProgramReward(settled.card, program).score(transitions)
        except (ProgramRejected, ProgramFailed) as error:
            where = settled.card.tasks[task].reference
            raise ConfigError(f"rewards/{where}: {error}") from error


def _references(card: EnvCard) -> dict[str, Program]:
    sources = {name: read_reference(task) for name, task in card.tasks.items()}
    return {name: Program(source=source) for name, source in sources.items() if source is not None}


def _or_default(value: int | None, default: int) -> int:
    return default if value is None else value

"""Asks which behaviour of a run's policies is the better one, and learns a reward from the answers."""

import re
from typing import Final

from pydantic import BaseModel, ConfigDict

from skillwright.agents.run_types import Plan
from skillwright.core import ArtifactStore, ConfigError, Home, NotFound
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.seeding import derive_seed
from skillwright.core.steps import Steps
from skillwright.envs import EnvCard
from skillwright.learners import Policy
from skillwright.rewards.journalled import read_finals, read_generations
from skillwright.rewards.preferences.collecting import Session
from skillwright.rewards.preferences.episodes import Shelf, record_episodes, record_random_episodes
from skillwright.rewards.preferences.records import FittedPreferences, Footage, Shot
from skillwright.rewards.preferences.replaying import steps_per_second
from skillwright.rewards.records import Trained

__all__ = ["find_preferences", "open_session", "target_of"]

_MODEL: Final = re.compile(r"preferences/\d+/model-\d+")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NUM_POLICIES: Final = 6
"""The run's best policy, its median one, and others evenly between them."""
_NUM_EPISODES: Final = 3
"""Recorded of each policy, and as many of one that acts at random; one of them is held out."""
_CLIP_S: Final = 1.5
"""Length of a clip on the world's own clock; Christiano et al. 2017 show 1 to 2 s."""
_FEWEST_STEPS: Final = 10


class _Config(BaseModel):
    """The part of a run's stored config that says which world it is in."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    card: EnvCard


def open_session(home: Home, run_id: str, *, seed: int) -> Session:
    """Opens a session of choosing between clips of a run's policies; the first time, records their episodes.

    Its entries stand in the journal of the run, so that opening it again goes on where it stopped.

    Args:
        home: the home folder.
        run_id: id of the run, or as much of it as is unique.
        seed: of the session; with another seed, the same run has another session.

    Raises:
        NotFound: there is no such run.
        ConfigError: the run has not trained any policy yet.
        CorruptArtifact: a policy is missing or damaged.
        EnvError: Gymnasium cannot make the world.
        MissingExtra: what recording needs is not installed.
        StorageError: the home folder cannot be used.
    """
    journal = Journal(Database.open(home))
    run = journal.run(run_id)
    card = run.read_config(_Config).card
    shelf = Shelf(ArtifactStore(home.artifacts))
    steps = Steps(journal, run.id)
    prefix = f"preferences/{seed}"
    footage = steps.once(f"{prefix}/footage", Footage, lambda: _record(card, shelf, _policies(journal, run.id), seed))
    return Session(card=card, footage=footage, shelf=shelf, steps=steps, prefix=prefix, seed=seed)


def target_of(session: Session) -> str:
    """Says what ``skillwright evolve`` is to be given to train on with what a session learned.

    Args:
        session: of a run.

    Returns:
        The world, with the task of the run behind it if that is one of the card's.
    """
    plan = session.steps.find("plan", Plan)
    task = plan.sub_tasks[0].task if plan else None
    return f"{session.card.id}/{task}" if task in session.card.tasks else session.card.id


def find_preferences(home: Home, reference: str) -> str:
    """Finds a learned reward by what a person calls it.

    Args:
        home: the home folder.
        reference: SHA-256 of the model's artifact, or id of the run whose clips were chosen from, which means its
            newest model.

    Returns:
        SHA-256 of the model's artifact.

    Raises:
        NotFound: no artifact and no run has this name, or nobody has chosen from the clips of this run.
    """
    if _SHA256.fullmatch(reference):
        if reference in ArtifactStore(home.artifacts):
            return reference
        raise NotFound("preference model", reference)
    journal = Journal(Database.open(home))
    run = journal.run(reference)
    keys = [key for key in journal.keys(run.id) if _MODEL.fullmatch(key)]
    if not keys:
        raise NotFound("preference model", reference, hint=f"make one: skillwright prefer {run.id}")
    fitted = journal.get(run.id, keys[-1], FittedPreferences)
    assert fitted is not None, "a committed entry was lost"
    return fitted.model


def _policies(journal: Journal, run_id: str) -> list[str]:
    """Picks policies of a run: the best, the median, and others evenly between them, by fitness."""
    stages = [*(one.trained for one in read_generations(journal, run_id)), read_finals(journal, run_id)]
    trained = [one for stage in stages for one in stage if one.policy and one.judgement]
    if not trained:
        raise ConfigError(f"run {run_id} has not trained any policy yet; resume it first: skillwright resume {run_id}")
    ranked = list(dict.fromkeys(one.policy for one in sorted(trained, key=_fitness, reverse=True) if one.policy))
    upper = ranked[: len(ranked) // 2 + 1]
    num = min(_NUM_POLICIES, len(upper))
    return [upper[round(place * (len(upper) - 1) / max(1, num - 1))] for place in range(num)]


def _fitness(trained: Trained) -> float:
    assert trained.judgement is not None
    return trained.judgement.fitness


def _record(card: EnvCard, shelf: Shelf, policies: list[str], seed: int) -> Footage:
    clip_steps = _clip_steps(card)
    seeds = [derive_seed(seed, "preferences", "world", number) >> 1 for number in range(_NUM_EPISODES)]
    episodes = record_random_episodes(card, seeds)
    for sha in policies:
        episodes += record_episodes(card, Policy.from_bytes(shelf.store.get(sha)), seeds, player=sha)
    shots = [
        Shot(
            episode=shelf.put(episode),
            num_transitions=episode.block.num_transitions,
            held_out=number % _NUM_EPISODES == _NUM_EPISODES - 1,
        )
        for number, episode in enumerate(episodes)
    ]
    return Footage(shots=shots, clip_steps=clip_steps)


def _clip_steps(card: EnvCard) -> int:
    return min(max(_FEWEST_STEPS, round(_CLIP_S * steps_per_second(card))), card.horizon)

"""Episodes as a dataset of Minari (Farama Foundation, HDF5 and ``metadata.json``), through Minari's own storage.

Minari's ``DataCollector`` needs jax; its storage takes whole arrays and does not. It numbers the episodes of a dataset
from 0 and merges two of one number without a word, so what identifies an episode is its ``uid``.
"""

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import ValidationError

from skillwright.core.errors import ConfigError, MissingExtra
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.rewards.experience.records import EpisodeRecord, LoggedEpisode, card_hash

if TYPE_CHECKING:
    import gymnasium
    from minari import EpisodeData, MinariDataset
    from minari.data_collector import EpisodeBuffer

__all__ = ["DATA", "read_dataset", "require_minari", "write_dataset"]

DATA: Final = "data"
"""Folder of the files within a dataset's own."""
_CARD: Final = "skillwright_card"
_RECORD: Final = "skillwright"


def require_minari() -> None:
    """Refuses to begin what would end without Minari.

    Raises:
        MissingExtra: Minari, or what it writes files with, is not installed.
    """
    for module in ("minari", "h5py", "PIL"):
        if find_spec(module) is None:
            raise MissingExtra(module, "experience")


def write_dataset(place: Path, dataset_id: str, card: EnvCard, episodes: Sequence[LoggedEpisode]) -> None:
    """Writes episodes as one dataset.

    Args:
        place: folder of the dataset; it does not exist.
        dataset_id: ``NAMESPACE/NAME-v0``.
        card: the world.
        episodes: at least one.

    Raises:
        MissingExtra: Minari is not installed.
    """
    require_minari()
    import minari
    from minari.dataset.minari_storage import MinariStorage

    (place / DATA).mkdir(parents=True)
    observation_space, action_space = _spaces(card)
    storage = MinariStorage.new(place / DATA, observation_space, action_space)
    storage.update_metadata(
        {
            "dataset_id": dataset_id,
            "minari_version": minari.__version__,
            "algorithm_name": f"skillwright {card.learner.algorithm}",
            "description": f"Rollouts of reward candidates in {card.id}; rewards are the environment's own.",
            "skillwright_env": card.id,
            _CARD: card_hash(card),
        }
    )
    storage.update_episodes([_buffer(episode) for episode in episodes])
    storage.update_episode_metadata([{_RECORD: episode.record.model_dump_json()} for episode in episodes])


def read_dataset(place: Path, card: EnvCard) -> list[LoggedEpisode]:
    """Reads a dataset that Skillwright kept, or any other one of Minari's in the same world.

    Args:
        place: folder of the dataset.
        card: the world that it must be of.

    Returns:
        Its episodes. One that ends neither by the world nor by a time limit is given as it is.

    Raises:
        ConfigError: it is no dataset, or one of another world.
        MissingExtra: Minari is not installed.
    """
    require_minari()
    import minari

    try:
        dataset = minari.MinariDataset(place / DATA)
        told = json.loads((place / DATA / "metadata.json").read_text(encoding="utf-8"))
        _refuse_other_world(place, dataset, told.get(_CARD), card)
        records = dataset.storage.get_episode_metadata(dataset.episode_indices)
        return [
            LoggedEpisode(_block(episode, card), _read_record(metadata.get(_RECORD), f"{place.name}/{episode.id}"))
            for episode, metadata in zip(dataset, records, strict=True)
        ]
    except (ValueError, KeyError, OSError, AssertionError, ImportError) as error:
        raise ConfigError(f"{place} cannot be read as a Minari dataset: {error}") from error


def _spaces(card: EnvCard) -> tuple["gymnasium.Space[object]", "gymnasium.Space[object]"]:
    from gymnasium.spaces import Box, Discrete

    observation = Box(-np.inf, np.inf, (card.observation_size,), np.float32)
    if card.actions.kind == "discrete":
        return observation, Discrete(card.actions.size)
    low, high = (np.array(bound, np.float32) for bound in card.actions.bounds)
    return observation, Box(low, high, dtype=np.float32)


def _buffer(episode: LoggedEpisode) -> "EpisodeBuffer":
    from minari.data_collector import EpisodeBuffer

    block = episode.block
    return EpisodeBuffer(
        seed=episode.record.world_seed,
        observations=list(np.concatenate([block.observation, block.next_observation[-1:]])),
        actions=list(block.action),
        rewards=list(block.env_reward),
        terminations=list(block.terminated),
        truncations=list(block.truncated),
    )


def _refuse_other_world(place: Path, dataset: "MinariDataset", known: str | None, card: EnvCard) -> None:
    """Field names must mean the same numbers; a dataset of someone else's must at least be of the same Gymnasium id."""
    spec = dataset.env_spec
    sizes = (dataset.observation_space.shape, getattr(dataset.action_space, "n", dataset.action_space.shape))
    expected = card.actions.size if card.actions.kind == "discrete" else (card.actions.size,)
    fits = sizes == ((card.observation_size,), expected)
    is_same = known == card_hash(card) if known else spec is not None and spec.id == card.gymnasium_id
    if not (fits and is_same):
        raise ConfigError(
            f"the experience in {place} is of another world than {card.id}, or of a card with other fields; "
            "name a run or a dataset of this world"
        )


def _read_record(text: str | None, name: str) -> EpisodeRecord:
    if text is None:
        return EpisodeRecord(uid=name)
    try:
        return EpisodeRecord.model_validate_json(text)
    except ValidationError as error:
        raise ConfigError(f"the record of the episode {name} is damaged: {error}") from error


def _block(episode: "EpisodeData", card: EnvCard) -> TransitionBlock:
    observation = np.asarray(episode.observations, np.float32)
    is_discrete = card.actions.kind == "discrete"
    return TransitionBlock(
        observation[:-1],
        np.asarray(episode.actions, np.int64) if is_discrete else np.asarray(episode.actions, np.float32),
        observation[1:],
        np.asarray(episode.terminations, np.bool_),
        np.asarray(episode.truncations, np.bool_),
        np.asarray(episode.rewards, np.float32),
    )

"""Preferences as a reward source: alone, or as one more term beside a program."""

from typing import Final

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.errors import ProgramFailed
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.learners import RewardSource, ScoredBlock
from skillwright.rewards.preferences.model import PreferenceModel

__all__ = ["PREFERENCE_TERM", "BlendedReward", "PreferenceReward", "load_preference_reward"]

PREFERENCE_TERM: Final = "preference"
"""Name of the learned term, in curves and in reflections."""


class PreferenceReward:
    """The reward that an ensemble learned from choices.

    Over the transitions it was fitted to, its mean is 0 and each member's deviation 1.

    Args:
        card: the world.
        model: the ensemble.

    Raises:
        ConfigError: the model is of another world.
    """

    def __init__(self, card: EnvCard, model: PreferenceModel) -> None:
        model.check(card)
        self._card = card
        self._model = model

    def score(self, block: TransitionBlock) -> ScoredBlock:
        """Scores a block; see ``RewardSource.score``."""
        reward = self._model.rewards(self._card, block)
        return ScoredBlock(reward, {PREFERENCE_TERM: reward})


class BlendedReward:
    """The terms of a program and, beside them, a weighted preference.

    Args:
        program: the reward whose terms are kept.
        preference: the reward that becomes the term ``preference``.
        weight: of that term; 1 is one deviation of the learned reward.
    """

    def __init__(self, program: RewardSource, preference: RewardSource, weight: float) -> None:
        self._program = program
        self._preference = preference
        self._weight = weight

    def score(self, block: TransitionBlock) -> ScoredBlock:
        """Scores a block; see ``RewardSource.score``."""
        coded = self._program.score(block)
        if PREFERENCE_TERM in coded.terms:
            raise ProgramFailed(f"a term is called {PREFERENCE_TERM!r}, as the learned preference beside it; rename it")
        learned = (self._weight * self._preference.score(block).reward).astype("float32")
        return ScoredBlock(coded.reward + learned, {**coded.terms, PREFERENCE_TERM: learned})


def load_preference_reward(store: ArtifactStore, sha: str, card: EnvCard) -> RewardSource:
    """Loads a learned reward; needs numpy alone, so any worker can.

    Args:
        store: holds the model.
        sha: what ``FittedPreferences.model`` names.
        card: the world to score.

    Returns:
        The reward.

    Raises:
        CorruptArtifact: the model is missing or damaged.
        ConfigError: it is of another world.
    """
    return PreferenceReward(card, PreferenceModel.from_bytes(store.get(sha)))

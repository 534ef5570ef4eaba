"""Episodes whose fitness is known: what the screens compare rewards with, more of it after every generation."""

from collections.abc import Sequence
from typing import Final

from skillwright.core import ArtifactStore
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.learners import Policy
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.worlds import selection_seeds
from skillwright.rewards.judge import Judge
from skillwright.rewards.records import Generation
from skillwright.rewards.screens.recording import record_random_episodes
from skillwright.rewards.screens.screener import Screener

__all__ = ["Experience"]

_NUM_EPISODES: Final = 4
"""Episodes of each policy that is looked at."""


class Experience:
    """Begins with chance, and goes on with the best and the middle policy of every generation.

    Args:
        card: the world.
        task: name of the card's task.
        seed: of the run.
        store: has the policies.
    """

    def __init__(self, card: EnvCard, task: str, *, seed: int, store: ArtifactStore) -> None:
        self._card = card
        self._judge = Judge(card, task)
        self._seed = seed
        self._store = store
        self._num_told: int | None = None
        """Generations that were told already; none: not even chance was."""

    def tell(self, screener: Screener, history: Sequence[Generation]) -> None:
        """Tells the screens what they do not know yet.

        Args:
            screener: the screens.
            history: all generations so far.
        """
        if self._num_told is None:
            self._judge_for(screener, record_random_episodes(self._card, seed=self._seed))
        for generation in history[self._num_told or 0 :]:
            for episodes in self._play(generation):
                self._judge_for(screener, episodes)
        self._num_told = len(history)

    def _play(self, generation: Generation) -> list[list[TransitionBlock]]:
        judged = [(one.judgement.fitness, one.policy) for one in generation.trained if one.judgement and one.policy]
        if not judged:
            return []
        ordered = [policy for _, policy in sorted(judged, reverse=True)]
        shown = dict.fromkeys([ordered[0], ordered[len(ordered) // 2]])
        policies = [Policy.from_bytes(self._store.get(sha)) for sha in shown]
        return play_episodes(self._card, policies, selection_seeds(_NUM_EPISODES))

    def _judge_for(self, screener: Screener, episodes: Sequence[TransitionBlock]) -> None:
        screener.learn(episodes, [score.fitness for score in self._judge.score(episodes)])

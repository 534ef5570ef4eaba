"""The sparse reward: nothing on the way, and the task's own fitness of the whole episode at its end."""

from dataclasses import dataclass, field

import numpy as np

from skillwright.envs import TransitionBlock
from skillwright.learners import EpisodeScorer, ScoredBlock

__all__ = ["EpisodeFitness"]


@dataclass(slots=True)
class _Episode:
    """An episode, as far as it has come."""

    pieces: list[TransitionBlock] = field(default_factory=list)
    """Its transitions in the blocks before."""
    rows: list[int] = field(default_factory=list)
    """Places of its transitions in the block at hand."""

    def take_in(self, block: TransitionBlock) -> None:
        chosen = np.zeros(block.num_transitions, np.bool_)
        chosen[self.rows] = True
        self.pieces.append(block.at(chosen))
        self.rows = []


_Open = dict[bytes, list[_Episode]]
"""Episodes that have not ended, by the state they are in."""


class EpisodeFitness:
    """Pays the fitness of an episode at its last step, whether the world or the time limit ended it.

    A reward program cannot do this: it sees transitions and neither whole episodes nor the task's judges. So this is a
    reward source of its own. Learners score a rollout at once, in time order; an episode is followed from step to step
    and from rollout to rollout by its states: the state before a step is, bit for bit, the state after the step before
    it. Of two episodes in the same state at the same time either may be the one that goes on.

    Args:
        score_episodes: judges whole episodes.
    """

    def __init__(self, score_episodes: EpisodeScorer) -> None:
        self._score_episodes = score_episodes
        self._open: _Open = {}

    def score(self, block: TransitionBlock) -> ScoredBlock:
        """Scores a block; see ``RewardSource.score``.

        Args:
            block: of one rollout; episodes that none of its transitions continues are forgotten, their worlds are gone.
        """
        reward = np.zeros(block.num_transitions, np.float32)
        ended = self._follow(block)
        if ended:
            scores = self._score_episodes([TransitionBlock.join(episode.pieces) for episode in ended.values()])
            reward[list(ended)] = [score.fitness for score in scores]
        return ScoredBlock(reward, {"fitness": reward})

    def _follow(self, block: TransitionBlock) -> dict[int, _Episode]:
        """Continues episodes; gives those that ended, by the place of their last transition."""
        waiting, self._open = self._open, {}
        last = block.terminated | block.truncated
        seen: dict[int, _Episode] = {}
        ended: dict[int, _Episode] = {}
        for row in range(block.num_transitions):
            state = block.observation[row].tobytes()
            episode = _take(self._open, state) or _take(waiting, state) or _Episode()
            seen[id(episode)] = episode
            episode.rows.append(row)
            if last[row]:
                ended[row] = episode
            else:
                self._open.setdefault(block.next_observation[row].tobytes(), []).append(episode)
        for episode in seen.values():
            episode.take_in(block)
        return ended


def _take(episodes: _Open, state: bytes) -> _Episode | None:
    """Takes the oldest episode in a state."""
    found = episodes.get(state)
    return found.pop(0) if found else None

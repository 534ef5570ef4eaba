"""Screens: cheap reasons not to train a reward program, cheapest first, each with its words."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import ProgramFailed, ProgramRejected
from skillwright.core.seeding import generator
from skillwright.envs import EnvCard, TransitionBlock, make_vector_env
from skillwright.learners.worlds import training_seed
from skillwright.rewards.records import Candidate, Screening
from skillwright.rewards.sources import ProgramReward

__all__ = ["Screener", "record_random_transitions"]

_NUM_ENVS: Final = 16
_SAME: Final = 0.9995
"""Correlation of two rewards from which on they count as the same."""

Check = Callable[[NDArray[np.float32]], str]


class Screener:
    """Remembers the rewards it has accepted, so that no later one repeats them.

    Args:
        card: the world.
        transitions: recorded ones, on which programs are tried.
    """

    def __init__(self, card: EnvCard, transitions: TransitionBlock) -> None:
        self._card = card
        self._transitions = transitions
        self._accepted: dict[str, NDArray[np.float32]] = {}
        self._checks: Sequence[Check] = (self._is_constant, self._is_duplicate)

    def screen(self, candidate: Candidate) -> Screening:
        """Tries a candidate's program.

        Args:
            candidate: the candidate.

        Returns:
            Whether it is worth training, and if not, why.
        """
        try:
            reward = ProgramReward(self._card, candidate.program).score(self._transitions).reward
        except (ProgramRejected, ProgramFailed) as error:
            return Screening(candidate_id=candidate.id, accepted=False, reason=str(error))
        for check in self._checks:
            reason = check(reward)
            if reason:
                return Screening(candidate_id=candidate.id, accepted=False, reason=reason)
        self._accepted[candidate.id] = reward
        return Screening(candidate_id=candidate.id, accepted=True)

    def remember(self, candidate: Candidate) -> None:
        """Takes note of a candidate that was accepted in an earlier sitting of the run.

        Args:
            candidate: an accepted candidate.
        """
        if candidate.id not in self._accepted:
            self._accepted[candidate.id] = ProgramReward(self._card, candidate.program).score(self._transitions).reward

    def _is_constant(self, reward: NDArray[np.float32]) -> str:
        return "the reward is the same for every transition" if float(reward.std()) < 1e-9 else ""

    def _is_duplicate(self, reward: NDArray[np.float32]) -> str:
        for candidate_id, other in self._accepted.items():
            if float(np.corrcoef(reward, other)[0, 1]) > _SAME:
                return f"it rewards the same as {candidate_id}"
        return ""


def record_random_transitions(card: EnvCard, *, seed: int, num_steps: int = 256) -> TransitionBlock:
    """Records transitions under random actions.

    Args:
        card: the world.
        seed: of worlds and actions.
        num_steps: env steps in each of 16 environments.

    Returns:
        The transitions, without reset steps; where episodes are short many of them end one.
    """
    random = generator(seed, "random actions")
    env = make_vector_env(card, [training_seed(seed, env) for env in range(_NUM_ENVS)])
    rows: list[tuple[NDArray[np.generic], ...]] = []
    try:
        observation = env.reset()
        for _ in range(num_steps):
            action = _random_action(card, random)
            batch = env.step(action)
            columns = (
                observation,
                action,
                batch.observation,
                batch.terminated,
                batch.truncated,
                batch.reward,
            )
            rows.append(tuple(column[~batch.is_reset] for column in columns))
            observation = batch.observation
    finally:
        env.close()
    return TransitionBlock(*(np.concatenate(column) for column in zip(*rows, strict=True)))


def _random_action(card: EnvCard, random: np.random.Generator) -> NDArray[np.int64] | NDArray[np.float32]:
    if card.actions.kind == "discrete":
        return random.integers(card.actions.size, size=_NUM_ENVS)
    low, high = card.actions.bounds
    return random.uniform(low, high, (_NUM_ENVS, card.actions.size)).astype(np.float32)

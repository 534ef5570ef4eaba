"""One episode of a world, which several skills may live through one after another."""

from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import Actions, Backend, EnvCard, TransitionBlock, make_vector_env, views
from skillwright.sandbox import State

__all__ = ["Episode", "WorldOver"]


class WorldOver(Exception):
    """Says that the episode has ended, so nothing more can be done in it."""

    is_failure = False


class Episode:
    """One episode, begun from its seed; a context manager.

    Args:
        card: the world.
        seed: of the world, >= 0.
        step_limit: env steps after which the episode is cut off, if the world has not ended it before; it may be more
            than the card's horizon.
        backend: that steps it.
    """

    def __init__(self, card: EnvCard, seed: int, *, step_limit: int, backend: Backend = "auto") -> None:
        self.card = card
        self._step_limit = step_limit
        world = card.model_copy(update={"horizon": max(card.horizon, step_limit)})
        self._env = make_vector_env(world, [seed], backend=backend)
        self.observation = self._env.reset()
        """Shape: (1, observation_size)."""
        self._steps: list[TransitionBlock] = []
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._env.close()

    @property
    def num_steps(self) -> int:
        """Env steps so far."""
        return len(self._steps)

    @property
    def is_over(self) -> bool:
        """Whether the world or the step limit has ended it."""
        return self._is_over

    def step(self, action: Actions) -> None:
        """Does one action.

        Args:
            action: as a policy chose it for one state. Shape: (1,) or (1, num_components).

        Raises:
            WorldOver: the episode has ended already.
        """
        if self._is_over:
            raise WorldOver
        batch = self._env.step(action)
        is_cut_off = self.num_steps + 1 >= self._step_limit and not batch.terminated[0]
        truncated = batch.truncated | is_cut_off
        self._steps.append(
            TransitionBlock(self.observation, action, batch.observation, batch.terminated, truncated, batch.reward)
        )
        self.observation = batch.observation
        self._is_over = bool(batch.terminated[0] or truncated[0])

    def since(self, begin: int) -> TransitionBlock:
        """Gives what has happened.

        Args:
            begin: the env step it begins with; before the newest one.
        """
        return TransitionBlock.join(self._steps[begin:])

    def state(self) -> State:
        """Gives the fields of the present state by name."""
        still = TransitionBlock(
            self.observation,
            np.zeros((1, self.card.actions.size), np.float32)
            if self.card.actions.kind == "continuous"
            else np.zeros(1, np.int64),
            self.observation,
            np.zeros(1, np.bool_),
            np.zeros(1, np.bool_),
            np.zeros(1, np.float32),
        )
        seen, _, _ = views(self.card, still, judge=False)
        return {name: _plain(seen.column(name)[0]) for name in seen.names}


def _plain(value: NDArray[np.float32] | np.float32) -> float | list[float]:
    array = np.asarray(value, np.float64)
    return float(array) if array.ndim == 0 else [float(one) for one in array]

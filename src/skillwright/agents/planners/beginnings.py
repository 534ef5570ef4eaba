"""What the state is where episodes begin, seen in a few of them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skillwright.core import ConfigError, EnvError, MissingExtra
from skillwright.envs import EnvCard, StateView, make_vector_env
from skillwright.learners.worlds import training_seed

__all__ = ["Beginnings", "observe_beginnings"]

_NUM_EPISODES: Final = 16


@dataclass(frozen=True, slots=True)
class Beginnings:
    """The states in which some episodes began."""

    columns: dict[str, NDArray[np.float32]]
    """Name of a field -> its values. Shape: (num_episodes, dim)."""

    def bounds(self, field: str, component: int | None = None) -> tuple[float, float]:
        """Gives the lowest and highest value that was seen.

        Args:
            field: its name.
            component: which part of a field of several dimensions; none: all of them.
        """
        column = self.columns[field] if component is None else self.columns[field][:, component]
        return float(column.min()), float(column.max())


def observe_beginnings(card: EnvCard, *, seed: int = 0) -> Beginnings | None:
    """Begins a few episodes and looks at their first states.

    Args:
        card: the world.
        seed: of the episodes.

    Returns:
        What was seen; none if the world cannot be made on this machine.
    """
    try:
        env = make_vector_env(card, [training_seed(seed, number) for number in range(_NUM_EPISODES)])
    except (ConfigError, EnvError, MissingExtra):
        return None
    try:
        view = StateView("the state", card, env.reset(), {})
    except EnvError:
        return None
    finally:
        env.close()
    return Beginnings({name: view.column(name).reshape(_NUM_EPISODES, -1) for name in card.fields})

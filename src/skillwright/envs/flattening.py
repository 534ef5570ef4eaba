"""Makes one flat observation of what a world shows, also where it shows a dictionary of parts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skillwright.envs.vector import Observations

if TYPE_CHECKING:
    from gymnasium import Space

__all__ = ["RawObservation", "flat_observation", "part_sizes"]

RawObservation = NDArray[np.generic] | Mapping[str, NDArray[np.generic]]
"""An array, or arrays by name; the first axis of each is the copy of the world."""


def flat_observation(observation: RawObservation, keys: Sequence[str] | None, num_envs: int) -> Observations:
    """Puts the parts of an observation one after another.

    Args:
        observation: of all copies of a world.
        keys: names of the parts, in the card's order; none: the observation is an array.
        num_envs: number of copies.

    Returns:
        A contiguous array; it may share the world's memory where that is flat float32 already.
    """
    if keys is None:
        return np.asarray(observation, np.float32).reshape(num_envs, -1)
    assert isinstance(observation, Mapping)
    parts = [np.asarray(observation[key]).reshape(num_envs, -1) for key in keys]
    return np.concatenate(parts, axis=1, dtype=np.float32, casting="same_kind")


def part_sizes(space: "Space[object]") -> dict[str, int]:
    """Lists the named parts of an observation space that are arrays, with their sizes.

    Args:
        space: of one copy of a world.

    Returns:
        Sizes by name; empty if the space is no dictionary.
    """
    parts = getattr(space, "spaces", None)
    if not isinstance(parts, Mapping):
        return {}
    shapes = {str(name): getattr(part, "shape", None) for name, part in parts.items()}
    return {name: int(np.prod(shape)) for name, shape in shapes.items() if shape is not None}

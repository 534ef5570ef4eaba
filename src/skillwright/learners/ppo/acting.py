"""What a vector step needs beside the networks, compiled: on so few rows the calls of numpy themselves would count."""

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import Actions
from skillwright.learners.policy import OBSERVATION_CLIP
from skillwright.learners.ppo.compiling import compiled

__all__ = ["choose", "normalize_all", "steer"]

Float = NDArray[np.float32]

_CLIP = np.float32(OBSERVATION_CLIP)
_ONE = np.float32(1.0)
_HALF = np.float32(0.5)


@compiled
def normalize_all(observation: Float, mean: Float, scale: Float, out: Float) -> None:
    """Normalises and clips observations, as ``policy.normalize`` does.

    Args:
        observation: Shape: (K, M, observation_size).
        mean: Shape: (K, observation_size).
        scale: 1 / deviation. Shape: (K, observation_size).
        out: filled in. Same shape as the observation.
    """
    for k in range(observation.shape[0]):
        for m in range(observation.shape[1]):
            for i in range(observation.shape[2]):
                value = (observation[k, m, i] - mean[k, i]) * scale[k, i]
                out[k, m, i] = min(max(value, -_CLIP), _CLIP)


@compiled
def choose(head: Float, noise: Float, choice: Actions) -> None:
    """Draws choices: the arg-max of logits plus Gumbel noise is a draw from their softmax.

    Args:
        head: logits. Shape: (K, M, action_size).
        noise: Same shape.
        choice: filled in. Shape: (K, M).
    """
    for k in range(head.shape[0]):
        for m in range(head.shape[1]):
            best = 0
            for j in range(1, head.shape[2]):
                if head[k, m, j] + noise[k, m, j] > head[k, m, best] + noise[k, m, best]:
                    best = j
            choice[k, m] = best


@compiled
def steer(head: Float, noise: Float, bounds: Float, value: Actions, within: Actions) -> None:
    """Draws values from Gaussians, and maps them to the bounds as ``policy.to_bounds`` does.

    Args:
        head: means. Shape: (K, M, action_size).
        noise: with the deviation wanted. Same shape.
        bounds: lowest and highest value. Shape: (2, action_size).
        value: filled in, unclipped. Same shape as the head.
        within: filled in, within the bounds. Same shape.
    """
    for k in range(head.shape[0]):
        for m in range(head.shape[1]):
            for j in range(head.shape[2]):
                drawn = head[k, m, j] + noise[k, m, j]
                value[k, m, j] = drawn
                share = (min(max(drawn, -_ONE), _ONE) + _ONE) * _HALF
                within[k, m, j] = bounds[0, j] + share * (bounds[1, j] - bounds[0, j])

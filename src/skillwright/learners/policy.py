"""A trained policy that needs numpy alone: tensors with a JSON header, never pickled code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from skillwright.envs import Actions
from skillwright.learners.tensor_record import read_record, write_record

__all__ = ["OBSERVATION_CLIP", "Policy", "PolicySpec", "normalize", "to_bounds"]

Float = NDArray[np.float32]

OBSERVATION_CLIP: Final = 10.0
"""Largest normalised observation a network sees."""


class PolicySpec(BaseModel):
    """What the tensors of a policy mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["skillwright/mlp-policy-v1"] = "skillwright/mlp-policy-v1"
    env_id: str
    """The world it was trained in."""
    observation_size: int
    action_kind: Literal["discrete", "continuous"]
    num_layers: int
    """Linear layers, named ``weight_0``, ``bias_0``, ..."""
    activation: Literal["tanh", "relu"] = "tanh"
    """What is between them."""
    squash: Literal["clip", "tanh"] = "clip"
    """How a continuous action comes to lie in [-1, 1]; files older than this field are clipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A multi-layer perceptron with its observation normalisation; deterministic."""

    spec: PolicySpec
    """What the tensors mean."""
    tensors: Mapping[str, Float]
    """``mean`` and ``scale`` of the observation, shape (observation_size,); ``weight_i``, shape (in, out); ``bias_i``,
    shape (out,); for a continuous action ``low`` and ``high``, each of shape (num_components,). Beside them may lie
    what the policy explored with, which ``act`` does not read: ``log_std`` in [-1, 1] units, shape (num_components,),
    or, where it depends on the state, ``log_std_weight`` and ``log_std_bias`` beside the last layer's, and the
    ``log_temperature`` that weighed its entropy, shape (1,)."""

    def act(self, observation: Float) -> Actions:
        """Chooses the most likely action.

        Args:
            observation: Shape: (batch, observation_size).

        Returns:
            Choices, shape (batch,), or values within the bounds, shape (batch, num_components).
        """
        hidden = normalize(observation, self.tensors["mean"], self.tensors["scale"])
        for layer in range(self.spec.num_layers):
            hidden = hidden @ self.tensors[f"weight_{layer}"] + self.tensors[f"bias_{layer}"]
            if layer < self.spec.num_layers - 1:
                hidden = np.tanh(hidden) if self.spec.activation == "tanh" else np.maximum(hidden, 0.0)
        if self.spec.action_kind == "discrete":
            choice: NDArray[np.int64] = hidden.argmax(axis=-1)
            return choice
        if self.spec.squash == "tanh":
            hidden = np.tanh(hidden)
        return to_bounds(hidden, self.tensors["low"], self.tensors["high"])

    def to_bytes(self) -> bytes:
        """Writes the policy as one safetensors file with its spec in the header."""
        return write_record(self.tensors, self.spec)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Policy":
        """Reads what ``to_bytes`` wrote.

        Args:
            data: the file's bytes.

        Returns:
            The policy.

        Raises:
            CorruptArtifact: the bytes are not such a file.
        """
        spec, tensors = read_record(PolicySpec, data, name="a policy file")
        return cls(spec=spec, tensors=tensors)


def normalize(observation: Float, mean: Float, scale: Float) -> Float:
    """Normalises observations and clips them to ``±OBSERVATION_CLIP``.

    Args:
        observation: Shape: (..., observation_size).
        mean: broadcastable to it.
        scale: 1 / deviation, broadcastable to it.

    Returns:
        Same shape as the observation.
    """
    clipped: Float = np.clip((observation - mean) * scale, -OBSERVATION_CLIP, OBSERVATION_CLIP)
    return clipped


def to_bounds(action: Float, low: Float, high: Float) -> Float:
    """Clips actions to [-1, 1] and maps them to an environment's bounds.

    Args:
        action: Shape: (..., num_components).
        low: what -1 means. Shape: (num_components,).
        high: what 1 means. Shape: (num_components,).

    Returns:
        Same shape as the action.
    """
    bounded: Float = (low + (np.clip(action, -1.0, 1.0) + 1.0) * 0.5 * (high - low)).astype(np.float32)
    return bounded

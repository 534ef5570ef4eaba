"""A learned reward that needs numpy alone: an ensemble of perceptrons, stored as tensors with a JSON header."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from skillwright.core.errors import ConfigError
from skillwright.envs import EnvCard, TransitionBlock
from skillwright.learners.tensor_record import read_record, write_record
from skillwright.rewards.preferences.features import Scale, features, num_features

__all__ = ["PreferenceModel", "PreferenceSpec"]

Float = NDArray[np.float32]


class PreferenceSpec(BaseModel):
    """What the tensors of a preference model mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["skillwright/preference-reward-v1"] = "skillwright/preference-reward-v1"
    env_id: str
    """The world whose transitions it scores."""
    num_features: int
    num_members: int
    """Perceptrons in the ensemble."""
    num_layers: int
    """Linear layers, named ``weight_0``, ``bias_0``, ...; between them is tanh."""
    num_choices: int
    """Choices it was fitted to."""
    error_rate: float
    """How often whoever chose was taken to err."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceModel:
    """Rewards of transitions: the mean over the ensemble, each member brought to mean 0 and deviation 1 first."""

    spec: PreferenceSpec
    """What the tensors mean."""
    tensors: Mapping[str, Float]
    """``mean`` and ``factor`` of the features, shape (num_features,); ``weight_i``, shape (num_members, in, out);
    ``bias_i``, shape (num_members, 1, out); ``offset`` and ``gain`` of each member's reward, and the ``low`` and
    ``high`` that bound it, shape (num_members, 1)."""

    def member_rewards(self, seen: Float) -> Float:
        """Computes each member's reward.

        Beyond what any member gave to the transitions it was fitted to, its reward goes on level: a policy cannot earn
        more by leaving for where nobody has chosen.

        Args:
            seen: features. Shape: (num_transitions, num_features).

        Returns:
            Shape: (num_members, num_transitions).
        """
        hidden = Scale(self.tensors["mean"], self.tensors["factor"]).apply(seen)[None]
        for layer in range(self.spec.num_layers):
            hidden = hidden @ self.tensors[f"weight_{layer}"] + self.tensors[f"bias_{layer}"]
            if layer < self.spec.num_layers - 1:
                hidden = np.tanh(hidden)
        bounded = np.clip(hidden[..., 0], self.tensors["low"], self.tensors["high"])
        rewards: Float = (bounded - self.tensors["offset"]) * self.tensors["gain"]
        return rewards

    def rewards(self, card: EnvCard, block: TransitionBlock) -> Float:
        """Computes the reward of transitions.

        Args:
            card: the world.
            block: the transitions.

        Returns:
            Mean over the ensemble. Shape: (num_transitions,).
        """
        mean: Float = self.member_rewards(features(card, block)).mean(axis=0, dtype=np.float32)
        return mean

    def check(self, card: EnvCard) -> None:
        """Refuses a card of another world.

        Args:
            card: the world to score.

        Raises:
            ConfigError: the model was fitted to choices in another world.
        """
        if card.id != self.spec.env_id or num_features(card) != self.spec.num_features:
            raise ConfigError(
                f"these preferences were learned in {self.spec.env_id} ({self.spec.num_features} numbers per step); "
                f"they cannot score {card.id} ({num_features(card)})"
            )

    def to_bytes(self) -> bytes:
        """Writes the model as one safetensors file with its spec in the header."""
        return write_record(self.tensors, self.spec)

    @classmethod
    def from_bytes(cls, data: bytes) -> "PreferenceModel":
        """Reads what ``to_bytes`` wrote.

        Args:
            data: the file's bytes.

        Raises:
            CorruptArtifact: the bytes are not such a file.
        """
        spec, tensors = read_record(PreferenceSpec, data, name="a preference model")
        return cls(spec=spec, tensors=tensors)

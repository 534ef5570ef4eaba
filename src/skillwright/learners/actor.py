"""How an actor in training becomes a policy, and how one begins as a policy that was trained before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import ConfigError
from skillwright.envs import EnvCard
from skillwright.learners.policy import Policy, PolicySpec

__all__ = ["Actor"]

Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One candidate's actor: views of its parameters, under the names that a policy's tensors have."""

    action_kind: Literal["discrete", "continuous"]
    activation: Literal["tanh", "relu"]
    squash: Literal["clip", "tanh"]
    layers: Mapping[str, Float]
    """What a policy acts by: ``weight_0``, ``bias_0``, ..."""
    exploration: Mapping[str, Float]
    """What it explores with beside; a policy need not have kept it."""

    @property
    def num_layers(self) -> int:
        """Linear layers; each has a weight and a bias."""
        return len(self.layers) // 2

    def adopt(self, policy: Policy) -> None:
        """Replaces the actor's numbers by a trained policy's; what a policy does not tell of exploration stays.

        Args:
            policy: with the same architecture.

        Raises:
            ConfigError: the architectures differ.
        """
        spec, given = policy.spec, policy.tensors
        if (spec.action_kind, spec.activation, spec.squash) != (self.action_kind, self.activation, self.squash):
            raise ConfigError(
                "cannot start from this policy: another kind of learner trained it, or for another kind of actions"
            )
        known = {**self.layers, **{name: own for name, own in self.exploration.items() if name in given}}
        if spec.num_layers != self.num_layers or any(
            name not in given or given[name].shape != own.shape for name, own in known.items()
        ):
            raise ConfigError("cannot start from this policy: its network has other layers than the learner's")
        for name, own in known.items():
            own[:] = given[name]

    def to_policy(self, card: EnvCard, mean: Float, scale: Float) -> Policy:
        """Copies the actor as a policy.

        Args:
            card: the world it was trained in.
            mean: of its observations. Shape: (observation_size,).
            scale: 1 / deviation of its observations. Shape: (observation_size,).
        """
        parts = {"mean": mean, "scale": scale, **self.layers, **self.exploration}
        tensors = {name: part.copy() for name, part in parts.items()}
        if self.action_kind == "continuous":
            tensors["low"], tensors["high"] = np.array(card.actions.bounds, np.float32)
        spec = PolicySpec(
            env_id=card.id,
            observation_size=card.observation_size,
            action_kind=self.action_kind,
            num_layers=self.num_layers,
            activation=self.activation,
            squash=self.squash,
        )
        return Policy(spec=spec, tensors=tensors)

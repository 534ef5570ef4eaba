"""The contract of the arithmetic of population PPO, behind which a readable reference and a fast kernel stand."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import Actions
from skillwright.learners.ppo.config import PPOConfig
from skillwright.learners.ppo.layout import Layout

__all__ = ["Acts", "Batch", "Engine", "Optimizer", "Sight", "make_engine"]

Float = NDArray[np.float32]

BETA_1 = 0.9
"""Adam's decay of the first moment."""
BETA_2 = 0.999
"""Adam's decay of the second moment."""
EPSILON = 1e-5
"""Adam's ε, as in the authors' code for PPO."""


class Sight(NamedTuple):
    """What the exploring actors go by in one vector step of K candidates with M environments each."""

    observation: Float
    """Shape: (K, M, observation_size)."""
    mean: Float
    """Of the observations. Shape: (K, observation_size)."""
    scale: Float
    """1 / deviation of the observations. Shape: (K, observation_size)."""
    noise: Float
    """Gumbel noise for choices; Gaussian noise with the deviation of the exploration for values. Shape: (K, M,
    action_size)."""
    bounds: Float
    """Of values: the environment's lowest and highest. Shape: (2, action_size)."""


class Acts(NamedTuple):
    """What the actors do in one vector step: places to be filled in, views of any stride."""

    normalized: Float
    """The observation as the networks see it. Shape: (K, M, observation_size)."""
    head: Float
    """Logits, or means. Shape: (K, M, action_size)."""
    action: Actions
    """As sampled: choices, shape (K, M), or unclipped values in [-1, 1] units, shape (K, M, action_size)."""
    env_action: Actions
    """As the environment takes it: the same choices, or values within the bounds."""


class Batch(NamedTuple):
    """What the networks learn from; the first axis is the candidate, the second the transition."""

    observation: Float
    """Normalised; what lies beyond the other columns' length is not looked at. Shape: (K, >= num, observation_size)."""
    action: Actions
    """Choices, shape (K, num), or unclipped values in [-1, 1] units, shape (K, num, action_size)."""
    log_probability: Float
    """Of the action when it was taken. Shape: (K, num), as all below."""
    advantage: Float
    returns: Float
    weight: Float
    """1, or 0 for a reset step."""


@dataclass(slots=True)
class Optimizer:
    """State of Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1), changed in place."""

    first: Float
    """First moment. Shape: (K, size of a candidate's vector)."""
    second: Float
    """Second moment. Same shape."""
    num_steps: int = 0
    """Gradient steps so far."""

    @classmethod
    def create(cls, num_candidates: int, size: int) -> "Optimizer":
        """Makes the state before the first step.

        Args:
            num_candidates: size of the population.
            size: of a candidate's vector.
        """
        return cls(np.zeros((num_candidates, size), np.float32), np.zeros((num_candidates, size), np.float32))


class Engine(Protocol):
    """Computes with the networks of a population, which lie as ``Layout`` says in ``parameters``, shape (K, size)."""

    def act(self, parameters: Float, sight: Sight, acts: Acts) -> None:
        """Runs the actors, and draws their actions: the arg-max of logits plus noise, or means plus noise.

        Args:
            parameters: of all candidates.
            sight: what they go by.
            acts: filled in.
        """
        ...

    def values(self, parameters: Float, observation: Float) -> Float:
        """Runs the critics.

        Args:
            parameters: of all candidates.
            observation: normalised. Shape: (K, num, observation_size).

        Returns:
            Shape: (K, num).
        """
        ...

    def log_probabilities(self, parameters: Float, head: Float, action: Actions) -> Float:
        """Computes the log-probability of actions.

        Args:
            parameters: of all candidates.
            head: logits, or means. Shape: (K, num, action_size).
            action: choices, shape (K, num), or values, shape (K, num, action_size).

        Returns:
            Shape: (K, num).
        """
        ...

    def improve(
        self, parameters: Float, optimizer: Optimizer, batch: Batch, order: NDArray[np.int32], learning_rate: float
    ) -> None:
        """Takes all gradient steps of one rollout, in place.

        Args:
            parameters: of all candidates.
            optimizer: its state.
            batch: the rollout.
            order: in which the transitions are taken, cut into minibatches. Shape: (K, num_epochs, num).
            learning_rate: Adam's step size.
        """
        ...


def make_engine(config: PPOConfig, layout: Layout, device: str) -> Engine:
    """Chooses the engine: the fused kernel on a CPU, torch on any other device or where the config asks for it.

    Args:
        config: what all candidates share.
        layout: of their networks.
        device: ``cpu``, or what torch calls another device.
    """
    if config.engine == "torch" or device != "cpu":
        from skillwright.learners.ppo.torch_engine import TorchEngine

        return TorchEngine(config, layout, device)
    from skillwright.learners.ppo.fused_engine import FusedEngine

    return FusedEngine(config, layout)

"""The worlds of the benchmarks and the hyper-parameters all trainers share there.

They are those of rl-zoo for Stable-Baselines3, or near them, never those our own cards ask for.
"""

from collections.abc import Mapping
from typing import Final

from skillwright.core.config import build_config
from skillwright.envs import EnvCard, find_card
from skillwright.envs.card import LearnerPreset, Scalar
from skillwright.learners.ppo import PPOConfig

__all__ = [
    "CART_POLE",
    "HALF_CHEETAH",
    "HOPPER",
    "LUNAR_LANDER",
    "PENDULUM",
    "Overrides",
    "ppo_card",
    "ppo_config",
    "short_name",
]

CART_POLE: Final = "classic_control/CartPole-v1"
LUNAR_LANDER: Final = "box2d/LunarLander-v3"
PENDULUM: Final = "classic_control/Pendulum-v1"
HOPPER: Final = "mujoco/Hopper-v5"
HALF_CHEETAH: Final = "mujoco/HalfCheetah-v5"

Overrides = dict[str, int]
"""Sizes that differ from a world's usual ones: name in ``PPOConfig`` -> value."""

_PLAIN: Final[Mapping[str, Scalar]] = {
    "anneal_learning_rate": False,
    "normalize_observation": False,
    "normalize_reward": False,
}
_LOCOMOTION: Final[Mapping[str, Scalar]] = {
    "num_envs": 8,
    "num_steps": 256,
    "minibatch_size": 64,
    "num_epochs": 10,
    "learning_rate": 3e-4,
    "gamma": 0.99,
    "gae_lambda": 0.95,
    "normalize_observation": True,
    "normalize_reward": True,
}
_SETTINGS: Final[Mapping[str, Mapping[str, Scalar]]] = {
    CART_POLE: {
        "num_envs": 8,
        "num_steps": 32,
        "minibatch_size": 256,
        "num_epochs": 20,
        "learning_rate": 1e-3,
        "anneal_learning_rate": True,
        "gamma": 0.98,
        "gae_lambda": 0.8,
    },
    LUNAR_LANDER: {
        "num_envs": 16,
        "num_steps": 1024,
        "minibatch_size": 64,
        "num_epochs": 4,
        "learning_rate": 3e-4,
        "gamma": 0.999,
        "gae_lambda": 0.98,
        "entropy_coef": 0.01,
    },
    PENDULUM: {
        "num_envs": 4,
        "num_steps": 1024,
        "minibatch_size": 64,
        "num_epochs": 10,
        "learning_rate": 1e-3,
        "gamma": 0.9,
        "gae_lambda": 0.95,
    },
    HOPPER: _LOCOMOTION,
    HALF_CHEETAH: _LOCOMOTION,
}


def ppo_card(env_id: str, overrides: Overrides) -> EnvCard:
    """Finds a world's card and gives it the shared hyper-parameters.

    Args:
        env_id: one of the worlds above.
        overrides: sizes that differ.

    Raises:
        NotFound: the world has no card.
    """
    settings = {**_PLAIN, **_SETTINGS[env_id], **overrides}
    return find_card(env_id).model_copy(update={"learner": LearnerPreset(settings=settings)})


def ppo_config(card: EnvCard) -> PPOConfig:
    """Reads a card's hyper-parameters.

    Args:
        card: from ``ppo_card``.
    """
    return build_config(PPOConfig, card.learner.settings, where=card.id)


def short_name(env_id: str) -> str:
    """Gives the last part of a world's id.

    Args:
        env_id: such as ``box2d/LunarLander-v3``.
    """
    return env_id.rpartition("/")[2]

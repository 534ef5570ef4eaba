"""A policy as a checkpoint that stable-baselines3 loads: PPO where actions are clipped, SAC where they are squashed."""

import importlib.util
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import MissingExtra
from skillwright.envs import EnvCard
from skillwright.learners.policy import OBSERVATION_CLIP, Policy

if TYPE_CHECKING:
    from gymnasium import Env
    from stable_baselines3 import PPO, SAC

__all__ = ["Checkpoint", "to_sb3"]

Float = NDArray[np.float32]

_UNKNOWN_LOG_STD: Final = -0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A policy in the format of stable-baselines3."""

    algorithm: Literal["PPO", "SAC"]
    """The class whose ``load`` reads it."""
    model: bytes
    """The zip file."""
    normalization: bytes | None
    """A ``VecNormalize`` file for observations; none if the first layer normalises them."""


class _Layers(NamedTuple):
    """Weights, shape (in, out), and biases."""

    weights: list[Float]
    biases: list[Float]


def to_sb3(policy: Policy, card: EnvCard) -> Checkpoint:
    """Writes a checkpoint whose deterministic actions are those of the policy.

    The normalisation is folded into the first layer if the card says that no observation is ever clipped; else it
    lies in a ``VecNormalize`` file beside it, which clips as the policy does.

    Args:
        policy: the policy.
        card: its world.

    Raises:
        MissingExtra: stable-baselines3 is not installed.
    """
    if importlib.util.find_spec("stable_baselines3") is None:
        raise MissingExtra("stable-baselines3", "export")
    spec = policy.spec
    weights, biases = _layers(policy)
    folds = _never_clips(policy, card)
    if folds:
        mean, scale = (policy.tensors[name].astype(np.float64) for name in ("mean", "scale"))
        biases[0] = (biases[0] - (mean * scale) @ weights[0]).astype(np.float32)
        weights[0] = (scale[:, None] * weights[0]).astype(np.float32)
    is_squashed = spec.action_kind == "continuous" and spec.squash == "tanh"
    model = _sac(policy, weights, biases) if is_squashed else _ppo(policy, weights, biases)
    buffer = io.BytesIO()
    model.save(buffer)
    return Checkpoint(
        algorithm="SAC" if is_squashed else "PPO",
        model=buffer.getvalue(),
        normalization=None if folds else _normalization(policy),
    )


def _layers(policy: Policy) -> _Layers:
    """Gives the layers; where actions are clipped, the last one already maps to the world's bounds."""
    spec, tensors = policy.spec, policy.tensors
    weights = [tensors[f"weight_{layer}"] for layer in range(spec.num_layers)]
    biases = [tensors[f"bias_{layer}"] for layer in range(spec.num_layers)]
    if spec.action_kind == "continuous" and spec.squash == "clip":
        half = 0.5 * (tensors["high"] - tensors["low"])
        weights[-1] = (weights[-1] * half).astype(np.float32)
        biases[-1] = (tensors["low"] + (biases[-1] + 1.0) * half).astype(np.float32)
    return _Layers(weights, biases)


def _never_clips(policy: Policy, card: EnvCard) -> bool:
    """Tells whether every observation the card foresees is normalised to less than the clip."""
    low = np.full(card.observation_size, -np.inf)
    high = np.full(card.observation_size, np.inf)
    for field in card.fields.values():
        if field.index is not None:
            low[field.start : field.stop], high[field.start : field.stop] = field.range
    mean, scale = policy.tensors["mean"], policy.tensors["scale"]
    with np.errstate(invalid="ignore", over="ignore"):
        farthest = np.maximum(np.abs(low - mean), np.abs(high - mean)) * scale
    return bool((farthest <= OBSERVATION_CLIP).all())


def _ppo(policy: Policy, weights: list[Float], biases: list[Float]) -> "PPO":
    from stable_baselines3 import PPO
    from stable_baselines3.common.policies import ActorCriticPolicy

    settings = {**_settings(policy, weights, critic="vf"), "log_std_init": _UNKNOWN_LOG_STD}
    env = _spaces(policy)
    model = PPO("MlpPolicy", env, n_steps=2, batch_size=2, policy_kwargs=settings, device="cpu", seed=0)
    assert isinstance(model.policy, ActorCriticPolicy)
    _copy(weights, biases, model.policy.mlp_extractor.policy_net, model.policy.action_net)
    return model


def _sac(policy: Policy, weights: list[Float], biases: list[Float]) -> "SAC":
    from stable_baselines3 import SAC

    settings = _settings(policy, weights, critic="qf")
    model = SAC("MlpPolicy", _spaces(policy), buffer_size=1, policy_kwargs=settings, device="cpu", seed=0)
    _copy(weights, biases, model.actor.latent_pi, model.actor.mu)
    return model


def _settings(policy: Policy, weights: list[Float], *, critic: str) -> dict[str, object]:
    from torch import nn

    kind = nn.Tanh if policy.spec.activation == "tanh" else nn.ReLU
    return {"activation_fn": kind, "net_arch": {"pi": [weight.shape[1] for weight in weights[:-1]], critic: [8]}}


def _copy(weights: list[Float], biases: list[Float], hidden: object, last: object) -> None:
    import torch
    from torch import nn

    assert isinstance(hidden, nn.Module)
    linear = [*(part for part in hidden.children() if isinstance(part, nn.Linear)), last]
    with torch.no_grad():
        for part, weight, bias in zip(linear, weights, biases, strict=True):
            assert isinstance(part, nn.Linear)
            part.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight.T)))
            part.bias.copy_(torch.from_numpy(np.ascontiguousarray(bias)))


def _spaces(policy: Policy) -> "Env[Float, object]":
    """Gives an environment that has the spaces of the policy's world, and nothing else."""
    import gymnasium
    from gymnasium.spaces import Box, Discrete

    env: Env[Float, object] = gymnasium.Env()
    env.observation_space = Box(-np.inf, np.inf, (policy.spec.observation_size,), np.float32)
    if policy.spec.action_kind == "discrete":
        env.action_space = Discrete(policy.tensors[f"bias_{policy.spec.num_layers - 1}"].shape[0])
    else:
        env.action_space = Box(policy.tensors["low"], policy.tensors["high"], dtype=np.float32)
    return env


def _normalization(policy: Policy) -> bytes:
    """Gives the file of a ``VecNormalize``, as that library writes it; nothing here reads one."""
    from stable_baselines3.common.running_mean_std import RunningMeanStd
    from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

    wrapper = VecNormalize(
        DummyVecEnv([lambda: _spaces(policy)]),
        training=False,
        norm_reward=False,
        clip_obs=OBSERVATION_CLIP,
        epsilon=0.0,
    )
    moments = RunningMeanStd(shape=policy.tensors["mean"].shape)
    moments.mean = policy.tensors["mean"].astype(np.float64)
    moments.var = 1.0 / np.square(policy.tensors["scale"].astype(np.float64))
    vars(wrapper)["obs_rms"] = moments
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "normalization"
        wrapper.save(str(place))
        return place.read_bytes()

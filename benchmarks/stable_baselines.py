"""The other side: PPO of Stable-Baselines3 on a CPU, with the vector environment its documentation recommends there."""

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import held_out_returns
from benchmarks.protocol import TrainingRequest
from benchmarks.stopwatch import Stopwatch
from benchmarks.worlds import ppo_config
from skillwright.compute.executor import Report
from skillwright.core.serialising import from_json, to_json
from skillwright.envs import EnvCard
from skillwright.envs.gymnasium_backend import make_gymnasium_env
from skillwright.learners import Policy, PolicySpec
from skillwright.learners.ppo import PPOConfig

if TYPE_CHECKING:
    from stable_baselines3 import PPO  # pyright: ignore[reportMissingImports] - in the extra `bench`
    from stable_baselines3.common.running_mean_std import RunningMeanStd  # pyright: ignore[reportMissingImports]
    from stable_baselines3.common.vec_env import VecEnv  # pyright: ignore[reportMissingImports]

__all__ = ["as_policy", "make_model", "train"]


def train(text: str, _: Report) -> str:
    """Trains one policy; a ``Function`` of ``skillwright.compute``.

    Args:
        text: a ``TrainingRequest`` with one seed.

    Returns:
        A ``Training``.
    """
    import torch

    torch.set_num_threads(1)
    request = from_json(TrainingRequest, text)
    [seed] = request.seeds
    config = ppo_config(request.card)
    stopwatch, model = Stopwatch(request), make_model(request.card, config, seed)

    def on_step(*_: object) -> bool:
        if not stopwatch.is_running and model.num_timesteps > config.rollout_timesteps:
            stopwatch.start(config.rollout_timesteps)  # its first step of the second rollout is a gift
        return True

    model.learn(request.num_rollouts * config.rollout_timesteps, callback=on_step)
    stopwatch.lap(model.num_timesteps)
    policies = [as_policy(model, request.card)] if request.num_held_out else []
    return to_json(stopwatch.read(held_out_returns(request.card, policies, request.num_held_out)))


def as_policy(model: "PPO", card: EnvCard) -> Policy:
    """Copies a trained model's actor, so that both sides are judged by the same code.

    Args:
        model: its networks are tanh perceptrons.
        card: the world.
    """
    from torch.nn import Linear

    modules = [*model.policy.mlp_extractor.policy_net, model.policy.action_net]
    linear = [module for module in modules if isinstance(module, Linear)]
    size = card.observation_size
    tensors: dict[str, NDArray[np.float32]] = {"mean": np.zeros(size, np.float32), "scale": np.ones(size, np.float32)}
    normalizer = model.get_vec_normalize_env()
    if normalizer is not None and normalizer.norm_obs:
        moments = cast("RunningMeanStd", normalizer.obs_rms)
        tensors["mean"] = moments.mean.astype(np.float32)
        tensors["scale"] = (1.0 / np.sqrt(moments.var + normalizer.epsilon)).astype(np.float32)
    for index, layer in enumerate(linear):
        tensors[f"weight_{index}"] = layer.weight.detach().numpy().T.copy()
        tensors[f"bias_{index}"] = layer.bias.detach().numpy().copy()
    if card.actions.kind == "continuous":
        low, high = tensors["low"], tensors["high"] = np.array(card.actions.bounds, np.float32)
        last = len(linear) - 1
        tensors[f"weight_{last}"] *= 2 / (high - low)
        tensors[f"bias_{last}"] = (2 * tensors[f"bias_{last}"] - high - low) / (high - low)
    spec = PolicySpec(
        env_id=card.id,
        observation_size=size,
        action_kind=card.actions.kind,
        num_layers=len(linear),
    )
    return Policy(spec=spec, tensors=tensors)


def make_model(card: EnvCard, config: PPOConfig, seed: int) -> "PPO":
    """Makes the trainer with its worlds.

    Args:
        card: the world.
        config: the hyper-parameters.
        seed: of everything random.
    """
    from stable_baselines3 import PPO  # pyright: ignore[reportMissingImports]

    rate, sizes = config.learning_rate, list(config.hidden_sizes)
    return PPO(
        "MlpPolicy",
        _make_env(card, config, seed),
        learning_rate=(lambda remaining: rate * remaining) if config.anneal_learning_rate else rate,
        n_steps=config.num_steps,
        batch_size=config.minibatch_size,
        n_epochs=config.num_epochs,
        gamma=config.gamma,
        gae_lambda=config.gae_lambda,
        clip_range=config.clip_range,
        ent_coef=config.entropy_coef,
        vf_coef=config.value_coef,
        max_grad_norm=config.max_grad_norm,
        policy_kwargs={"net_arch": {"pi": sizes, "vf": sizes}},
        seed=seed,
        device="cpu",
    )


def _make_env(card: EnvCard, config: PPOConfig, seed: int) -> "VecEnv":
    from stable_baselines3.common.env_util import make_vec_env  # pyright: ignore[reportMissingImports]
    from stable_baselines3.common.vec_env import VecNormalize  # pyright: ignore[reportMissingImports]

    env = make_vec_env(lambda: make_gymnasium_env(card), n_envs=config.num_envs, seed=seed)
    if not (config.normalize_observation or config.normalize_reward):
        return env
    return VecNormalize(
        env, norm_obs=config.normalize_observation, norm_reward=config.normalize_reward, gamma=config.gamma
    )

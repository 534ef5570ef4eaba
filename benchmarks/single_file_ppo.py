"""PPO on one page, in the style of CleanRL: Gymnasium's SyncVectorEnv, torch and nothing else. A yardstick, no product.

Schulman et al. 2017, arXiv:1707.06347, algorithm 1, with the details of Huang et al. 2022, "The 37 implementation
details of PPO", that CleanRL has too. Deviation: a time limit ends an episode as a terminal state does.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.wrappers import NormalizeObservation, NormalizeReward, TransformObservation, TransformReward
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributions import Categorical, Distribution, Independent, Normal

from benchmarks.protocol import TrainingRequest
from benchmarks.stopwatch import Stopwatch
from benchmarks.worlds import ppo_config
from skillwright.compute.executor import Report
from skillwright.core.serialising import from_json, to_json
from skillwright.envs import EnvCard
from skillwright.envs.gymnasium_backend import make_gymnasium_env
from skillwright.learners.ppo import PPOConfig

__all__ = ["train"]

Env = gymnasium.Env[NDArray[np.generic], object]
Envs = VectorEnv[NDArray[np.generic], NDArray[np.generic], NDArray[np.generic]]


def train(text: str, _: Report) -> str:
    """Trains one policy; a ``Function`` of ``skillwright.compute``.

    Args:
        text: a ``TrainingRequest`` with one seed.

    Returns:
        A ``Training``.
    """
    torch.set_num_threads(1)
    request = from_json(TrainingRequest, text)
    [seed], config, stopwatch = request.seeds, ppo_config(request.card), Stopwatch(request)
    torch.manual_seed(seed)
    makers = [lambda: _make_env(request.card, config)] * config.num_envs
    envs: Envs = SyncVectorEnv(makers, autoreset_mode=AutoresetMode.SAME_STEP)
    _learn(envs, config, seed, request.num_rollouts, stopwatch.lap)
    return to_json(stopwatch.read())


def _make_env(card: EnvCard, config: PPOConfig) -> Env:
    env: Env = make_gymnasium_env(card)
    if config.normalize_observation:
        env = NormalizeObservation(env)
        env = TransformObservation(env, lambda seen: np.clip(seen, -10.0, 10.0), env.observation_space)
    if config.normalize_reward:
        env = NormalizeReward(env, gamma=config.gamma)
        env = TransformReward(env, lambda reward: min(max(float(reward), -10.0), 10.0))
    return env


class _Agent(nn.Module):
    """An actor and a critic with separate layers."""

    def __init__(self, envs: Envs, hidden_sizes: tuple[int, ...]) -> None:
        super().__init__()
        space = envs.single_action_space
        self.is_discrete = isinstance(space, gymnasium.spaces.Discrete)
        num_in = int(np.prod(envs.single_observation_space.shape or ()))
        num_out = int(space.n) if isinstance(space, gymnasium.spaces.Discrete) else int(np.prod(space.shape or ()))
        self.actor = _perceptron((num_in, *hidden_sizes, num_out), gain=0.01)
        self.critic = _perceptron((num_in, *hidden_sizes, 1), gain=1.0)
        self.log_std = nn.Parameter(torch.zeros(num_out))

    def distribution(self, observation: Tensor) -> Distribution:
        head = self.actor(observation)
        return Categorical(logits=head) if self.is_discrete else Independent(Normal(head, self.log_std.exp()), 1)

    def value(self, observation: Tensor) -> Tensor:
        value: Tensor = self.critic(observation).squeeze(-1)
        return value


def _perceptron(sizes: tuple[int, ...], *, gain: float) -> nn.Sequential:
    modules: list[nn.Module] = []
    for index, (num_in, num_out) in enumerate(pairwise(sizes)):
        linear = nn.Linear(num_in, num_out)
        is_last = index == len(sizes) - 2
        nn.init.orthogonal_(linear.weight, gain if is_last else 2**0.5)
        nn.init.zeros_(linear.bias)
        modules += [linear] if is_last else [linear, nn.Tanh()]
    return nn.Sequential(*modules)


class _Rollout(NamedTuple):
    """What one rollout gave; the first axis is the step, the second the environment."""

    observation: Tensor
    action: Tensor
    log_probability: Tensor
    value: Tensor
    reward: Tensor
    ended: Tensor


def _learn(envs: Envs, config: PPOConfig, seed: int, num_rollouts: int, lap: Callable[[int], None]) -> None:
    agent = _Agent(envs, config.hidden_sizes)
    optimizer = torch.optim.Adam(agent.parameters(), lr=config.learning_rate, eps=1e-5)
    observation = torch.as_tensor(envs.reset(seed=seed)[0], dtype=torch.float32)
    for index in range(num_rollouts):
        if config.anneal_learning_rate:
            optimizer.param_groups[0]["lr"] = config.learning_rate * (1.0 - index / num_rollouts)
        rollout, observation = _collect(envs, agent, observation, config.num_steps)
        with torch.no_grad():
            advantage = _advantages(rollout, agent.value(observation), config)
        _improve(agent, optimizer, rollout, advantage, config)
        lap((index + 1) * config.rollout_timesteps)
    envs.close()


def _collect(envs: Envs, agent: _Agent, observation: Tensor, num_steps: int) -> tuple[_Rollout, Tensor]:
    steps, space = [], envs.single_action_space
    for _ in range(num_steps):
        with torch.no_grad():
            distribution = agent.distribution(observation)
            action = distribution.sample()
            log_probability, value = distribution.log_prob(action), agent.value(observation)
        taken = action.numpy()
        if isinstance(space, gymnasium.spaces.Box):
            taken = np.clip(taken, space.low, space.high)
        following, reward, terminated, truncated, _ = envs.step(taken)
        ended = torch.as_tensor(np.logical_or(terminated, truncated), dtype=torch.float32)
        rewarded = torch.as_tensor(reward, dtype=torch.float32)
        steps.append(_Rollout(observation, action, log_probability, value, rewarded, ended))
        observation = torch.as_tensor(following, dtype=torch.float32)
    return _Rollout(*(torch.stack(column) for column in zip(*steps, strict=True))), observation


def _advantages(rollout: _Rollout, last_value: Tensor, config: PPOConfig) -> Tensor:
    """Computes generalised advantages (Schulman et al. 2016, arXiv:1506.02438, equation 16)."""
    advantage, following, next_value = torch.zeros_like(rollout.reward), torch.zeros_like(last_value), last_value
    for step in reversed(range(len(advantage))):
        goes_on = 1.0 - rollout.ended[step]
        delta = rollout.reward[step] + config.gamma * next_value * goes_on - rollout.value[step]
        following = delta + config.gamma * config.gae_lambda * goes_on * following
        advantage[step], next_value = following, rollout.value[step]
    return advantage


def _improve(
    agent: _Agent, optimizer: torch.optim.Adam, rollout: _Rollout, advantage: Tensor, config: PPOConfig
) -> None:
    flat = _Rollout(*(column.flatten(0, 1) for column in rollout))
    advantages, returns = advantage.flatten(), (advantage + rollout.value).flatten()
    for _ in range(config.num_epochs):
        for chosen in torch.randperm(len(returns)).split(config.minibatch_size):
            distribution = agent.distribution(flat.observation[chosen])
            ratio = (distribution.log_prob(flat.action[chosen]) - flat.log_probability[chosen]).exp()
            normal = (advantages[chosen] - advantages[chosen].mean()) / (advantages[chosen].std() + 1e-8)
            clipped = ratio.clamp(1.0 - config.clip_range, 1.0 + config.clip_range)
            surrogate = torch.min(ratio * normal, clipped * normal).mean()
            miss = (agent.value(flat.observation[chosen]) - returns[chosen]).square().mean()
            entropy = distribution.entropy().mean()
            loss = -surrogate + config.value_coef * miss - config.entropy_coef * entropy
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), config.max_grad_norm)
            optimizer.step()

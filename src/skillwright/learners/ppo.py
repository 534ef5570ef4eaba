"""Population PPO: K policies that share world and architecture and differ in reward and seed, trained together.

Proximal policy optimisation after Schulman et al. 2017 (arXiv:1707.06347). Per candidate and minibatch the loss is

    L(θ) = −mean[min(ρₜ Âₜ, clip(ρₜ, 1−ε, 1+ε) Âₜ)] + c_v · mean[(V(sₜ) − Rₜ)²] − c_e · mean[H(π(·|sₜ))]   (eq. 7, 9)

with ρₜ = π(aₜ|sₜ) / π_old(aₜ|sₜ), advantages normalised per minibatch, and the gradient's norm clipped per candidate.

Deviations: rewards are computed after the rollout, on the whole block, because a reward does not change the dynamics;
observation and return statistics are updated once per rollout and frozen inside it; actions of a continuous policy are
in [-1, 1] units and mapped to the card's bounds; reset steps carry weight 0 in every mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from skillwright.core.config import build_config
from skillwright.core.errors import ProgramFailed
from skillwright.core.seeding import generator
from skillwright.envs import EnvCard, make_vector_env
from skillwright.learners.advantage import Discount, generalized_advantages
from skillwright.learners.curve import CurveRecorder
from skillwright.learners.networks import ActorCritic, Shape
from skillwright.learners.normalization import RewardScaler, RunningMoments
from skillwright.learners.policy import Policy, PolicySpec
from skillwright.learners.ppo_config import PPOConfig
from skillwright.learners.problem import Entrant, Problem, TrainedPolicy, TrainingPlan
from skillwright.learners.racing import Race
from skillwright.learners.rollout import Collector, Rollout
from skillwright.learners.worlds import training_seed

__all__ = ["PopulationPPO", "policy_loss"]

Float = NDArray[np.float32]


class Batch(NamedTuple):
    """What the networks learn from; the first axis is the candidate, the second the transition."""

    observation: Tensor
    """Normalised. Shape: (K, num, observation_size)."""
    action: Tensor
    """Shape: (K, num) or (K, num, action_size)."""
    log_probability: Tensor
    """Of the action when it was taken. Shape: (K, num), as all below."""
    advantage: Tensor
    returns: Tensor
    weight: Tensor
    """1, or 0 for a reset step."""


class PopulationPPO:
    """Trains K candidates in one call; see the module's docstring for the algorithm.

    Args:
        config: what all candidates share.
    """

    def __init__(self, config: PPOConfig) -> None:
        self.config = config

    @classmethod
    def create(cls, settings: Mapping[str, object], *, where: str) -> "PopulationPPO":
        """Makes the learner from the settings that differ from its defaults.

        Args:
            settings: name -> value of ``PPOConfig``.
            where: the settings' origin, named in errors.

        Raises:
            ConfigError: a setting is unknown or has no sensible value.
        """
        return cls(build_config(PPOConfig, settings, where=where))

    @property
    def rollout_timesteps(self) -> int:
        """Env steps per candidate between two updates; budgets are rounded to them."""
        return self.config.rollout_timesteps

    def train(self, problem: Problem, entrants: Sequence[Entrant], plan: TrainingPlan) -> list[TrainedPolicy]:
        """Trains one policy per entrant; see ``Learner.train``."""
        torch.set_num_threads(1)
        population = _Population(self.config, problem, entrants)
        num_updates = max(1, round(plan.total_timesteps / self.config.rollout_timesteps))
        try:
            for update in range(1, num_updates + 1):
                population.improve(progress=(update - 1) / num_updates)
                plan.report(population.spent, population.best_fitness())
                if plan.race.ends_at(update, num_updates):
                    population.narrow(plan.race)
            return population.finish()
        finally:
            population.close()


class _Population:
    """K candidates in the middle of their training.

    Lists and stacked arrays are in the order of ``members``, which names the entrants still in the race.
    """

    def __init__(self, config: PPOConfig, problem: Problem, entrants: Sequence[Entrant]) -> None:
        card = problem.card
        self.config = config
        self.problem = problem
        self.card = card
        self.members = list(range(len(entrants)))
        self.rewards = [entrant.reward for entrant in entrants]
        self.seeds = [entrant.seed for entrant in entrants]
        self.failures = [""] * len(entrants)
        self.finished: dict[int, TrainedPolicy] = {}
        self.timesteps = 0
        self.spent = 0
        shape = Shape(card.observation_size, card.actions.size, card.actions.kind == "discrete", config.hidden_sizes)
        self.networks = ActorCritic(shape, [generator(seed, "weights") for seed in self.seeds])
        self.optimizer = self._make_optimizer()
        self.moments = RunningMoments(len(entrants), (card.observation_size,))
        self.scaler = RewardScaler(len(entrants), config.num_envs, config.gamma)
        self.shufflers = [generator(seed, "shuffle") for seed in self.seeds]
        self.curves = [CurveRecorder(config.num_envs, problem.score_episode) for _ in entrants]
        self._enter_worlds(heat=0)

    def _enter_worlds(self, heat: int) -> None:
        """Makes the environments of all members anew; each heat has worlds and exploration of its own."""
        num_envs = self.config.num_envs
        worlds = [training_seed(seed, heat * num_envs + env) for seed in self.seeds for env in range(num_envs)]
        self.env = make_vector_env(self.card, worlds, backend=self.problem.backend)
        self.heat = heat
        self.collector = Collector(self.card, self.env, [generator(seed, "exploration", heat) for seed in self.seeds])

    def _make_optimizer(self) -> torch.optim.Adam:
        return torch.optim.Adam(self.networks.parameters, lr=self.config.learning_rate, eps=1e-5, fused=True)

    def improve(self, *, progress: float) -> None:
        """Collects one rollout, scores it, and updates every candidate."""
        mean, scale = self._observation_statistics()
        rollout = self.collector.collect(self.networks, self.config.num_steps, mean=mean, scale=scale)
        self.timesteps += self.config.rollout_timesteps
        self.spent += self.config.rollout_timesteps * len(self.members)
        reward = self._score(rollout)
        batch = self._prepare(rollout, reward)
        if self.config.normalize_observation:
            self._observe(rollout)
        self._update(batch, self.config.learning_rate * (1.0 - progress * self.config.anneal_learning_rate))

    def best_fitness(self) -> float | None:
        """Gives the best member's mean fitness over its newest training episodes; none before one has ended."""
        return max((value for value in self._fitness() if value is not None), default=None)

    def narrow(self, race: Race) -> None:
        """Ends a heat: the best members go on in fresh worlds, the others finish."""
        kept = race.survivors(self._fitness())
        if len(kept) == len(self.members):
            return
        dropped = [position for position in range(len(self.members)) if position not in kept]
        self._finish(dropped, f"dropped after {self.timesteps:,} env steps: {len(kept)} others had a higher fitness")
        self.networks, old = self.networks.select(kept), self.networks
        self.optimizer, was = self._make_optimizer(), self.optimizer
        for parameter, former in zip(self.networks.parameters, old.parameters, strict=True):
            state = was.state[former]
            moments = {name: state[name][kept].clone() for name in ("exp_avg", "exp_avg_sq")}
            self.optimizer.state[parameter] = {"step": state["step"].clone(), **moments}
        self.moments, self.scaler = self.moments.select(kept), self.scaler.select(kept)
        for name in ("members", "rewards", "seeds", "failures", "shufflers", "curves"):
            setattr(self, name, [getattr(self, name)[position] for position in kept])
        for curve in self.curves:
            curve.forget_unfinished_episodes()
        self.env.close()
        self._enter_worlds(self.heat + 1)

    def finish(self) -> list[TrainedPolicy]:
        """Ends the training.

        Returns:
            What every entrant has become, in the order in which they entered.
        """
        self._finish(range(len(self.members)), "")
        return [self.finished[member] for member in sorted(self.finished)]

    def _finish(self, positions: Iterable[int], dropped: str) -> None:
        mean, scale = self._observation_statistics()
        for position in positions:
            failure = self.failures[position]
            self.finished[self.members[position]] = TrainedPolicy(
                policy=None if failure else self._policy(position, mean[position], scale[position]),
                timesteps=self.timesteps,
                curve=self.curves[position].points,
                failure=failure,
                dropped="" if failure else dropped,
            )

    def _fitness(self) -> list[float | None]:
        """Gives each member's newest fitness; none for a failed one."""
        pairs = zip(self.curves, self.failures, strict=True)
        return [None if failure else curve.newest_fitness() for curve, failure in pairs]

    def close(self) -> None:
        """Frees the environments."""
        self.env.close()

    def _observation_statistics(self) -> tuple[Float, Float]:
        return self.moments.mean.astype(np.float32), self.moments.scale

    def _observe(self, rollout: Rollout) -> None:
        size = len(self.rewards)
        samples = np.moveaxis(rollout.observation[:-1], 1, 0).reshape(size, -1, self.card.observation_size)
        live = np.moveaxis(~rollout.is_reset, 1, 0).reshape(size, -1)
        self.moments.update(samples, live)

    def _score(self, rollout: Rollout) -> Float:
        """Computes every candidate's reward; a source that fails ends its candidate with a reason."""
        reward = np.zeros(rollout.env_reward.shape, np.float32)
        for index, source in enumerate(self.rewards):
            transitions, is_reset = rollout.transitions(index), rollout.is_reset[:, index]
            terms: Mapping[str, Float] = {}
            if not self.failures[index]:
                try:
                    scored = source.score(transitions.at(~is_reset))
                    reward[:, index][~is_reset], terms = scored.reward, scored.terms
                except ProgramFailed as error:
                    self.failures[index] = str(error)
            curve = self.curves[index]
            curve.record(transitions, is_reset, terms)
            curve.close_stretch(self.timesteps)
        return reward

    def _prepare(self, rollout: Rollout, reward: Float) -> Batch:
        ended = rollout.terminated | rollout.truncated
        if self.config.normalize_reward:
            reward = self.scaler.scale(reward, ended=ended, live=~rollout.is_reset)
        with torch.no_grad():
            num_states, size, num_envs = rollout.normalized.shape[:3]
            value = self.networks.values(_by_candidate(rollout.normalized)).numpy()
            value = value.reshape(size, num_states, num_envs).transpose(1, 0, 2)
            head, action = _by_candidate(rollout.head), _by_candidate(rollout.action)
            log_probability, _ = self.networks.log_probability(head, action)
        discount = Discount(self.config.gamma, self.config.gae_lambda)
        estimate = generalized_advantages(reward, value, terminated=rollout.terminated, ended=ended, discount=discount)
        return Batch(
            _by_candidate(rollout.normalized[:-1]),
            action,
            log_probability,
            _by_candidate(estimate.advantage),
            _by_candidate(estimate.returns),
            _by_candidate((~rollout.is_reset).astype(np.float32)),
        )

    def _update(self, batch: Batch, learning_rate: float) -> None:
        num = batch.weight.shape[1]
        self.optimizer.param_groups[0]["lr"] = learning_rate
        offsets = torch.arange(len(self.rewards)).unsqueeze(1) * num
        for _ in range(self.config.num_epochs):
            order = torch.from_numpy(np.stack([shuffler.permutation(num) for shuffler in self.shufflers])) + offsets
            for begin in range(0, num, self.config.minibatch_size):
                chosen = order[:, begin : begin + self.config.minibatch_size]
                loss = policy_loss(self.networks, _take(batch, chosen), self.config).sum()
                self.optimizer.zero_grad(set_to_none=True)
                torch.autograd.backward(loss)
                _clip_per_candidate(self.networks.parameters, self.config.max_grad_norm)
                self.optimizer.step()

    def _policy(self, index: int, mean: Float, scale: Float) -> Policy:
        actor = self.networks.actor
        tensors = {"mean": mean, "scale": scale}
        for layer, (weight, bias) in enumerate(zip(actor.weights, actor.biases, strict=True)):
            tensors[f"weight_{layer}"] = weight[index].detach().numpy().copy()
            tensors[f"bias_{layer}"] = bias[index, 0].detach().numpy().copy()
        if self.card.actions.kind == "continuous":
            tensors["low"], tensors["high"] = np.array(self.card.actions.bounds, np.float32)
        return Policy(spec=_policy_spec(self.card, len(actor.weights)), tensors=tensors)


def policy_loss(networks: ActorCritic, batch: Batch, config: PPOConfig) -> Tensor:
    """Computes the PPO loss of every candidate on a minibatch.

    Args:
        networks: the population.
        batch: the minibatch.
        config: ε, c_v and c_e.

    Returns:
        Shape: (num_candidates,).
    """
    weight = batch.weight / batch.weight.sum(1, keepdim=True).clamp(min=1.0)
    advantage = _standardize(batch.advantage, weight)
    head = networks.actor.forward(batch.observation)
    log_probability, entropy = networks.log_probability(head, batch.action)
    ratio = torch.exp(log_probability - batch.log_probability)
    clipped = ratio.clamp(1.0 - config.clip_range, 1.0 + config.clip_range)
    surrogate = torch.minimum(ratio * advantage, clipped * advantage)
    error = (networks.values(batch.observation) - batch.returns).square()
    loss = config.value_coef * error - surrogate - config.entropy_coef * entropy
    return (loss * weight).sum(1)


def _standardize(advantage: Tensor, weight: Tensor) -> Tensor:
    centred = advantage - (advantage * weight).sum(1, keepdim=True)
    deviation = (centred.square() * weight).sum(1, keepdim=True).sqrt()
    return centred / (deviation + 1e-8)


def _clip_per_candidate(parameters: Sequence[Tensor], max_norm: float) -> None:
    """Scales each candidate's gradient to at most ``max_norm``."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = torch.stack([gradient.square().sum((1, 2)) for gradient in gradients]).sum(0).sqrt()
    factor = (max_norm / (norm + 1e-6)).clamp(max=1.0).view(-1, 1, 1)
    for gradient in gradients:
        gradient.mul_(factor)


def _take(batch: Batch, chosen: Tensor) -> Batch:
    """Picks each candidate's own transitions; ``chosen`` indexes the flattened (K · num) axis."""
    flat = chosen.reshape(-1)
    return Batch(
        *(column.flatten(0, 1).index_select(0, flat).view(*chosen.shape, *column.shape[2:]) for column in batch)
    )


def _by_candidate(array: NDArray[np.generic]) -> Tensor:
    """Turns (num_steps, K, M, ...) into a tensor of shape (K, num_steps · M, ...)."""
    moved = np.ascontiguousarray(np.moveaxis(array, 1, 0))
    return torch.from_numpy(moved.reshape(moved.shape[0], -1, *moved.shape[3:]))


def _policy_spec(card: EnvCard, num_layers: int) -> PolicySpec:
    return PolicySpec(
        env_id=card.id,
        observation_size=card.observation_size,
        action_kind=card.actions.kind,
        num_layers=num_layers,
    )

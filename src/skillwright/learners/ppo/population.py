"""K candidates in the middle of their training: what they are, and how one rollout makes them better."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from skillwright.core.seeding import generator
from skillwright.envs import Actions, TransitionBlock, VectorEnv
from skillwright.learners.actor import Actor
from skillwright.learners.advantage import Discount, generalized_advantages
from skillwright.learners.contest import Contest, Member
from skillwright.learners.normalization import RewardScaler
from skillwright.learners.ppo.collector import Collector, Rollout, Statistics
from skillwright.learners.ppo.config import PPOConfig
from skillwright.learners.ppo.engine import Batch, Optimizer, make_engine
from skillwright.learners.ppo.layout import Layout, Shape
from skillwright.learners.problem import Entrant, Problem
from skillwright.learners.scoring import score

__all__ = ["Population"]

Float = NDArray[np.float32]
Array = TypeVar("Array", Float, NDArray[np.bool_], Actions)


class Population(Contest):
    """The members of a race; the first axis of every array is the member.

    Args:
        config: what all candidates share.
        problem: the world and its judges.
        entrants: the candidates.
        device: where the networks are computed, as torch names it.

    Raises:
        ConfigError: an entrant starts from a policy of another architecture.
    """

    def __init__(self, config: PPOConfig, problem: Problem, entrants: Sequence[Entrant], device: str) -> None:
        super().__init__(problem, entrants, config)
        card = problem.card
        self._config = config
        self._layout = Layout(
            Shape(card.observation_size, card.actions.size, card.actions.kind == "discrete", config.hidden_sizes)
        )
        self._engine = make_engine(config, self._layout, device)
        self.parameters = self._layout.initialize([generator(entrant.seed, "weights") for entrant in entrants])
        """The members' networks, as the layout says. Shape: (K, size)."""
        self.adopt_starts(self._layout.actor_in(vector) for vector in self.parameters)
        self.optimizer = Optimizer.create(*self.parameters.shape)
        self.scaler = RewardScaler(len(entrants), config.num_envs, config.gamma)

    def begin_stretch(self, env: VectorEnv) -> None:
        """Takes over fresh worlds; see ``Contest.begin_stretch``."""
        seeds = [member.entrant.seed for member in self.members]
        explorers = [generator(seed, "exploration", self.stretch) for seed in seeds]
        self._collector = Collector(self.problem.card, env, self._engine, explorers)
        self._shufflers = [generator(seed, "shuffle", self.stretch) for seed in seeds]

    def leave_worlds(self) -> None:
        """Frees the environments; the statistics of the return, too, forget episodes that were not finished."""
        super().leave_worlds()
        self.scaler.forget_unfinished_episodes()

    def improve(self, progress: float) -> None:
        """Collects one rollout, scores it, and updates every member.

        Args:
            progress: share of the training that is done.
        """
        config = self._config
        deviation = np.exp(self.parameters[:, self._layout.log_std])
        rollout = self._collector.collect(self.parameters, deviation, config.num_steps, self._statistics())
        self.count_rollout()
        batch = self._prepare(rollout, self._score(rollout))
        if config.normalize_observation:
            self._observe(rollout)
        learning_rate = config.learning_rate * (1.0 - progress * config.anneal_learning_rate)
        self._engine.improve(self.parameters, self.optimizer, batch, self._shuffle(), learning_rate)
        self._end_diverged()

    def keep(self, positions: list[int]) -> None:
        """Lets all other members go.

        Args:
            positions: of those who stay.
        """
        super().keep(positions)
        self.parameters = self.parameters[positions]
        self.optimizer.first, self.optimizer.second = self.optimizer.first[positions], self.optimizer.second[positions]
        self.scaler = self.scaler.select(positions)

    def actor(self, position: int) -> Actor:
        """Gives what a member acts by; see ``Contest.actor``."""
        return self._layout.actor_in(self.parameters[position])

    def _statistics(self) -> Statistics:
        return Statistics(self.moments.mean.astype(np.float32), self.moments.scale)

    def _observe(self, rollout: Rollout) -> None:
        samples = _flat(rollout.observation[:, :-1])
        self.moments.update(samples, _flat(~rollout.is_reset))

    def _score(self, rollout: Rollout) -> Float:
        """Computes every member's reward; a source that fails ends its candidate with a reason."""
        reward = np.zeros(rollout.env_reward.shape, np.float32)
        for position, member in enumerate(self.members):
            transitions, is_reset = rollout.transitions(position), rollout.is_reset[position]
            terms = {} if member.failure else self._reward(member, transitions, ~is_reset, reward[position])
            member.curve.record(self.timesteps, transitions, is_reset, terms)
        return reward

    def _reward(
        self, member: Member, transitions: TransitionBlock, live: NDArray[np.bool_], reward: Float
    ) -> Mapping[str, Float]:
        """Writes a member's reward and gives its terms; on failure the member is ended."""
        scored = score(member.entrant.reward, transitions.at(live))
        if isinstance(scored, str):
            member.failure = scored
            return {}
        reward[live] = scored.reward
        return scored.terms

    def _prepare(self, rollout: Rollout, reward: Float) -> Batch:
        config, engine = self._config, self._engine
        ended = rollout.terminated | rollout.truncated
        if config.normalize_reward:
            reward = self.scaler.scale(reward, ended=ended, live=~rollout.is_reset)
        normalized, head, action = _flat(rollout.normalized), _flat(rollout.head), _flat(rollout.action)
        value = engine.values(self.parameters, normalized).reshape(rollout.normalized.shape[:3])
        estimate = generalized_advantages(
            reward,
            value,
            terminated=rollout.terminated,
            ended=ended,
            discount=Discount(config.gamma, config.gae_lambda),
        )
        return Batch(
            normalized,
            action,
            engine.log_probabilities(self.parameters, head, action),
            _flat(estimate.advantage),
            _flat(estimate.returns),
            _flat((~rollout.is_reset).astype(np.float32)),
        )

    def _shuffle(self) -> NDArray[np.int32]:
        """Draws the order in which the transitions are taken. Shape: (K, num_epochs, num)."""
        config = self._config
        num = np.arange(config.rollout_timesteps, dtype=np.int32)
        order = np.broadcast_to(num, (config.num_epochs, len(num)))
        return np.stack([shuffler.permuted(order, axis=1) for shuffler in self._shufflers])

    def _end_diverged(self) -> None:
        """Ends members whose networks are no longer finite, and makes their actors harmless."""
        diverged = np.flatnonzero(~np.isfinite(self.parameters).all(axis=1))
        self.end_diverged(diverged)
        for array in (self.parameters, self.optimizer.first, self.optimizer.second):
            array[diverged] = 0.0


def _flat(array: Array) -> Array:
    """Joins the axes of steps and environments: (K, num_steps, M, ...) -> (K, num_steps · M, ...)."""
    return array.reshape(array.shape[0], -1, *array.shape[3:])

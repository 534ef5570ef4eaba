"""K candidates in the middle of their training: what they are, and how one rollout makes them better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from skillwright.core.seeding import generator
from skillwright.envs import Actions, EnvCard, TransitionBlock, make_vector_env
from skillwright.learners.advantage import Discount, generalized_advantages
from skillwright.learners.contest import Contest, Member, enter
from skillwright.learners.normalization import RewardScaler, RunningMoments
from skillwright.learners.policy import Policy, PolicySpec
from skillwright.learners.ppo.collector import Collector, Rollout, Statistics
from skillwright.learners.ppo.config import PPOConfig
from skillwright.learners.ppo.engine import Batch, Engine, Optimizer
from skillwright.learners.ppo.layout import Layout
from skillwright.learners.problem import Entrant, Problem
from skillwright.learners.scoring import score
from skillwright.learners.worlds import training_seed

__all__ = ["Population", "Setting"]

Float = NDArray[np.float32]
Array = TypeVar("Array", Float, NDArray[np.bool_], Actions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What does not change during a training."""

    config: PPOConfig
    problem: Problem
    layout: Layout
    engine: Engine

    @property
    def card(self) -> EnvCard:
        """The world."""
        return self.problem.card


class Population(Contest):
    """The members of a race; the first axis of every array is the member.

    Args:
        setting: what does not change.
        members: the candidates.
        parameters: their networks, as the layout says. Shape: (K, size).
    """

    def __init__(self, setting: Setting, members: list[Member], parameters: Float) -> None:
        config, card = setting.config, setting.card
        super().__init__(members, config.rollout_timesteps)
        self.setting = setting
        self.parameters = parameters
        self.optimizer = Optimizer.create(*parameters.shape)
        self.moments = RunningMoments(len(members), (card.observation_size,))
        self.scaler = RewardScaler(len(members), config.num_envs, config.gamma)

    @classmethod
    def begin(cls, setting: Setting, entrants: Sequence[Entrant]) -> "Population":
        """Makes the population before its first env step.

        Args:
            setting: what does not change.
            entrants: the candidates.
        """
        config, problem = setting.config, setting.problem
        members = enter(entrants, config.num_envs, problem.score_episodes)
        parameters = setting.layout.initialize([generator(entrant.seed, "weights") for entrant in entrants])
        population = cls(setting, members, parameters)
        for position, entrant in enumerate(entrants):
            if entrant.start:
                setting.layout.adopt(parameters[position], entrant.start)
                tensors = entrant.start.tensors
                population.moments.adopt(position, tensors["mean"], tensors["scale"])
        return population

    def enter_worlds(self) -> None:
        """Makes the environments of all members anew.

        Worlds, exploration and shuffling of a stretch depend on the seeds and the number of the stretch alone, so a
        training that is resumed at its beginning goes on as if it had never stopped.
        """
        config, seeds, stretch = self.setting.config, [member.entrant.seed for member in self.members], self.stretch
        worlds = [
            training_seed(seed, stretch * config.num_envs + env) for seed in seeds for env in range(config.num_envs)
        ]
        self._env = make_vector_env(self.setting.card, worlds, backend=self.setting.problem.backend)
        explorers = [generator(seed, "exploration", stretch) for seed in seeds]
        self._collector = Collector(self.setting.card, self._env, self.setting.engine, explorers)
        self._shufflers = [generator(seed, "shuffle", stretch) for seed in seeds]

    def leave_worlds(self) -> None:
        """Frees the environments; episodes that were not finished are forgotten."""
        self._env.close()
        self.stretch += 1
        self.scaler.forget_unfinished_episodes()
        for member in self.members:
            member.curve.forget_unfinished_episodes()

    def improve(self, *, progress: float) -> None:
        """Collects one rollout, scores it, and updates every member.

        Args:
            progress: share of the training that is done.
        """
        config = self.setting.config
        deviation = np.exp(self.parameters[:, self.setting.layout.log_std])
        rollout = self._collector.collect(self.parameters, deviation, config.num_steps, self._statistics())
        self.count_rollout()
        batch = self._prepare(rollout, self._score(rollout))
        if config.normalize_observation:
            self._observe(rollout)
        learning_rate = config.learning_rate * (1.0 - progress * config.anneal_learning_rate)
        self.setting.engine.improve(self.parameters, self.optimizer, batch, self._shuffle(), learning_rate)
        self._end_diverged()

    def keep(self, positions: Sequence[int]) -> None:
        """Lets all other members go.

        Args:
            positions: of those who stay.
        """
        kept = list(positions)
        self.members = [self.members[position] for position in kept]
        self.parameters = self.parameters[kept]
        self.optimizer.first, self.optimizer.second = self.optimizer.first[kept], self.optimizer.second[kept]
        self.moments, self.scaler = self.moments.select(kept), self.scaler.select(kept)

    def close(self) -> None:
        """Frees the environments."""
        self._env.close()

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
            member.curve.record(transitions, is_reset, terms)
            member.curve.close_stretch(self.timesteps)
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
        config, engine = self.setting.config, self.setting.engine
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
        config = self.setting.config
        num = np.arange(config.rollout_timesteps, dtype=np.int32)
        order = np.broadcast_to(num, (config.num_epochs, len(num)))
        return np.stack([shuffler.permuted(order, axis=1) for shuffler in self._shufflers])

    def _end_diverged(self) -> None:
        """Ends members whose networks are no longer finite, and makes their actors harmless."""
        for position in np.flatnonzero(~np.isfinite(self.parameters).all(axis=1)):
            member = self.members[position]
            member.failure = member.failure or "its training diverged: the networks are no longer finite"
            for array in (self.parameters, self.optimizer.first, self.optimizer.second):
                array[position] = 0.0

    def policy(self, position: int) -> Policy:
        """Gives a member's actor; see ``Contest.policy``."""
        card, layout, statistics = self.setting.card, self.setting.layout, self._statistics()
        tensors = {"mean": statistics.mean[position].copy(), "scale": statistics.scale[position].copy()}
        tensors |= layout.extract(self.parameters[position])
        if card.actions.kind == "continuous":
            tensors["low"], tensors["high"] = np.array(card.actions.bounds, np.float32)
        spec = PolicySpec(
            env_id=card.id,
            observation_size=card.observation_size,
            action_kind=card.actions.kind,
            num_layers=len(layout.actor_sizes) - 1,
        )
        return Policy(spec=spec, tensors=tensors)


def _flat(array: Array) -> Array:
    """Joins the axes of steps and environments: (K, num_steps, M, ...) -> (K, num_steps · M, ...)."""
    return array.reshape(array.shape[0], -1, *array.shape[3:])

"""K candidates in the middle of their training: what they are, and how one rollout makes them better."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from skillwright.core.seeding import generator
from skillwright.envs import TransitionBlock, VectorEnv
from skillwright.learners.actor import Actor
from skillwright.learners.contest import Contest
from skillwright.learners.policy import normalize
from skillwright.learners.problem import Entrant, Problem, ScoredBlock
from skillwright.learners.sac.collector import Collector, Rollout
from skillwright.learners.sac.config import SACConfig
from skillwright.learners.sac.engine import Engine
from skillwright.learners.sac.layout import Layout, Shape
from skillwright.learners.sac.networks import Networks
from skillwright.learners.sac.replay import Experience, Replay, Room
from skillwright.learners.sac.sampler import Quota, Sampler, Scales
from skillwright.learners.sac.scaling import RewardScale
from skillwright.learners.scoring import score

__all__ = ["Population"]

Float = NDArray[np.float32]
Column = TypeVar("Column", Float, NDArray[np.bool_])


class Population(Contest):
    """The members of a race; the first axis of every array is the member.

    Args:
        config: what all candidates share.
        problem: the world, whose actions are continuous, and its judges.
        entrants: the candidates.
        device: where networks and replay lie, as torch names it.

    Raises:
        ConfigError: an entrant starts from a policy of another architecture.
    """

    def __init__(self, config: SACConfig, problem: Problem, entrants: Sequence[Entrant], device: str) -> None:
        super().__init__(problem, entrants, config)
        card, num = problem.card, len(entrants)
        self._config = config
        self._device = torch.device(device)
        self._layout = Layout(Shape(card.observation_size, card.actions.size, config.hidden_sizes))
        self.networks = self._make_networks(entrants)
        self._engine = Engine(config, self._layout, self.networks)
        least = config.rollout_timesteps * (num if config.share_replay else 1)
        self._room = Room(max(config.replay_size, least), card.observation_size, card.actions.size)
        self.replay = Replay(num, is_shared=config.share_replay, room=self._room, device=self._device)
        self.reward_scale = RewardScale(num)

    def begin_stretch(self, env: VectorEnv) -> None:
        """Takes over fresh worlds; see ``Contest.begin_stretch``.

        Where members share their transitions, those of one seed explore differently: the same transition twice would
        teach nothing.
        """
        config, stretch = self._config, self.stretch
        seeds = [member.entrant.seed for member in self.members]
        own = [(member.index,) if config.share_replay else () for member in self.members]
        explorers = [generator(seed, "exploration", stretch, *names) for seed, names in zip(seeds, own, strict=True)]
        self._collector = Collector(self.problem.card, env, explorers)
        samplers = [generator(seed, "replay", stretch) for seed in seeds]
        num_own = round(config.own_share * config.batch_size) if config.share_replay else 0
        self._sampler = Sampler(samplers, self._room, Quota(config.batch_size, num_own))

    def improve(self, progress: float) -> None:
        """Collects one rollout, scores it, and takes a round of gradient steps once there is enough to learn from.

        Args:
            progress: share of the training that is done; nothing depends on it.
        """
        config = self._config
        rollout = self._collector.collect(self._act if self._is_learning else None, config.num_steps)
        self.count_rollout()
        if config.normalize_observation:
            self.moments.update(self._seen(rollout.observation[:, :-1]), self._seen(~rollout.is_reset))
        for store in range(len(self.replay.readers)):
            self._remember(rollout, store)
        if self._is_learning:
            self._learn()
            self._end_diverged()

    def keep(self, positions: list[int]) -> None:
        """Lets all other members go.

        Args:
            positions: of those who stay.
        """
        super().keep(positions)
        self.networks = self.networks.select(positions)
        self.replay.select(positions)
        self.reward_scale = self.reward_scale.select(positions)
        self._engine = Engine(self._config, self._layout, self.networks)

    def actor(self, position: int) -> Actor:
        """Gives what a member acts by; see ``Contest.actor``."""
        return self._layout.actor_in(self.networks.actor.parameters[position].cpu().numpy())

    def _make_networks(self, entrants: Sequence[Entrant]) -> Networks:
        generators = [generator(entrant.seed, "weights") for entrant in entrants]
        vectors = self._layout.initialize(generators, self._config.initial_temperature)
        self.adopt_starts(self._layout.actor_in(vector) for vector in vectors.actor)
        return Networks.create(vectors, self._device)

    @property
    def _is_learning(self) -> bool:
        """Whether every replay has enough to learn from."""
        config = self._config
        return (self.spent if config.share_replay else self.timesteps) >= config.learning_starts

    def _act(self, observation: Float, noise: Float) -> Float:
        seen = normalize(observation, self.moments.mean.astype(np.float32)[:, None], self.moments.scale[:, None])
        inputs, draws = (torch.from_numpy(array).to(self._device) for array in (seen, noise))
        action: Float = self._engine.act(inputs, draws).cpu().numpy()
        return action

    def _seen(self, column: Column) -> Column:
        """Gives what each member learns from: its own steps, or those of all.

        Args:
            column: of a rollout. Shape: (K, num_steps, M, ...).

        Returns:
            Shape: (K, num, ...).
        """
        rest = column.shape[3:]
        if not self._config.share_replay:
            return column.reshape(len(column), -1, *rest)
        return column.reshape(1, -1, *rest).repeat(len(column), axis=0)

    def _remember(self, rollout: Rollout, store: int) -> None:
        """Adds a rollout to one store, with the reward of each of its readers."""
        readers = self.replay.readers[store]
        live = ~rollout.is_reset[readers]
        block = rollout.transitions(readers).at(live)
        positions = np.arange(len(self.members))[readers]
        position = np.broadcast_to(positions[:, None, None], live.shape)[live]
        rewards = [self._reward(reader, rollout, block, position == reader) for reader in positions]
        experience = Experience(
            observation=block.observation,
            next_observation=block.next_observation,
            action=rollout.action[readers][live],
            continues=1.0 - block.terminated.astype(np.float32),
            rewards=np.stack(rewards),
            owner=np.array([member.index for member in self.members])[position],
        )
        self.replay.add(store, experience)

    def _reward(self, position: int, rollout: Rollout, block: TransitionBlock, is_own: NDArray[np.bool_]) -> Float:
        """Computes a member's reward of a store's new transitions; a source that fails ends its candidate.

        Args:
            position: of the member.
            rollout: the transitions come from.
            block: the transitions.
            is_own: whether a transition is the member's own, and so belongs in its curve. Shape: (num,).
        """
        member = self.members[position]
        scored = member.failure or score(member.entrant.reward, block)
        if isinstance(scored, str):
            member.failure = scored
            scored = ScoredBlock(np.zeros(block.num_transitions, np.float32), {})
        terms = {name: term[is_own] for name, term in scored.terms.items()}
        member.curve.record(self.timesteps, rollout.transitions(position), rollout.is_reset[position], terms)
        reward = scored.reward.astype(np.float32)
        self.reward_scale.update(position, reward)
        return reward

    def _learn(self) -> None:
        """Takes one round of gradient steps."""
        config, networks = self._config, self.networks
        own = [self.replay.find(position, member.index) for position, member in enumerate(self.members)]
        scales = self._scales()
        is_new = torch.tensor([[float(member.entrant.start is None)] for member in self.members]).to(networks.targets)
        for _ in range(config.rollout_updates):
            is_free = is_new if networks.num_updates < config.warm_up_updates else torch.ones_like(is_new)
            self._engine.update(self._sampler.draw(self.replay, own, scales), is_free)

    def _scales(self) -> Scales:
        factor = self.reward_scale.factor
        if not self._config.normalize_reward:
            factor = np.ones_like(factor)
        arrays = (self.moments.mean.astype(np.float32)[:, None], self.moments.scale[:, None], factor[:, None])
        return Scales(*(torch.from_numpy(array).to(self._device) for array in arrays))

    def _end_diverged(self) -> None:
        """Ends members whose networks are no longer finite, and makes their actors harmless."""
        tensors = self.networks.tensors().values()
        is_finite = torch.stack([tensor.isfinite().flatten(1).all(1) for tensor in tensors]).all(0)
        diverged = (~is_finite).nonzero().flatten().tolist()
        self.end_diverged(diverged)
        for tensor in tensors:
            tensor[diverged] = 0.0

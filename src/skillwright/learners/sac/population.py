"""K candidates in the middle of their training: what they are, and how one rollout makes them better."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from skillwright.core.seeding import generator
from skillwright.envs import TransitionBlock, make_vector_env
from skillwright.learners.contest import Contest, Member, enter
from skillwright.learners.normalization import RunningMoments
from skillwright.learners.policy import Policy, PolicySpec, normalize
from skillwright.learners.problem import Entrant, ScoredBlock
from skillwright.learners.sac.collector import Collector, Rollout
from skillwright.learners.sac.engine import Engine
from skillwright.learners.sac.networks import Networks
from skillwright.learners.sac.replay import Experience, Replay, Room
from skillwright.learners.sac.sampler import Quota, Sampler, Scales
from skillwright.learners.sac.scaling import RewardScale
from skillwright.learners.sac.setting import Setting
from skillwright.learners.scoring import score
from skillwright.learners.worlds import training_seed

__all__ = ["Population"]

Float = NDArray[np.float32]
Column = TypeVar("Column", Float, NDArray[np.bool_])


class Population(Contest):
    """The members of a race; the first axis of every array is the member.

    Args:
        setting: what does not change.
        members: the candidates.
        networks: theirs.
    """

    def __init__(self, setting: Setting, members: list[Member], networks: Networks) -> None:
        config, card = setting.config, setting.card
        super().__init__(members, config.rollout_timesteps)
        self.setting = setting
        self.networks = networks
        least = config.rollout_timesteps * (len(members) if config.share_replay else 1)
        self._room = Room(max(config.replay_size, least), card.observation_size, card.actions.size)
        self.replay = Replay(len(members), is_shared=config.share_replay, room=self._room, device=setting.device)
        self.moments = RunningMoments(len(members), (card.observation_size,))
        self.reward_scale = RewardScale(len(members))
        self._engine = Engine(config, setting.layout, networks)

    @classmethod
    def begin(cls, setting: Setting, entrants: Sequence[Entrant]) -> "Population":
        """Makes the population before its first env step.

        Args:
            setting: what does not change.
            entrants: the candidates.

        Raises:
            ConfigError: an entrant starts from a policy of another architecture.
        """
        config, problem, layout = setting.config, setting.problem, setting.layout
        members = enter(entrants, config.num_envs, problem.score_episodes)
        generators = [generator(entrant.seed, "weights") for entrant in entrants]
        vectors = layout.initialize(generators, config.initial_temperature)
        starts = {position: entrant.start for position, entrant in enumerate(entrants) if entrant.start}
        for position, start in starts.items():
            layout.adopt(vectors.actor[position], start)
        population = cls(setting, members, Networks.create(vectors, setting.device))
        for position, start in starts.items():
            population.moments.adopt(position, start.tensors["mean"], start.tensors["scale"])
        return population

    def enter_worlds(self) -> None:
        """Makes the environments of all members anew.

        Worlds, exploration and samples of a stretch depend on the seeds and the number of the stretch alone, so a
        training that is resumed at its beginning goes on as if it had never stopped. Members of one seed meet the same
        worlds; where they share their transitions they explore them differently, for the same transition twice would
        teach nothing.
        """
        config, card, stretch = self.setting.config, self.setting.card, self.stretch
        seeds = [member.entrant.seed for member in self.members]
        worlds = [
            training_seed(seed, stretch * config.num_envs + env) for seed in seeds for env in range(config.num_envs)
        ]
        self._env = make_vector_env(card, worlds, backend=self.setting.problem.backend)
        own = [(member.index,) if config.share_replay else () for member in self.members]
        explorers = [generator(seed, "exploration", stretch, *names) for seed, names in zip(seeds, own, strict=True)]
        self._collector = Collector(card, self._env, explorers)
        samplers = [generator(seed, "replay", stretch) for seed in seeds]
        num_own = round(config.own_share * config.batch_size) if config.share_replay else 0
        self._sampler = Sampler(samplers, self._room, Quota(config.batch_size, num_own))

    def leave_worlds(self) -> None:
        """Frees the environments; episodes that were not finished are forgotten by the curves, not by the replay."""
        self._env.close()
        self.stretch += 1
        for member in self.members:
            member.curve.forget_unfinished_episodes()

    def close(self) -> None:
        """Frees the environments at the end of the training."""
        self._env.close()

    def improve(self) -> None:
        """Collects one rollout, scores it, and takes a round of gradient steps once there is enough to learn from."""
        config = self.setting.config
        rollout = self._collector.collect(self._act if self._is_learning else None, config.num_steps)
        self.count_rollout()
        if config.normalize_observation:
            self.moments.update(self._seen(rollout.observation[:, :-1]), self._seen(~rollout.is_reset))
        for store in range(len(self.replay.readers)):
            self._remember(rollout, store)
        if self._is_learning:
            self._learn()
            self._end_diverged()

    def keep(self, positions: Sequence[int]) -> None:
        """Lets all other members go.

        Args:
            positions: of those who stay.
        """
        kept = list(positions)
        self.members = [self.members[position] for position in kept]
        self.networks = self.networks.select(kept)
        self.replay.select(kept)
        self.moments, self.reward_scale = self.moments.select(kept), self.reward_scale.select(kept)
        self._engine = Engine(self.setting.config, self.setting.layout, self.networks)

    @property
    def _is_learning(self) -> bool:
        """Whether every replay has enough to learn from."""
        config = self.setting.config
        return (self.spent if config.share_replay else self.timesteps) >= config.learning_starts

    def _act(self, observation: Float, noise: Float) -> Float:
        seen = normalize(observation, self.moments.mean.astype(np.float32)[:, None], self.moments.scale[:, None])
        inputs, draws = (torch.from_numpy(array).to(self.setting.device) for array in (seen, noise))
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
        if not self.setting.config.share_replay:
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
        member.curve.record(rollout.transitions(position), rollout.is_reset[position], terms)
        member.curve.close_stretch(self.timesteps)
        reward = scored.reward.astype(np.float32)
        self.reward_scale.update(position, reward)
        return reward

    def _learn(self) -> None:
        """Takes one round of gradient steps."""
        config, networks = self.setting.config, self.networks
        own = [self.replay.find(position, member.index) for position, member in enumerate(self.members)]
        scales = self._scales()
        is_new = torch.tensor([[float(member.entrant.start is None)] for member in self.members]).to(networks.targets)
        for _ in range(config.rollout_updates):
            is_free = is_new if networks.num_updates < config.warm_up_updates else torch.ones_like(is_new)
            self._engine.update(self._sampler.draw(self.replay, own, scales), is_free)

    def _scales(self) -> Scales:
        factor = self.reward_scale.factor
        if not self.setting.config.normalize_reward:
            factor = np.ones_like(factor)
        arrays = (self.moments.mean.astype(np.float32)[:, None], self.moments.scale[:, None], factor[:, None])
        return Scales(*(torch.from_numpy(array).to(self.setting.device) for array in arrays))

    def _end_diverged(self) -> None:
        """Ends members whose networks are no longer finite, and makes their actors harmless."""
        tensors = self.networks.tensors().values()
        is_finite = torch.stack([tensor.isfinite().flatten(1).all(1) for tensor in tensors]).all(0)
        for position in (~is_finite).nonzero().flatten().tolist():
            member = self.members[position]
            member.failure = member.failure or "its training diverged: the networks are no longer finite"
            for tensor in tensors:
                tensor[position] = 0.0

    def policy(self, position: int) -> Policy:
        """Gives a member's actor; see ``Contest.policy``."""
        card, layout = self.setting.card, self.setting.layout
        tensors = {
            "mean": self.moments.mean[position].astype(np.float32),
            "scale": self.moments.scale[position].copy(),
            **layout.extract(self.networks.actor.parameters[position].cpu().numpy()),
        }
        tensors["low"], tensors["high"] = np.array(card.actions.bounds, np.float32)
        spec = PolicySpec(
            env_id=card.id,
            observation_size=card.observation_size,
            action_kind="continuous",
            num_layers=len(layout.actor_sizes) - 1,
            activation="relu",
            squash="tanh",
        )
        return Policy(spec=spec, tensors=tensors)

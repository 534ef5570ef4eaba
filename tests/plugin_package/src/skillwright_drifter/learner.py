"""A learner: the cross-entropy method over linear policies, each env of a member playing one sample of it.

Rubinstein 1999, as Szita and Lörincz 2006 used it: θᵢ ~ N(μ, σ²), μ and σ from the samples with the highest return.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from skillwright.core import CorruptArtifact
from skillwright.core.config import build_config
from skillwright.core.seeding import derive_seed
from skillwright.envs import TransitionBlock, VectorEnv
from skillwright.learners import Entrant, Problem, TrainedPolicy, TrainingPlan
from skillwright.learners.actor import Actor
from skillwright.learners.contest import Contest
from skillwright.learners.contest_record import ContestRecord, Header, fitting, read_checkpoint, write_checkpoint
from skillwright.learners.scoring import score
from skillwright.learners.stretches import train_in_stretches

__all__ = ["CEMConfig", "CrossEntropy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CEMConfig:
    """What all members share."""

    num_samples: int = 16
    """Policies tried at a time, each in an environment of its own."""
    num_steps: int = 60
    """Env steps of a rollout, in each environment."""
    elite_share: float = 0.25
    """Share of the samples that the next ones are drawn around."""
    deviation: float = 1.0
    """Of the first samples."""

    def __post_init__(self) -> None:
        """Refuses what has no sense."""
        if self.num_samples < 4 or self.num_steps < 1:
            raise ValueError("num_samples must be at least 4, and num_steps at least 1")

    @property
    def num_envs(self) -> int:
        """Environments of a member."""
        return self.num_samples

    @property
    def rollout_timesteps(self) -> int:
        """Env steps of a member in one rollout."""
        return self.num_samples * self.num_steps


class _Members(Contest):
    """Keeps mean and deviation of each member's weights; the weights of a layer and its bias lie in one row."""

    def __init__(self, config: CEMConfig, problem: Problem, entrants: Sequence[Entrant]) -> None:
        super().__init__(problem, entrants, config)
        self.config = config
        self.inputs, self.outputs = problem.card.observation_size, problem.card.actions.size
        shape = (len(entrants), (self.inputs + 1) * self.outputs)
        self.mean = np.zeros(shape, np.float32)
        self.deviation = np.full(shape, config.deviation, np.float32)
        self.adopt_starts(self.actor(position) for position in range(len(entrants)))

    def begin_stretch(self, env: VectorEnv) -> None:
        """Takes over fresh worlds; see ``Contest.begin_stretch``."""
        self.env = env
        self.last = env.reset()
        seeds = [derive_seed(member.entrant.seed, "cem", self.stretch) for member in self.members]
        self.generators = [np.random.default_rng(seed) for seed in seeds]

    def keep(self, positions: list[int]) -> None:
        """Lets all other members go; see ``Contest.keep``."""
        super().keep(positions)
        self.mean, self.deviation = self.mean[positions], self.deviation[positions]

    def actor(self, position: int) -> Actor:
        """Gives what a member acts by: its mean; see ``Contest.actor``."""
        weight, bias = np.split(self.mean[position], [self.inputs * self.outputs])
        kind = self.problem.card.actions.kind
        layers = {"weight_0": weight.reshape(self.inputs, self.outputs), "bias_0": bias}
        return Actor(action_kind=kind, activation="tanh", squash="clip", layers=layers, exploration={})

    def improve(self, progress: float) -> None:
        """Plays the samples and moves each member's mean to its best; see ``Contest.improve``."""
        num = self.config.num_samples
        drawn = np.stack([one.standard_normal((num, self.mean.shape[1]), np.float32) for one in self.generators])
        samples = self.mean[:, None] + self.deviation[:, None] * drawn
        block, is_reset = self._play(samples.reshape(len(self.members) * num, -1))
        self.count_rollout()
        for position, member in enumerate(self.members):
            own = slice(position * num, (position + 1) * num)
            if not member.failure:
                self._learn(position, block.at((slice(None), own)), is_reset[:, own], samples[position])

    def _learn(self, position: int, block: TransitionBlock, is_reset: np.ndarray, samples: np.ndarray) -> None:
        member, live = self.members[position], ~is_reset
        scored = score(member.entrant.reward, block.at(live))
        if isinstance(scored, str):
            member.failure = scored
            return
        member.curve.record(self.timesteps, block, is_reset, scored.terms)
        reward = np.zeros(live.shape)
        reward[live] = scored.reward
        per_step = reward.sum(axis=0) / np.maximum(live.sum(axis=0), 1)
        num_elites = max(2, round(self.config.elite_share * len(samples)))
        elites = samples[np.argsort(-per_step, kind="stable")[:num_elites]]
        self.mean[position] = elites.mean(axis=0)
        self.deviation[position] = elites.std(axis=0) + 0.02

    def _play(self, samples: np.ndarray) -> tuple[TransitionBlock, np.ndarray]:
        """Has each env played by one sample; columns of shape (num_steps, num_envs, ...)."""
        card = self.problem.card
        weight, bias = np.split(samples, [self.inputs * self.outputs], axis=1)
        weight = weight.reshape(-1, self.inputs, self.outputs)
        bounds = np.array(card.actions.bounds, np.float32) if card.actions.kind == "continuous" else None
        columns: list[tuple[np.ndarray, ...]] = []
        for _ in range(self.config.num_steps):
            head = np.einsum("ei,eio->eo", np.clip(self.last, -10.0, 10.0), weight) + bias
            if bounds is None:
                action = head.argmax(axis=1)
            else:
                action = bounds[0] + (np.clip(head, -1.0, 1.0) + 1.0) * 0.5 * (bounds[1] - bounds[0])
            step = self.env.step(action)
            columns.append(
                (self.last, action, step.observation, step.terminated, step.truncated, step.reward, step.is_reset)
            )
            self.last = step.observation
        *transitions, is_reset = (np.stack(column) for column in zip(*columns, strict=True))
        return TransitionBlock(*transitions), is_reset


class CrossEntropy:
    """Trains K members in one call.

    Args:
        config: what they share.
    """

    def __init__(self, config: CEMConfig) -> None:
        self.config = config

    @classmethod
    def create(cls, settings: Mapping[str, object], *, where: str) -> "CrossEntropy":
        """Makes the learner from the settings that differ from its defaults; see ``LearnerType.create``."""
        return cls(build_config(CEMConfig, settings, where=where))

    @property
    def rollout_timesteps(self) -> int:
        """Env steps per candidate between two updates."""
        return self.config.rollout_timesteps

    def train(self, problem: Problem, entrants: Sequence[Entrant], plan: TrainingPlan) -> list[TrainedPolicy]:
        """Trains one policy per entrant; see ``Learner.train``."""
        members = _Members(self.config, problem, entrants)
        if saved := plan.checkpoints.load():
            _restore(members, saved)
        return train_in_stretches(members, plan, _save)


def _save(members: _Members) -> bytes:
    tensors = {"cem/mean": members.mean, "cem/deviation": members.deviation, **members.moments.arrays("observation")}
    return write_checkpoint(members, Header(contest=ContestRecord.of(members)), tensors)


def _restore(members: _Members, saved: bytes) -> None:
    header, tensors = read_checkpoint(Header, saved)
    if "cem/mean" not in tensors:
        raise CorruptArtifact("not a checkpoint of this learner")
    header.contest.restore(members, tensors)
    own = {"cem/mean": members.mean, "cem/deviation": members.deviation, **members.moments.arrays("observation")}
    for name, array in own.items():
        array[:] = fitting(tensors, name, array.shape)

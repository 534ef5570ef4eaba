"""Our side: the product's learner on the product's path, but that nothing is stored."""

from collections.abc import Sequence

import numpy as np

from benchmarks.protocol import TrainingRequest
from benchmarks.stopwatch import Stopwatch
from skillwright.compute.executor import Report
from skillwright.core import ProgramFailed
from skillwright.core.serialising import from_json, to_json
from skillwright.envs import EnvCard
from skillwright.learners import Entrant, Policy, Problem, Reporter, TrainedPolicy, TrainingPlan
from skillwright.learners.evaluation import play_episodes
from skillwright.learners.registry import make_learner
from skillwright.learners.worlds import HELD_OUT_SEED
from skillwright.rewards.judge import Judge
from skillwright.rewards.sources import EnvReward

__all__ = ["held_out_returns", "train", "train_population"]


def train(text: str, _: Report) -> str:
    """Trains a population; a ``Function`` of ``skillwright.compute``.

    Args:
        text: a ``TrainingRequest``.

    Returns:
        A ``Training``.
    """
    request = from_json(TrainingRequest, text)
    stopwatch, num_policies = Stopwatch(request), len(request.seeds)
    trained = train_population(request, lambda timesteps, fitness: stopwatch.lap(timesteps // num_policies))
    policies = [_policy(one) for one in trained] if request.num_held_out else []
    return to_json(stopwatch.read(held_out_returns(request.card, policies, request.num_held_out)))


def train_population(request: TrainingRequest, report: Reporter) -> list[TrainedPolicy]:
    """Trains a population as the product does.

    Args:
        request: what to train.
        report: called after each rollout and its updates.
    """
    card, learner = request.card, make_learner(request.card)
    problem = Problem(card=card, score_episodes=Judge(card, next(iter(card.tasks))).score)
    plan = TrainingPlan(total_timesteps=request.num_rollouts * learner.rollout_timesteps, report=report)
    return learner.train(problem, [Entrant(EnvReward(), seed) for seed in request.seeds], plan)


def held_out_returns(card: EnvCard, policies: Sequence[Policy], num_episodes: int) -> list[float]:
    """Plays held-out episodes in Gymnasium's copies of a world, deterministically.

    Args:
        card: the world.
        policies: who plays; all meet the same worlds.
        num_episodes: of each policy.

    Returns:
        Mean sum of the world's own reward, one per policy.
    """
    if not policies:
        return []
    seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + num_episodes)
    played = play_episodes(card, policies, seeds, backend="gymnasium")
    return [float(np.mean([episode.env_reward.sum() for episode in episodes])) for episodes in played]


def _policy(trained: TrainedPolicy) -> Policy:
    if trained.policy is None:
        raise ProgramFailed(trained.failure)
    return trained.policy

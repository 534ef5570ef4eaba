"""Trains a policy on a learned reward."""

from skillwright.learners import Entrant, Problem, RewardSource, TrainedPolicy, TrainingPlan
from skillwright.learners.registry import make_learner

__all__ = ["train_on_preferences"]


def train_on_preferences(problem: Problem, reward: RewardSource, plan: TrainingPlan, *, seed: int) -> TrainedPolicy:
    """Trains one policy with the learner that the world's card asks for.

    Args:
        problem: the world and its judges, which are reported and never learned from.
        reward: what ``load_preference_reward`` returned, or a ``BlendedReward``.
        plan: how long to train.
        seed: of everything random in the training.

    Returns:
        The policy and how it was trained.
    """
    [trained] = make_learner(problem.card, is_final=True).train(problem, [Entrant(reward, seed)], plan)
    return trained

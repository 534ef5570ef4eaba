"""Training populations of policies; the learners themselves need torch and are imported by name."""

from skillwright.learners.policy import Policy, PolicySpec
from skillwright.learners.problem import (
    Checkpoints,
    Entrant,
    EpisodeScore,
    EpisodeScorer,
    Learner,
    LearningPoint,
    Problem,
    Reporter,
    RewardSource,
    ScoredBlock,
    TrainedPolicy,
    TrainingPlan,
)
from skillwright.learners.racing import Race

__all__ = [
    "Checkpoints",
    "Entrant",
    "EpisodeScore",
    "EpisodeScorer",
    "Learner",
    "LearningPoint",
    "Policy",
    "PolicySpec",
    "Problem",
    "Race",
    "Reporter",
    "RewardSource",
    "ScoredBlock",
    "TrainedPolicy",
    "TrainingPlan",
]

"""Population PPO: K policies that share world and architecture and differ in reward and seed, trained together."""

from skillwright.learners.ppo.config import PPOConfig
from skillwright.learners.ppo.learner import PopulationPPO

__all__ = ["PPOConfig", "PopulationPPO"]

"""Population SAC: K policies for continuous actions that differ in reward and seed, learning from one replay."""

from skillwright.learners.sac.config import SACConfig
from skillwright.learners.sac.learner import PopulationSAC

__all__ = ["PopulationSAC", "SACConfig"]

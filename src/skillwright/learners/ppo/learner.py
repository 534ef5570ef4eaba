"""Population PPO as a learner: rollout after rollout, in stretches that can be resumed.

Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347, algorithm 1); the loss is in ``torch_engine``.

Deviations: rewards are computed after the rollout, on the whole block, because a reward does not change the dynamics;
observation and return statistics are updated once per rollout and frozen inside it; actions of a continuous policy are
in [-1, 1] units and mapped to the card's bounds; reset steps carry weight 0 in every mean; candidates enter fresh
worlds at the end of a stretch, which cuts episodes there as the end of a rollout does.
"""

from collections.abc import Mapping, Sequence

from skillwright.core.config import build_config
from skillwright.learners.ppo import checkpoint
from skillwright.learners.ppo.config import PPOConfig
from skillwright.learners.ppo.population import Population
from skillwright.learners.problem import Entrant, Problem, TrainedPolicy, TrainingPlan
from skillwright.learners.stretches import train_in_stretches
from skillwright.learners.threads import one_thread

__all__ = ["PopulationPPO"]


class PopulationPPO:
    """Trains K candidates in one call; see the module's docstring for the algorithm.

    Args:
        config: what all candidates share.
    """

    def __init__(self, config: PPOConfig) -> None:
        self.config = config

    @classmethod
    def create(cls, settings: Mapping[str, object], *, where: str) -> "PopulationPPO":
        """Makes the learner from the settings that differ from its defaults.

        Args:
            settings: name -> value of ``PPOConfig``.
            where: the settings' origin, named in errors.

        Raises:
            ConfigError: a setting is unknown or has no sensible value.
        """
        return cls(build_config(PPOConfig, settings, where=where))

    @property
    def rollout_timesteps(self) -> int:
        """Env steps per candidate between two updates; budgets are rounded to them."""
        return self.config.rollout_timesteps

    def train(self, problem: Problem, entrants: Sequence[Entrant], plan: TrainingPlan) -> list[TrainedPolicy]:
        """Trains one policy per entrant; see ``Learner.train``."""
        with one_thread():
            population = Population(self.config, problem, entrants, plan.device)
            if saved := plan.checkpoints.load():
                checkpoint.restore(population, saved)
            return train_in_stretches(population, plan, checkpoint.save)

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
from skillwright.learners.ppo.engine import make_engine
from skillwright.learners.ppo.layout import Layout, Shape
from skillwright.learners.ppo.population import Population, Setting
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
            population = self._begin_or_resume(problem, entrants, plan)
            return train_in_stretches(
                population,
                plan,
                self.rollout_timesteps,
                lambda progress: population.improve(progress=progress),
                checkpoint.save,
            )

    def _begin_or_resume(self, problem: Problem, entrants: Sequence[Entrant], plan: TrainingPlan) -> Population:
        card = problem.card
        layout = Layout(
            Shape(card.observation_size, card.actions.size, card.actions.kind == "discrete", self.config.hidden_sizes)
        )
        engine = make_engine(self.config, layout, plan.device)
        setting = Setting(config=self.config, problem=problem, layout=layout, engine=engine)
        population = Population.begin(setting, entrants)
        if saved := plan.checkpoints.load():
            checkpoint.restore(population, saved)
        return population

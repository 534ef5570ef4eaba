"""Population SAC as a learner: rollout after rollout, in stretches that can be resumed.

Soft actor-critic (Haarnoja et al. 2018, arXiv:1812.05905, algorithm 1); the losses are in ``engine``.

A reward does not change the dynamics and is computed after the fact, so one replay can serve all candidates: with
``share_replay`` each learns from the transitions of all, under its own reward. Part of every minibatch still comes from
what the candidate itself lived through: learning from others alone leaves errors where only oneself would go (Ostrovski
et al. 2021, arXiv:2110.14020). Candidates that share are not independent of each other, and several seeds of one reward
do not tell how much its training varies.

Deviations: gradient steps are taken in rounds between rollouts of several environments, not one after each env step;
until the first of them actions are uniform; an actor that starts from a policy is held still until its critics have
learned for a while; observations are normalised by running moments and rewards by their running root mean square, both
brought up to date once per rollout, and applied to transitions when they are drawn, so that all in a minibatch are on
one scale; candidates enter fresh worlds at the end of a stretch, which leaves episodes there as the end of a rollout
does.
"""

from collections.abc import Mapping, Sequence

import torch

from skillwright.core.config import build_config
from skillwright.core.errors import ConfigError
from skillwright.learners.problem import Entrant, Problem, TrainedPolicy, TrainingPlan
from skillwright.learners.sac import checkpoint
from skillwright.learners.sac.config import SACConfig
from skillwright.learners.sac.population import Population
from skillwright.learners.stretches import train_in_stretches
from skillwright.learners.threads import one_thread

__all__ = ["PopulationSAC"]


class PopulationSAC:
    """Trains K candidates in one call; see the module's docstring for the algorithm.

    Args:
        config: what all candidates share.
    """

    def __init__(self, config: SACConfig) -> None:
        self.config = config

    @classmethod
    def create(cls, settings: Mapping[str, object], *, where: str) -> "PopulationSAC":
        """Makes the learner from the settings that differ from its defaults.

        Args:
            settings: name -> value of ``SACConfig``.
            where: the settings' origin, named in errors.

        Raises:
            ConfigError: a setting is unknown or has no sensible value.
        """
        return cls(build_config(SACConfig, settings, where=where))

    @property
    def rollout_timesteps(self) -> int:
        """Env steps per candidate between two rounds of updates; budgets are rounded to them."""
        return self.config.rollout_timesteps

    def train(self, problem: Problem, entrants: Sequence[Entrant], plan: TrainingPlan) -> list[TrainedPolicy]:
        """Trains one policy per entrant; see ``Learner.train``.

        Raises:
            ConfigError: the world's actions are choices, or an entrant starts from a policy of another architecture.
        """
        if problem.card.actions.kind == "discrete":
            raise ConfigError(
                f"{problem.card.id}: sac needs continuous actions, and here they are choices; use the learner ppo"
            )
        with torch.inference_mode(), one_thread():
            population = Population(self.config, problem, entrants, plan.device)
            if saved := plan.checkpoints.load():
                checkpoint.restore(population, saved)
            return train_in_stretches(population, plan, checkpoint.save)

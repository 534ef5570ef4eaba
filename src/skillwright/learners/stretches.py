"""The course of every training: rollout after rollout, in stretches after which it can be resumed (ADR 0012)."""

from collections.abc import Callable
from typing import TypeVar

from skillwright.learners.contest import Contest
from skillwright.learners.problem import TrainedPolicy, TrainingPlan

__all__ = ["train_in_stretches"]

P = TypeVar("P", bound=Contest)


def train_in_stretches(population: P, plan: TrainingPlan, save: Callable[[P], bytes]) -> list[TrainedPolicy]:
    """Trains a population from wherever it is to its end, and frees its worlds.

    Args:
        population: that has just begun, or was restored from a checkpoint.
        plan: how long, and with which race.
        save: writes the population as a checkpoint.

    Returns:
        What every entrant has become.
    """
    rollout_timesteps = population.rollout_timesteps
    num_rollouts = max(1, round(plan.total_timesteps / rollout_timesteps))
    num_entrants = len(population.members) + len(population.finished)
    length = max(1, round(plan.stretch_timesteps / (num_entrants * rollout_timesteps)))
    population.enter_worlds()
    try:
        while population.num_rollouts < num_rollouts and not population.is_lost:
            population.improve(population.num_rollouts / num_rollouts)
            plan.report(population.spent, population.best_fitness())
            heat_ends = plan.race.ends_at(population.num_rollouts, num_rollouts)
            if population.num_rollouts < num_rollouts and (heat_ends or population.num_rollouts % length == 0):
                population.leave_worlds()
                if heat_ends:
                    population.narrow(plan.race)
                plan.checkpoints.save(save(population))
                population.enter_worlds()
        return population.finish()
    finally:
        population.close()

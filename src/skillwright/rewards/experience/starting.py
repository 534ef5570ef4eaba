"""Lets candidates begin with what a log teaches under their own rewards."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from skillwright.envs import EnvCard
from skillwright.learners import Entrant, Learner, RewardSource
from skillwright.learners.scoring import score
from skillwright.learners.warm_start import Relabelled, warm_start
from skillwright.rewards.experience.log import ExperienceLog

__all__ = ["begin_with", "relabel"]


def relabel(log: ExperienceLog, source: RewardSource) -> NDArray[np.float32] | str:
    """Scores all of a log with a reward.

    Args:
        log: the episodes.
        source: of the reward.

    Returns:
        The reward of every transition, or why there is none. Shape: (num_transitions,).
    """
    scored = score(source, log.block)
    return scored if isinstance(scored, str) else scored.reward.astype(np.float32)


def begin_with(
    log: ExperienceLog, card: EnvCard, learner: Learner, entrants: Sequence[Entrant], done: Callable[[], None]
) -> list[Entrant]:
    """Gives each candidate a policy to start from; one whose reward fails on the log starts at random, as it would.

    Args:
        log: the episodes.
        card: the world.
        learner: whose candidates they are.
        entrants: the candidates.
        done: called after each.
    """
    begun = []
    for entrant in entrants:
        reward = relabel(log, entrant.reward)
        if isinstance(reward, str):
            begun.append(entrant)
        else:
            start = warm_start(card, learner, Relabelled(log.block, log.ends, reward), seed=entrant.seed)
            begun.append(entrant._replace(start=start))
        done()
    return begun

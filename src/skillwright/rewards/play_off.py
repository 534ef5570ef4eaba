"""Chooses the policy that becomes the skill: the best few play once more, and a lower confidence bound decides.

A reward can be good on average and still not lead to the best policy, and the best of many policies by a few episodes
owes part of its lead to luck. So the leaders meet worlds that nothing before has used (docs/adr/0010).
"""

from collections.abc import Sequence
from typing import Final

from skillwright.rewards.records import Contender, Judgement, Trained

__all__ = ["NUM_CONTENDERS", "NUM_PLAY_OFF", "choose", "leaders"]

NUM_CONTENDERS: Final = 6
"""Policies that play off."""
NUM_PLAY_OFF: Final = 100
"""Episodes each of them plays."""


def leaders(trained: Sequence[Trained], num: int) -> list[Trained]:
    """Picks the best policies by their fitness on the selection seeds.

    Args:
        trained: all there are, in the order in which they were trained.
        num: how many at most.

    Returns:
        Best first; of equals the older one first.
    """
    judged = [(one.judgement.fitness, one) for one in trained if one.policy and one.judgement]
    return [one for _, one in sorted(judged, key=lambda pair: -pair[0])[:num]]


def choose(contenders: Sequence[Trained], judgements: Sequence[Judgement]) -> list[Contender]:
    """Ranks contenders by the lower end of the interval of their mean fitness in the play-off.

    Args:
        contenders: who played.
        judgements: how each of them did.

    Returns:
        Best first.
    """
    played = [
        Contender(candidate_id=one.candidate_id, seed=one.seed, policy=one.policy, judgement=judgement)
        for one, judgement in zip(contenders, judgements, strict=True)
        if one.policy
    ]
    return sorted(played, key=lambda one: (-one.judgement.fitness_interval[0], -one.judgement.fitness))

"""A proposer: wants every position nearer to zero, with a weight drawn at random."""

import numpy as np

from skillwright.rewards.proposers import Proposer, ProposerView
from skillwright.rewards.proposers.language.authors import Authors
from skillwright.rewards.records import Program, Proposal

__all__ = ["Closer", "make_proposer"]

_SOURCE = '''\
def reward(s, a, n):
    """Comes closer to zero, and pays for speed."""
    return {{"near": -np.abs(n.{place}), "slow": -{weight:.3f} * np.abs(n.{speed})}}
'''


class Closer:
    """Draws the weight of one term."""

    name = "Closer"

    def propose(self, view: ProposerView, num_candidates: int, *, seed: int) -> list[Proposal]:
        """Proposes candidates; see ``Proposer.propose``."""
        random = np.random.default_rng((seed, view.generation, view.attempt))
        named = {role: name for name, field in view.card.fields.items() for role in [field.role]}
        return [
            Proposal(
                operator="fresh",
                author="closer",
                rationale="What is wanted is near zero.",
                program=Program(
                    source=_SOURCE.format(
                        place=named["position"], speed=named["velocity"], weight=random.uniform(0.1, 1.0)
                    )
                ),
            )
            for _ in range(num_candidates)
        ]


def make_proposer(authors: Authors | None) -> Proposer:
    """Makes the proposer; it asks no language model."""
    return Closer()

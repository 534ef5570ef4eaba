"""What skills did in an episode; a skill with parts is judged by it: all must succeed, in their order."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from skillwright.envs import TransitionBlock
from skillwright.learners import EpisodeScore

__all__ = ["PARTS_SUCCESS_RATE", "Deed", "num_parts_done", "score_by_parts"]

PARTS_SUCCESS_RATE: Final = 0.8
"""Share of held-out episodes in which all parts must be done; their own rates multiply."""


class Deed(NamedTuple):
    """One skill that was run within an episode."""

    skill: str
    """``name@version``."""
    options: Mapping[str, float]
    first_step: int
    num_steps: int
    succeeded: bool | None
    """None if its world has no success program."""
    depth: int
    """0 for the skill that was asked for first."""


def num_parts_done(deeds: Sequence[Deed], parts: Sequence[str]) -> int:
    """Counts the parts that succeeded in their order, up to the first that did not.

    Args:
        deeds: what was run, in the order in which it ended.
        parts: ``name@version`` of what has to succeed.
    """
    done = 0
    for deed in deeds:
        if done < len(parts) and deed.skill == parts[done] and deed.succeeded:
            done += 1
    return done


def score_by_parts(episode: TransitionBlock, deeds: Sequence[Deed], parts: Sequence[str]) -> EpisodeScore:
    """Scores an episode: a success is all parts done; the fitness is the share that was done, from 0 to 1.

    Args:
        episode: the whole of it.
        deeds: what was run in it.
        parts: what had to succeed; at least one.
    """
    done = num_parts_done(deeds, parts)
    return EpisodeScore(done == len(parts), done / len(parts), float(episode.env_reward.sum()), episode.num_transitions)

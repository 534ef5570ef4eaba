"""The border at which a candidate's reward is computed: whatever goes wrong there ends one candidate, with a reason."""

import numpy as np

from skillwright.core.errors import ProgramFailed
from skillwright.envs import TransitionBlock
from skillwright.learners.problem import RewardSource, ScoredBlock

__all__ = ["score"]


def score(source: RewardSource, block: TransitionBlock) -> ScoredBlock | str:
    """Has a reward source score a block, and checks what it gives.

    Args:
        source: of the reward.
        block: the transitions.

    Returns:
        The scores; or, if the source raised or broke its contract, the reason.
    """
    try:
        scored = source.score(block)
    except ProgramFailed as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return _complaint(scored, block.num_transitions) or scored


def _complaint(scored: ScoredBlock, num: int) -> str:
    for name, array in {
        "reward": scored.reward,
        **{f"term {name!r}": term for name, term in scored.terms.items()},
    }.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
            return f"the {name} is not an array of real numbers"
        if array.shape != (num,):
            return f"the {name} has shape {array.shape}, not ({num},)"
        if not np.isfinite(array).all():
            return f"the {name} is not finite"
    return ""

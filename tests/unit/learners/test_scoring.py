import numpy as np
import pytest

from skillwright.core import ProgramFailed
from skillwright.envs import TransitionBlock
from skillwright.learners import ScoredBlock
from skillwright.learners.scoring import score

NUM = 5


def block() -> TransitionBlock:
    state, flags = np.zeros((NUM, 3), np.float32), np.zeros(NUM, np.bool_)
    return TransitionBlock(state, np.zeros(NUM, np.int64), state, flags, flags, np.zeros(NUM, np.float32))


class Returning:
    """Gives what it is told to, as the reward or as a term."""

    def __init__(self, value, *, as_term: bool) -> None:
        self.value, self.as_term = value, as_term

    def score(self, block: TransitionBlock) -> ScoredBlock:
        ones = np.ones(block.num_transitions, np.float32)
        broken = self.value(ones)
        return ScoredBlock(ones, {"x": broken}) if self.as_term else ScoredBlock(broken, {"x": ones})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (lambda ones: ones * np.nan, "is not finite"),
        (lambda ones: ones * np.inf, "is not finite"),
        (lambda ones: ones[:-1], "has shape (4,), not (5,)"),
        (lambda ones: np.stack([ones, ones]), "has shape (2, 5), not (5,)"),
        (lambda ones: ones.astype(str), "is not an array of real numbers"),
        (lambda ones: ones.astype(object), "is not an array of real numbers"),
        (lambda ones: 1.0, "is not an array of real numbers"),
    ],
)
@pytest.mark.parametrize("as_term", [False, True])
def test_a_broken_reward_or_term_is_named_with_a_reason(value, reason, as_term):
    name = "term 'x'" if as_term else "reward"
    assert score(Returning(value, as_term=as_term), block()) == f"the {name} {reason}"


def test_what_a_source_raises_is_the_reason():
    assert score(Returning(lambda ones: 1 / 0, as_term=False), block()) == "ZeroDivisionError: division by zero"


def test_what_a_program_says_of_its_failure_is_the_reason():
    def fail(ones):
        raise ProgramFailed("line 3: KeyError: 'x'")

    assert score(Returning(fail, as_term=False), block()) == "line 3: KeyError: 'x'"


def test_a_sound_reward_is_given_as_it_is():
    source = Returning(lambda ones: 2 * ones, as_term=False)
    scored = score(source, block())
    assert isinstance(scored, ScoredBlock) and (scored.reward == 2).all()

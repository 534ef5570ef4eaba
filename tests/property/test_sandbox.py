"""Whatever a program says, its cell answers in time, and with finite terms of the right shape or with a reason."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skillwright.core import ProgramFailed, ProgramRejected
from skillwright.sandbox import Limits, Sandbox
from skillwright.sandbox.language import NUMPY_FUNCTIONS

NUM = 5


class Columns:
    label = "the state"
    names: Sequence[str] = ("x", "v")

    def column(self, name: str) -> NDArray[np.float32]:
        return np.linspace(-2, 2, NUM, dtype=np.float32) if name == "x" else np.ones((NUM, 2), np.float32)


VIEWS = (Columns(),) * 3
LEAVES = st.sampled_from(["s.x", "n.x", "s.v", "a.v", "s.y", "0.0", "2", "-1e9", "True", "None", "'t'", "np.inf", "s"])


def grow(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<", "and", "&", "|", "@", "<<"])
    functions = st.sampled_from(sorted(NUMPY_FUNCTIONS))
    attributes = st.sampled_from(["T", "sum()", "shape", "dot(n.x)", "astype(int)", "__class__", "tobytes()", "max()"])
    return st.one_of(
        st.builds("({} {} {})".format, children, operators, children),
        st.builds("np.{}({})".format, functions, children),
        st.builds("np.{}({}, {})".format, functions, children, children),
        st.builds("({}).{}".format, children, attributes),
        st.builds("({})[{}]".format, children, children),
        st.builds("[{}, {}]".format, children, children),
        st.builds("({} if {} else {})".format, children, children, children),
        st.builds("[q for q in {}]".format, children),
    )


EXPRESSIONS = st.recursive(LEAVES, grow, max_leaves=8)
PROGRAMS = st.builds(
    "def reward(s, a, n):\n    z = {}\n    return {{'one': {}, 'two': z}}\n".format, EXPRESSIONS, EXPRESSIONS
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox(Limits(wall_s=3.0, memory_bytes=64 << 20))
    yield opened
    opened.close()


@pytest.mark.parametrize("is_gated", [True, False])
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(source=PROGRAMS)
def test_no_program_hangs_or_escapes_the_contract(sandbox, is_gated, source):
    hold = sandbox.hold if is_gated else sandbox.hold_unchecked
    try:
        terms = hold({"reward": source}).terms(VIEWS, NUM)
    except (ProgramRejected, ProgramFailed) as error:
        assert str(error)
        assert str(error).isprintable()
    else:
        assert set(terms) == {"one", "two"}
        assert all(term.shape == (NUM,) and term.dtype == np.float32 for term in terms.values())
        assert all(np.isfinite(term).all() for term in terms.values())

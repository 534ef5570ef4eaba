"""Whatever a program says, its cell answers in time, and with finite terms of the right shape or with a reason."""

import ast
import textwrap
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from skillwright.core import ProgramFailed, ProgramRejected
from skillwright.sandbox import Limits, Sandbox, check_program
from skillwright.sandbox.language import BUILTINS, MATH_FUNCTIONS, NUMPY_FUNCTIONS

NUM = 5


class Columns:
    label = "the state"
    names: Sequence[str] = ("x", "v")

    def column(self, name: str) -> NDArray[np.float32]:
        return np.linspace(-2, 2, NUM, dtype=np.float32) if name == "x" else np.ones((NUM, 2), np.float32)


VIEWS = (Columns(),) * 3
LEAVES = st.sampled_from(
    "s.x n.x s.v a.v s.y 0.0 2 -1e9 True None 't' np.inf s math.pi z out z[0] f'{z}' f'{z!r:>9}' lambda:z".split(" ")
)
NAMES = st.sampled_from(["z", "out", "q", "f", "s", "abs"])
FORMS = (
    "({} + {})|({} - {})|({} * {})|({} / {})|({} // {})|({} % {})|({} ** {})|({} < {})|({} and {})|({} & {})|({} | {})|"
    "({} @ {})|({} << {})|({} in {})|({} is {})|(not {})|(~{})|({})[{}]|({})[{}:{}]|({})[..., {}]|[{}, {}]|({}, *{})|"
    "{{'k': {}, **{}}}|{{{}: {}}}|({} if {} else {})|[q for q in {}]|{{str(q): q for q in {} if {}}}|"
    "(q for q in {})|(lambda q, r={}: {})({})|(y := {})|f'{{{}:.2f}}{{{}}}'|({})({})"
).split("|")
ATTRIBUTES = (
    "T sum() shape dot(n.x) astype(int) __class__ tobytes() max() reshape(-1) copy() append(1) update({}) items() "
    "gi_frame x format(s) fill(0) astype('O') reduce([s.x])"
).split()


def grow(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def fill(form: str) -> st.SearchStrategy[str]:
        return st.builds(form.format, *[children] * form.replace("{{", "").count("{}"))

    functions = st.sampled_from(
        [f"np.{name}" for name in sorted(NUMPY_FUNCTIONS)]
        + [f"math.{name}" for name in sorted(MATH_FUNCTIONS)]
        + [*sorted(BUILTINS), "f", "np.linalg.norm", "getattr"]
    )
    return st.one_of(
        st.sampled_from(FORMS).flatmap(fill),
        st.builds("{}({})".format, functions, children),
        st.builds("{}({}, {})".format, functions, children, children),
        st.builds("{}({}, axis={})".format, functions, children, children),
        st.builds("({}).{}".format, children, st.sampled_from(ATTRIBUTES)),
    )


EXPRESSIONS = st.recursive(LEAVES, grow, max_leaves=6)
SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, EXPRESSIONS),
    st.builds("{} += {}".format, NAMES, EXPRESSIONS),
    st.builds("z, {} = {}".format, NAMES, EXPRESSIONS),
    st.builds("z[{}] = {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("out[{}] = {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("out.update({})".format, EXPRESSIONS),
    st.builds("y: np.ndarray = {}".format, EXPRESSIONS),
    st.builds("assert {}, 'why'".format, EXPRESSIONS),
    st.sampled_from(["pass", "raise ValueError('why')", "import numpy as np", "del z", "global z", "s.x = 1"]),
)


def nest(blocks: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def indented(head: str, block: str) -> str:
        return f"{head}\n{textwrap.indent(block, '    ')}"

    heads = st.one_of(
        st.builds("if {}:".format, EXPRESSIONS),
        st.builds("for {} in {}:".format, NAMES, EXPRESSIONS),
        st.builds("for i in range({}):".format, EXPRESSIONS),
        st.builds("while {}:".format, EXPRESSIONS),
        st.builds("def f(q, r={}):".format, st.sampled_from(["1", "[]", "s"])),
        st.sampled_from(["with np.errstate(all='ignore'):", "try:", "class X:", "match s:"]),
    )
    return st.one_of(st.builds(indented, heads, blocks), st.builds("{}\n{}".format, blocks, blocks))


BLOCKS = st.recursive(SIMPLE, nest, max_leaves=5)
PROGRAMS = st.builds(
    lambda block, one: (
        "def reward(s, a, n):\n"
        + textwrap.indent(f"z, out = s.x.copy(), {{}}\n{block}\nreturn {{'one': {one}, 'two': z, **out}}", "    ")
    ),
    BLOCKS,
    EXPRESSIONS,
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox(Limits(wall_s=1.0, memory_bytes=64 << 20))
    yield opened
    opened.close()


@pytest.mark.parametrize("is_gated", [True, False])
@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(source=PROGRAMS)
def test_no_program_hangs_or_escapes_the_contract(sandbox, is_gated, source):
    hold = sandbox.hold if is_gated else sandbox.hold_unchecked
    try:
        terms = hold({"reward": source}).terms(VIEWS, NUM)
    except (ProgramRejected, ProgramFailed) as error:
        assert str(error)
        assert str(error).isprintable()
    else:
        assert {"one", "two"} <= set(terms)
        assert all(term.shape == (NUM,) and term.dtype == np.float32 for term in terms.values())
        assert all(np.isfinite(term).all() for term in terms.values())


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(source=PROGRAMS)
def test_what_the_gate_lets_through_names_no_dunder_and_no_bare_module(source):
    try:
        tree = check_program(source, "reward")
    except ProgramRejected:
        return
    nodes = list(ast.walk(tree))
    bases = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    assert not [node for node in nodes if isinstance(node, ast.Attribute) and node.attr.startswith("_")]
    assert not [node for node in nodes if isinstance(node, ast.Name) and node.id == "np" and id(node) not in bases]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(source=st.text(max_size=200))
def test_any_text_is_refused_with_words(source):
    with pytest.raises(ProgramRejected) as caught:
        check_program(source, "reward")
    assert str(caught.value)

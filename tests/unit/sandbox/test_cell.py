"""A cell runs programs in a process of its own and believes nothing it says."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skillwright.core import ProgramFailed, ProgramRejected
from skillwright.sandbox import Cell, Limits, Sandbox
from skillwright.sandbox.language import NUMPY_FUNCTIONS


class Columns:
    def __init__(self, label: str, **arrays: NDArray[np.generic]) -> None:
        self.label = label
        self._arrays = arrays

    @property
    def names(self) -> Sequence[str]:
        return list(self._arrays)

    def column(self, name: str) -> NDArray[np.generic]:
        return self._arrays[name]


NUM = 6
STATE = Columns(
    "the state",
    x=np.arange(NUM, dtype=np.float32),
    v=np.ones((NUM, 3), np.float32),
    strided=np.arange(2 * NUM, dtype=np.float64)[::2],
)
ACTION = Columns("the action", push=np.array([0, 1, 0, 1, 0, 1], np.int64))
VIEWS = (STATE, ACTION, STATE)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox(Limits(wall_s=3.0, memory_bytes=128 << 20))
    yield opened
    opened.close()


def rewarding(body: str) -> Mapping[str, str]:
    return {"reward": f"def reward(s, a, n):\n    {body}\n"}


def terms(sandbox: Sandbox, body: str) -> dict[str, NDArray[np.float32]]:
    return sandbox.hold(rewarding(body)).terms(VIEWS, NUM)


def pid_of(cell: Cell, sandbox: Sandbox) -> int:
    """Finds the cell as this side numbers processes: under bubblewrap the nursery has numbers of its own."""
    assert cell._life is not None and sandbox._nursery is not None
    below, found = [sandbox._nursery._process.pid], []
    while below:
        parent = below.pop()
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
                if int(fields["PPid"]) == parent:
                    below.append(int(fields["Pid"]))
                    found += [int(fields["Pid"])] * (int(fields["NSpid"].split()[-1]) == cell._life._pid)
    return found[-1]


def test_a_program_computes_named_terms_of_float32(sandbox):
    found = terms(sandbox, "return {'far': -abs(s.x), 'push': 2 * a.push, 'fixed': 0.5, 'v': n.v[:, 1], 'b': s.x > 2}")
    assert {name: term.tolist() for name, term in found.items()} == {
        "far": [0, -1, -2, -3, -4, -5],
        "push": [0, 2, 0, 2, 0, 2],
        "fixed": [0.5] * NUM,
        "v": [1.0] * NUM,
        "b": [0, 0, 0, 1, 1, 1],
    }
    assert {term.dtype for term in found.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("term", "values"),
    [
        ("1", [1.0] * NUM),
        ("True", [1.0] * NUM),
        ("np.float64(0.5)", [0.5] * NUM),
        ("s.x.mean()", [2.5] * NUM),
        ("s.x.astype(np.float64)", list(range(NUM))),
        ("s.x.astype(int)", list(range(NUM))),
        ("s.x == 3", [0, 0, 0, 1, 0, 0]),
        ("s.v[:, 1:2]", [1.0] * NUM),
        ("s.x[:, None]", list(range(NUM))),
        ("[1, 2, 3, 4, 5, 6]", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_term_that_has_one_meaning_is_taken_for_it(sandbox, term, values):
    found = terms(sandbox, f"return {{'x': {term}}}")["x"]
    assert (found.tolist(), found.dtype) == (values, np.float32)


def test_every_numpy_function_runs_where_no_module_can_be_read(sandbox):
    calls = (
        "(s.x)",
        "(s.x, s.x)",
        "(8,)",
        "(s.v, axis=1)",
        "(s.v, s.v.T)",
        "([s.x], axis=9)",
        "('ij->i', s.v)",
        "(s.x, 50)",
    )
    lines = [
        f"    try: np.{name}{call}\n    except (TypeError, ValueError, IndexError, ArithmeticError): pass\n"
        for name in sorted(NUMPY_FUNCTIONS)
        for call in calls
    ]
    source = "def reward(s, a, n):\n" + "".join(lines) + "    return {'x': s.x}\n"
    assert sandbox.hold_unchecked({"reward": source}).terms(VIEWS, NUM)["x"][-1] == 5.0


def test_the_memory_a_program_may_use_is_what_its_limits_say():
    sandbox = Sandbox(Limits(memory_bytes=256 << 20))
    try:
        assert terms(sandbox, "return {'x': s.x + 0 * np.ones(23592960).sum()}")["x"][-1] == 5.0
        with pytest.raises(ProgramFailed, match="MemoryError"):
            terms(sandbox, "return {'x': s.x + np.ones(36700160).sum()}")
    finally:
        sandbox.close()


def test_columns_arrive_whatever_their_stride_and_dtype(sandbox):
    assert terms(sandbox, "return {'x': s.strided}")["x"].tolist() == [0, 2, 4, 6, 8, 10]


def test_numbers_are_computed_for_each_stretch(sandbox):
    sources = {
        "fitness": "def fitness(s, a, n):\n    return s.x.sum()\n",
        "success": "def success(s, a, n):\n    return s.x[-1] > 3\n",
    }
    numbers = sandbox.hold(sources).numbers(VIEWS, [2, NUM])
    assert {entry: row.tolist() for entry, row in numbers.items()} == {"fitness": [1, 14], "success": [0, 1]}


def test_a_program_that_looks_at_nothing_still_knows_how_many_rows(sandbox):
    assert terms(sandbox, "return {'fixed': 1.5}")["fixed"].tolist() == [1.5] * NUM


def test_a_helper_above_the_reward_can_be_called(sandbox):
    source = "SCALE = -2.0\ndef near(x):\n    return SCALE * x\ndef reward(s, a, n):\n    return {'x': near(n.x)}\n"
    assert sandbox.hold({"reward": source}).terms(VIEWS, NUM)["x"][-1] == -10.0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {'x': 1 / 0}", r"^line 2: ZeroDivisionError: division by zero$"),
        (
            "return {'x': s.speed}",
            r"line 2: AttributeError: the state has no field 'speed'; its fields are x, v, strided",
        ),
        ("return {'x': a.pull}", r"the action has no field 'pull'; its fields are push"),
        ("return s.x", r"a dict of named terms, not ndarray"),
        (
            "return s.x, {'x': s.x}",
            r"not a tuple of 2 values; write return \{'name': array, \.\.\.\} and nothing beside",
        ),
        ("return {}", r"not an empty dict"),
        ("return {'x': s.v}", r"the term 'x' has shape \(6, 3\), not \(6,\); sum over the other axes"),
        ("return {'x': s.x[:, None] - s.x}", r"shape \(6, 6\), not \(6,\); a column of shape \(batch, 1\) met a row"),
        ("return {'x': s.x[:2]}", r"shape \(2,\), not \(6,\); do not slice"),
        ("return {'x': s.x[:1]}", r"shape \(1,\), not \(6,\); do not slice"),
        ("return {'x': None}", r"the term 'x' has no value: it is None"),
        ("return {'x': np.log(s.x * 0.0)}", r"the term 'x' is not finite in 6 of 6 rows; keep what is divided by"),
        ("return {'x': 1e39}", r"the term 'x' is not finite"),
        (
            "return {'x': s.x if s.x > 0 else 0}",
            r"^line 2: ValueError: The truth value.*use np\.where\(condition, a, b\)",
        ),
        ("return {'x': max(s.x, 0)}", r"use np\.where"),
        ("return {'x': math.exp(s.x)}", r"use np in place of math"),
        ("return {'x': float(s.x)}", r"\.astype\(float\) of float\(\)"),
        ("return {'x': s['x']}", r"name the field, as in s\.x"),
        ("return {'x': s.x.sum(axis=1)}", r"stack several with np\.stack"),
        ("raise ValueError('why not')", r"^line 2: ValueError: why not$"),
        ("assert s.x.ndim == 2, 'two axes'", r"^line 2: AssertionError: two axes$"),
        ("return {'x': {}}", r"the dtype object"),
        ("return {'x': np.sqrt}", r"the dtype object"),
    ],
)
def test_a_broken_program_says_how_and_where(sandbox, body, said):
    with pytest.raises(ProgramFailed, match=said):
        terms(sandbox, body)


def test_an_error_of_one_of_several_programs_names_it(sandbox):
    cell = sandbox.hold({"fitness": "def fitness(s, a, n):\n    return s.x\n"})
    with pytest.raises(ProgramFailed, match=r"^fitness: the result has shape \(6,\)"):
        cell.numbers(VIEWS, [NUM])


def test_the_line_of_an_error_is_that_of_the_source_where_imports_stand_above(sandbox):
    source = "from typing import (\n    Dict,\n)\ndef reward(s, a, n) -> Dict:\n    return {'x': 1 / 0}\n"
    with pytest.raises(ProgramFailed, match=r"^line 5: ZeroDivisionError"):
        sandbox.hold({"reward": source}).terms(VIEWS, NUM)


def test_a_constant_that_cannot_be_computed_is_a_failure_of_the_program(sandbox):
    cell = sandbox.hold({"reward": "G = 1 / 0\ndef reward(s, a, n):\n    return {}\n"})
    with pytest.raises(ProgramFailed, match="line 1: ZeroDivisionError"):
        cell.terms(VIEWS, NUM)


def test_what_is_outside_the_language_is_refused_before_any_process_starts(sandbox):
    with pytest.raises(ProgramRejected, match="line 1"):
        sandbox.hold({"reward": "import os\n"})


def test_a_program_that_hangs_is_stopped_and_its_cell_serves_again():
    sandbox = Sandbox(Limits(wall_s=0.5))
    try:
        source = "def reward(s, a, n):\n    while s.x[0] == 1: pass\n    return {'x': s.x}\n"
        cell = sandbox.hold_unchecked({"reward": source})
        hanging = Columns("the state", x=np.ones(NUM, np.float32))
        with pytest.raises(ProgramFailed, match=r"longer than 0\.5 s"):
            cell.terms((hanging, ACTION, hanging), NUM)
        begin = time.monotonic()
        assert cell.terms(VIEWS, NUM)["x"][-1] == 5.0
        assert time.monotonic() - begin < 1.0
    finally:
        sandbox.close()


def test_a_cell_that_was_killed_from_outside_is_replaced_within_a_second(sandbox):
    cell = sandbox.hold(rewarding("return {'x': s.x}"))
    cell.terms(VIEWS, NUM)
    before = cell._life
    os.kill(pid_of(cell, sandbox), signal.SIGKILL)
    begin = time.monotonic()
    assert cell.terms(VIEWS, NUM)["x"][-1] == 5.0
    assert time.monotonic() - begin < 1.0
    assert cell._life is not before


def test_a_nursery_that_was_killed_is_replaced():
    sandbox = Sandbox()
    try:
        cell = sandbox.hold(rewarding("return {'x': s.x}"))
        cell.terms(VIEWS, NUM)
        assert sandbox._nursery is not None
        sandbox._nursery._process.kill()
        sandbox._nursery._process.wait()
        assert cell.terms(VIEWS, NUM)["x"][-1] == 5.0
    finally:
        sandbox.close()


def test_memory_grows_with_the_block(sandbox):
    cell = sandbox.hold(rewarding("return {'x': s.x + 1}"))
    assert cell.terms(VIEWS, NUM)["x"][0] == 1.0
    large = Columns("the state", x=np.zeros(3_000_000, np.float32))
    assert cell.terms((large, ACTION, large), 3_000_000)["x"].sum() == 3_000_000


def test_a_forgotten_cell_leaves_no_process(sandbox):
    cell = sandbox.hold(rewarding("return {'x': s.x}"))
    cell.terms(VIEWS, NUM)
    pid = pid_of(cell, sandbox)
    assert Path(f"/proc/{pid}").exists()
    del cell
    assert not Path(f"/proc/{pid}").exists()


def test_all_layers_hold_here(sandbox):
    assert {"allow-list", "own process", "rlimits", "landlock", "seccomp"} <= set(sandbox.layers().in_force)

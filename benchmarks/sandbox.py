"""What it costs to hold every program in a process of its own."""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchmarks.benchmark import Benchmark, Case, Size
from benchmarks.protocol import Message
from benchmarks.tables import prose, seconds, significant, spread, table
from skillwright.core import ProgramFailed
from skillwright.sandbox import Cell, Limits, Sandbox

__all__ = ["SANDBOX", "SandboxCase", "SandboxResult"]

Kind = Literal["calls", "kills", "programs"]

_NUM_ROWS: Final = 128 * 16
_NUM_COLUMNS: Final = 24
_WALL_S: Final = 0.3
"""Time after which a program that hangs is killed here."""
_SOURCE: Final = """
def reward(s, a, n):
    while s.all[0, 0] > 1e6:
        pass
    distance = np.linalg.norm(s.all[:, :3], axis=-1)
    return {{"near": np.exp(-distance), "effort": -0.01 * np.square(s.all).sum(axis=-1), "number": {number}.0}}
"""
_MAX_OVERHEAD_S: Final = 0.5e-3
_MAX_REPLACEMENT_S: Final = 1.0
_MAX_GROWTH: Final = 0.05


class SandboxCase(Case):
    """One thing that the sandbox does, so many times."""

    kind: Kind
    num: int
    repeat: int

    @property
    def label(self) -> str:
        """Number and kind of what is done, and the repeat."""
        return f"{self.num:,} {self.kind}, repeat {self.repeat + 1}"


class Quantiles(Message):
    """Of many times, in seconds."""

    p50: float
    p95: float


class SandboxResult(Message):
    """What was measured; what the case is not about stays empty."""

    layers: list[str]
    """Those in force."""
    alone: Quantiles | None = None
    """A call in this process."""
    overhead: Quantiles | None = None
    """A call in the program's own process, less the call in this process before it."""
    replacement: Quantiles | None = None
    """From the moment a program is killed to its next answer."""
    memory_mib: Mapping[str, tuple[float, float]] = Field(default_factory=dict)
    """Which process -> its memory after a tenth of the programs, and after all."""


class _Columns:
    def __init__(self, label: str, **columns: NDArray[np.float32]) -> None:
        self.label = label
        self._columns = columns

    @property
    def names(self) -> Sequence[str]:
        return list(self._columns)

    def column(self, name: str) -> NDArray[np.float32]:
        return self._columns[name]


def _views(block: NDArray[np.float32]) -> Sequence[_Columns]:
    return _Columns("the state", all=block), _Columns("the action"), _Columns("the state after")


_BLOCK: Final = np.random.default_rng(0).normal(size=(_NUM_ROWS, _NUM_COLUMNS)).astype(np.float32)


def _cases(size: Size) -> list[SandboxCase]:
    numbers: Mapping[Kind, int] = (
        {"calls": 500, "kills": 3, "programs": 300} if size.quick else {"calls": 5000, "kills": 30, "programs": 10_000}
    )
    return [
        SandboxCase(kind=kind, num=num, repeat=repeat)
        for kind, num in numbers.items()
        for repeat in range(1 if kind == "programs" else size.num_repeats(3))
    ]


def _measure(case: SandboxCase) -> SandboxResult:
    measure = {"calls": _measure_calls, "kills": _measure_kills, "programs": _measure_programs}[case.kind]
    sandbox = Sandbox(Limits(wall_s=_WALL_S) if case.kind == "kills" else None)
    try:
        return measure(sandbox, case.num, sandbox.layers().in_force)
    finally:
        sandbox.close()


def _measure_calls(sandbox: Sandbox, num: int, layers: list[str]) -> SandboxResult:
    names: dict[str, Callable[..., object]] = {}
    exec(_SOURCE.format(number=0), {"np": np}, names)
    state = type("State", (), {"all": _BLOCK})()
    with _held(sandbox) as cell:
        views = _views(_BLOCK)
        pairs = [
            (_time(lambda: names["reward"](state, None, None)), _time(lambda: cell.terms(views, _NUM_ROWS)))
            for _ in range(num)
        ]
    alone, held = np.array(pairs[num // 10 :]).T
    return SandboxResult(layers=layers, alone=_quantiles(alone), overhead=_quantiles(held - alone))


def _measure_kills(sandbox: Sandbox, num: int, layers: list[str]) -> SandboxResult:
    endless = _views(np.full_like(_BLOCK, 1e7))
    times = []
    with _held(sandbox) as cell:
        for _ in range(num):
            begin = time.perf_counter()
            try:
                cell.terms(endless, _NUM_ROWS)
            except ProgramFailed:
                cell.terms(_views(_BLOCK), _NUM_ROWS)
            times.append(time.perf_counter() - begin - _WALL_S)
    return SandboxResult(layers=layers, replacement=_quantiles(np.array(times)))


def _measure_programs(sandbox: Sandbox, num: int, layers: list[str]) -> SandboxResult:
    memory = []
    for number in range(num):
        with _held(sandbox, number) as cell:
            cell.terms(_views(_BLOCK), _NUM_ROWS)
        if number + 1 in (num // 10, num):
            memory.append((_resident_mib([os.getpid()]), _resident_mib(_descendants())))
    (ours, theirs), (ours_last, theirs_last) = memory
    return SandboxResult(
        layers=layers, memory_mib={"the trainer's process": (ours, ours_last), "the nursery": (theirs, theirs_last)}
    )


@contextmanager
def _held(sandbox: Sandbox, number: int = 0) -> Iterator[Cell]:
    cell = sandbox.hold({"reward": _SOURCE.format(number=number)})
    cell.terms(_views(_BLOCK), _NUM_ROWS)
    try:
        yield cell
    finally:
        cell.close()


def _time(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _quantiles(times: NDArray[np.float64]) -> Quantiles:
    p50, p95 = np.percentile(times, [50, 95])
    return Quantiles(p50=float(p50), p95=float(p95))


def _descendants() -> list[int]:
    """Finds the processes that descend from this one: no cell lives any more, so they are the nursery's."""
    found, parents = [], {os.getpid()}
    parent_of = dict(_processes())
    while parents:
        parents = {pid for pid, parent in parent_of.items() if parent in parents}
        found += sorted(parents)
    return found


def _processes() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may just have ended
            yield int(folder.name), int((folder / "stat").read_text().rpartition(") ")[2].split()[1])


def _resident_mib(pids: Sequence[int]) -> float:
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _render(measured: Sequence[tuple[SandboxCase, SandboxResult]]) -> str:
    layers = ", ".join(measured[-1][1].layers)
    rows = [*_call_rows(measured), *_replacement_rows(measured), *_memory_rows(measured)]
    return f"{prose(_METHOD.format(layers=layers))}\n{table(['what', 'measured', 'bar'], rows)}"


def _call_rows(measured: Sequence[tuple[SandboxCase, SandboxResult]]) -> Iterator[list[str]]:
    alone = [result.alone for _, result in measured if result.alone]
    overhead = [result.overhead for _, result in measured if result.overhead]
    if alone and overhead:
        yield ["a call in the trainer's process, p50", spread([one.p50 for one in alone], _milliseconds), ""]
        p50 = [one.p50 for one in overhead]
        verdict = _verdict("at most 0.5 ms", statistics.median(p50) <= _MAX_OVERHEAD_S)
        yield ["what its own process adds, p50", spread(p50, _milliseconds), verdict]
        yield ["what its own process adds, p95", spread([one.p95 for one in overhead], _milliseconds), ""]


def _replacement_rows(measured: Sequence[tuple[SandboxCase, SandboxResult]]) -> Iterator[list[str]]:
    found = [result.replacement for _, result in measured if result.replacement]
    if found:
        p95 = [one.p95 for one in found]
        yield ["from the kill of a program to its next answer, p50", spread([one.p50 for one in found], seconds), ""]
        verdict = _verdict("under 1 s", max(p95) < _MAX_REPLACEMENT_S)
        yield ["from the kill of a program to its next answer, p95", spread(p95, seconds), verdict]


def _memory_rows(measured: Sequence[tuple[SandboxCase, SandboxResult]]) -> Iterator[list[str]]:
    for case, result in measured:
        for process, (before, after) in result.memory_mib.items():
            growth = after / before - 1
            yield [
                f"memory of {process} after {case.num // 10:,} and {case.num:,} programs",
                f"{before:.1f} MiB and {after:.1f} MiB ({growth:+.1%})",
                _verdict("within 5 %", growth <= _MAX_GROWTH),
            ]


def _milliseconds(value: float) -> str:
    return f"{significant(1000 * value)} ms"


def _verdict(bar: str, is_met: bool) -> str:
    return f"{bar}: {'met' if is_met else 'missed'}"


_METHOD: Final = f"""\
A reward of three terms over a block of 128 × 16 × {_NUM_COLUMNS} numbers in float32, called in the trainer's process
and in the program's own by turns; the table shows the difference of each pair. To be killed, a program hangs and breaks
its limit of {_WALL_S} s, which is taken off. For memory, one program after another is held, called twice and let go. In
brackets stands the range over the repeats. In force: {{layers}}.
"""

SANDBOX: Final = Benchmark(
    name="sandbox",
    title="What holding programs costs",
    case_type=SandboxCase,
    result_type=SandboxResult,
    list_cases=_cases,
    measure=_measure,
    render=_render,
)

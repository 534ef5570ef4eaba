"""What the sandbox costs: a call, a replaced process, and memory over many programs."""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skillwright.sandbox import Sandbox

NUM_PROGRAMS = int(os.environ.get("SANDBOX_PROGRAMS", "1500"))
BLOCK = np.random.default_rng(0).normal(size=(128 * 16, 24)).astype(np.float32)
SOURCE = "def reward(s, a, n):\n    return {{'near': np.exp(-np.sqrt(np.square(s.all).sum(axis=-1))) * {}}}\n"


class Columns:
    label = "the state"
    names: Sequence[str] = ("all",)

    def column(self, name: str) -> NDArray[np.float32]:
        return BLOCK


VIEWS = (Columns(),) * 3


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    opened = Sandbox()
    yield opened
    opened.close()


def median_ms(call: Callable[[], object], repeats: int = 400) -> float:
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return 1000 * statistics.median(times)


def test_a_call_costs_little_more_than_the_program(sandbox):
    cell = sandbox.hold({"reward": SOURCE.format(1.0)})
    inside = median_ms(lambda: cell.terms(VIEWS, len(BLOCK)))
    alone = median_ms(lambda: np.exp(-np.sqrt(np.square(BLOCK).sum(axis=-1))))
    print(f"p50 of a call: {inside:.3f} ms, of the arithmetic alone: {alone:.3f} ms")
    assert inside - alone <= 0.5


def resident_kib(pid: int) -> int:
    fields = Path(f"/proc/{pid}/status").read_text().split()
    return int(fields[fields.index("VmRSS:") + 1])


def descendants_of(pid: int) -> list[int]:
    """Lists a process and all below it: bubblewrap, where it is found, stands between us and the nursery."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in descendants_of(int(child)))]


@pytest.mark.slow
def test_memory_stays_flat_over_many_programs(sandbox):
    sizes = []
    for number in range(NUM_PROGRAMS):
        cell = sandbox.hold({"reward": SOURCE.format(number)})
        assert cell.terms(VIEWS, len(BLOCK))["near"].shape == (len(BLOCK),)
        cell.close()
        if number >= NUM_PROGRAMS // 10:
            assert sandbox._nursery is not None
            nursery = descendants_of(sandbox._nursery._process.pid)
            sizes.append((resident_kib(os.getpid()), sum(map(resident_kib, nursery))))
    (first, *_, last) = sizes
    assert last[1] > 10_000, "a nursery holds numpy"
    print(f"KiB of this process and of the nursery, after a tenth and at the end: {first}, {last}")
    assert all(after <= 1.05 * before for before, after in zip(first, last, strict=True))
    assert len(os.listdir("/proc/self/fd")) < 64

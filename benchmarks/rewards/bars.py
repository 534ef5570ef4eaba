"""The bars that the benchmark is held against, and whether they are met."""

from collections.abc import Iterable
from typing import NamedTuple

from benchmarks.rewards.conditions import MODEL
from benchmarks.rewards.measured import Measured
from benchmarks.rewards.scores import normalise
from benchmarks.rewards.tallies import against_reference, execution, num_hangs

__all__ = ["Bar", "list_bars"]

_NOT_MEASURED = "not measured"


class Bar(NamedTuple):
    """One bar."""

    wanted: str
    measured: str
    is_met: bool | None
    """None: nothing to hold against it was measured."""

    @property
    def verdict(self) -> str:
        """In a word or two."""
        return _NOT_MEASURED if self.is_met is None else "met" if self.is_met else "**missed**"


def list_bars(measured: Measured) -> list[Bar]:
    """Holds measurements against all bars.

    Args:
        measured: of one scale.
    """
    bars = [_as_good(measured, "search", 0.6), _as_good(measured, MODEL, 0.8), *_model_scores(measured)]
    for condition in ("search", MODEL):
        found = [one for one in measured.searches if one.case.condition == condition]
        wanted = f"`{condition}`: at least 90 % of the programs asked for run, after repair"
        ran = execution(found).ran if found else None
        bars.append(Bar(wanted, _NOT_MEASURED if ran is None else f"{ran:.0%}", None if ran is None else ran >= 0.9))
    hangs = num_hangs(measured)
    return [*bars, Bar("no training hangs", f"{hangs} of {_num_trainings(measured)}", hangs == 0)]


def _as_good(measured: Measured, condition: str, least: float) -> Bar:
    wanted = f"`{condition}` at least as good as the reference in {least:.0%} of the tasks"
    comparison = against_reference(measured, condition)
    if comparison is None:
        return Bar(wanted, _NOT_MEASURED, None)
    return Bar(wanted, f"{comparison.num_as_good} of {comparison.num_tasks}", comparison.share >= least)


def _model_scores(measured: Measured) -> Iterable[Bar]:
    normalised = normalise(MODEL, measured.scores())
    mean, median = (normalised.mean.mean, normalised.median) if normalised else (None, None)
    yield _score("mean human-normalised score above 1.3", mean, mean is not None and mean > 1.3)
    yield _score("median human-normalised score at least 1.0", median, median is not None and median >= 1.0)


def _score(wanted: str, value: float | None, is_met: bool) -> Bar:
    text = f"`{MODEL}`: {wanted}"
    return Bar(text, _NOT_MEASURED, None) if value is None else Bar(text, f"{value:.2f}", is_met)


def _num_trainings(measured: Measured) -> int:
    return len(measured.finals) + sum(found.result.num_accepted for found in measured.searches)

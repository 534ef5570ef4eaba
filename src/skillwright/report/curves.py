"""The learning curves of a run as one tidy table: a row per point, a column per measure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from skillwright.rewards.records import CurvePoint, Generation, Trained

__all__ = ["MEASURES", "CurveTable", "LearningCurve", "curve_table"]

FINALS: Final = "finals"
"""Name of the stage in which finalists and the reference are trained on fresh seeds."""

MEASURES: Final = ("fitness", "success_rate", "reward", "episode_length")
"""What every point measures, as fields of ``CurvePoint``."""

_KEYS: Final = ("run_id", "stage", "candidate_id", "seed", "timesteps")

Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningCurve:
    """One training of one candidate."""

    stage: str
    """``g0``, ``g1``, … as in the ids of candidates, or ``finals``."""
    candidate_id: str
    """Id of the candidate, or ``reference``."""
    seed: int
    points: Sequence[CurvePoint]
    """In time order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveTable:
    """All learning curves of one run."""

    run_id: str
    curves: list[LearningCurve]
    """In the order of training."""
    terms: list[str] = field(default_factory=list)
    """Names of the terms of all rewards, sorted."""

    @property
    def num_rows(self) -> int:
        """Number of points of all curves."""
        return sum(len(curve.points) for curve in self.curves)

    def columns(self) -> dict[str, list[Cell]]:
        """Lays the curves out as columns of equal length.

        Returns:
            Name -> values: ``run_id``, ``stage``, ``candidate_id`` (text), ``seed``, ``timesteps`` (whole numbers),
            the ``MEASURES`` and one ``term_NAME`` for each name in ``terms``; none where a point has no such value.
        """
        rows = [(curve, point) for curve in self.curves for point in curve.points]
        keys = [(self.run_id, curve.stage, curve.candidate_id, curve.seed, point.timesteps) for curve, point in rows]
        columns: dict[str, list[Cell]] = {name: [key[place] for key in keys] for place, name in enumerate(_KEYS)}
        columns |= {name: [getattr(point, name) for _, point in rows] for name in MEASURES}
        columns |= {f"term_{name}": [point.terms.get(name) for _, point in rows] for name in self.terms}
        return columns


def curve_table(run_id: str, generations: Sequence[Generation], finals: Sequence[Trained]) -> CurveTable:
    """Gathers the learning curves of a run, those of candidates that failed or left the race included.

    Args:
        run_id: id of the run.
        generations: its generations, as far as they have come.
        finals: its finals, as far as they have come.

    Returns:
        The table; trainings that left no curve are not in it.
    """
    stages = [(f"g{one.index}", one.trained) for one in generations] + [(FINALS, list(finals))]
    curves = [
        LearningCurve(stage=stage, candidate_id=run.candidate_id, seed=run.seed, points=run.curve)
        for stage, trained in stages
        for run in trained
        if run.curve
    ]
    terms = sorted({name for curve in curves for point in curve.points for name in point.terms})
    return CurveTable(run_id=run_id, curves=curves, terms=terms)

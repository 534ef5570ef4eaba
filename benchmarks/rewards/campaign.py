"""Measures what has not been measured yet: per task the searches one after another, then all policies side by side."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.benchmark import Case
from benchmarks.machine import describe_machine, describe_revision, list_versions
from benchmarks.protocol import Message
from benchmarks.records import Record, Results
from benchmarks.rewards.conditions import SPARSE, Condition
from benchmarks.rewards.finals import PlannedFinal, plan_finals, train_all
from benchmarks.rewards.scale import Scale
from benchmarks.rewards.searching import SearchResult, find_reward, plan_search
from benchmarks.rewards.worlds import home_name, split_task
from benchmarks.workers import NUM_WORKERS
from skillwright.compute import Executor, LocalExecutor
from skillwright.core import SkillwrightError
from skillwright.core.serialising import to_json
from skillwright.envs import find_card, read_reference
from skillwright.rewards.records import Program

__all__ = ["FINALS", "SEARCHES", "Campaign"]

SEARCHES: Final = "reward-searches"
FINALS: Final = "reward-finals"
_ROOT: Final = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What to measure, and where it is kept."""

    scale: Scale
    conditions: Sequence[Condition]
    results: Results
    home: Path
    """Folder of the runs' homes, one each; a broken-off run goes on from there."""

    def run(self) -> int:
        """Measures what is missing.

        Returns:
            Number of searches that failed, and policies that could not be trained; why is printed.
        """
        _make_private(self.home)
        print(f"{self.scale.name}: {len(self.scale.tasks)} tasks; load of this machine: {os.getloadavg()[0]:.1f}")
        with _workers() as executor:
            return sum(self._measure_task(task, executor) for task in self.scale.tasks)

    def _measure_task(self, task: str, executor: Executor) -> int:
        num_failed, planned = 0, list[PlannedFinal]()
        for condition in self.conditions:
            try:
                finals = self._plan_finals(task, condition)
            except SkillwrightError as error:
                num_failed += 1
                _say(f"{task}, {condition.name}: not measured: {error}")
                continue
            planned += finals
        return num_failed + self._train(planned, executor)

    def _plan_finals(self, task: str, condition: Condition) -> list[PlannedFinal]:
        """Lists the policies of a condition, once its reward is there; none if the task does not have it."""
        if condition.name == SPARSE:
            return plan_finals(self.scale, task, SPARSE, None)
        program = self._search(task, condition) if condition.search else _reference(task)
        if program is None:
            _say(f"{task}, {condition.name}: left out: nobody has written or recorded it")
        return plan_finals(self.scale, task, condition.name, program) if program else []

    def _search(self, task: str, condition: Condition) -> Program | None:
        assert condition.search is not None
        case = plan_search(self.scale, task, condition)
        if condition.search.asks_model and not case.replies:
            return None
        for record in self.results.read(SEARCHES):
            if record.machine == describe_machine() and record.case == case.model_dump(mode="json"):
                return SearchResult.model_validate(record.result).program
        begin = time.perf_counter()
        load = os.getloadavg()[0]
        result = find_reward(case, condition, self.home / home_name(task, to_json(case)))
        self._keep(SEARCHES, case, result, load)
        _say(f"{case.label}: {result.candidate} by {result.operator}, {time.perf_counter() - begin:.0f} s")
        return result.program

    def _train(self, planned: Sequence[PlannedFinal], executor: Executor) -> int:
        known = [one.case for one in self.results.read(FINALS) if one.machine == describe_machine()]
        missing = [one for one in planned if one.case.model_dump(mode="json") not in known]
        num_failed, load = 0, os.getloadavg()[0]
        for case, result in train_all(missing, executor):
            self._keep(FINALS, case, result, load)
            num_failed += bool(result.failure)
            mean = sum(result.fitness) / max(1, len(result.fitness))
            _say(f"{case.label}: {result.failure or f'fitness {mean:.3f}'}, {result.wall_s:.0f} s")
        return num_failed

    def _keep(self, benchmark: str, case: Case, result: Message, load: float) -> None:
        self.results.append(
            Record(
                benchmark=benchmark,
                case=case.model_dump(mode="json"),
                result=result.model_dump(mode="json"),
                machine=describe_machine(),
                versions=list_versions(),
                revision=describe_revision(),
                load=load,
            )
        )


def _reference(task: str) -> Program | None:
    env, name = split_task(task)
    source = read_reference(find_card(env).tasks[name])
    return Program(source=source) if source else None


@contextmanager
def _workers() -> Iterator[Executor]:
    """Gives workers that can import this package, which is not installed."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if _ROOT not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join([_ROOT, *filter(None, paths)])
    executor = LocalExecutor(NUM_WORKERS)
    try:
        yield executor
    finally:
        executor.close()


def _make_private(folder: Path) -> None:
    """Makes a folder that git does not see."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def _say(line: str) -> None:
    print(line, flush=True)

"""Asks a language model for rewards once, and keeps its replies, so that everyone can repeat the searches."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.rewards.conditions import Condition
from benchmarks.rewards.recorded import Bill, bill_of, place_of
from benchmarks.rewards.scale import Scale
from benchmarks.rewards.searching import plan_search, run_request
from benchmarks.rewards.worlds import home_name
from skillwright.agents.beginning import begin_run
from skillwright.agents.running import carry_out_run
from skillwright.core import Home, SkillwrightError
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.serialising import to_json
from skillwright.llm.replay import write_replay
from skillwright.rewards.progress import Silent

__all__ = ["record_replies"]


def record_replies(scale: Scale, conditions: Sequence[Condition], model: str, home: Path) -> int:
    """Carries the searches of a language model out, and writes its replies beside the benchmark.

    Args:
        scale: its tasks and sizes.
        conditions: those that ask a model are recorded; the others are passed over.
        model: as ``--model`` of ``skillwright evolve`` takes it.
        home: folder of the runs' homes.

    Returns:
        Number of searches that failed; why is printed.
    """
    num_failed = 0
    for task in scale.tasks:
        for condition in conditions:
            if condition.search and condition.search.asks_model:
                try:
                    print(f"{task}, {condition.name}: {_record(scale, task, condition, (model, home))}", flush=True)
                except SkillwrightError as error:
                    num_failed += 1
                    print(f"{task}, {condition.name}: not recorded: {error}", flush=True)
    return num_failed


def _record(scale: Scale, task: str, condition: Condition, source: tuple[str, Path]) -> str:
    model, homes = source
    case = plan_search(scale, task, condition).model_copy(update={"replies": ""})
    home = Home.open(homes / home_name(task, "record", model, to_json(case)))
    journal = Journal(Database.open(home))
    earlier = journal.runs()
    run_id = earlier[0].id if earlier else begin_run(home, run_request(case, condition, model))
    spent = [use.spending for use in carry_out_run(home, run_id, Silent()).models]
    place = place_of(scale.name, task, condition.name)
    place.parent.mkdir(parents=True, exist_ok=True)
    num_requests = write_replay(journal, run_id, place)
    bill = Bill(tokens=sum(one.tokens for one in spent), usd=sum(one.usd for one in spent))
    bill_of(place).write_text(to_json(bill) + "\n", encoding="utf-8")
    return f"{num_requests} requests in {place}"

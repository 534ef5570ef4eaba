"""Finds a reward as the product does: one run, begun and carried out by its own machinery."""

import time
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.benchmark import Case
from benchmarks.cpu_time import cpu_time_s
from benchmarks.protocol import Message
from benchmarks.rewards.conditions import Condition
from benchmarks.rewards.recorded import REPLIES, Bill, replies_of
from benchmarks.rewards.scale import Name, Scale
from benchmarks.rewards.worlds import fingerprint, split_task
from benchmarks.workers import NUM_WORKERS
from skillwright.agents.beginning import begin_run
from skillwright.agents.run_types import RunRecord, RunRequest
from skillwright.agents.running import carry_out_run
from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.envs import find_card
from skillwright.llm.exchanges import read_exchanges
from skillwright.rewards.progress import Progress
from skillwright.rewards.records import EvolutionResult, Program

__all__ = ["SILENCE", "SearchCase", "SearchResult", "find_reward", "plan_search", "run_request"]

SILENCE: Final = "said nothing for"
"""What the reason of a loss says where a worker hung."""
_METER_PERIOD_S: Final = 2.0


class SearchCase(Case):
    """One search for a reward."""

    scale: Name
    task: str
    """``ENV/TASK``."""
    condition: str
    seed: int
    num_candidates: int
    num_generations: int
    total_timesteps: int
    num_workers: int
    world: str
    """Fingerprint of the task."""
    replies: str
    """SHA-256 of the file of replies; empty: no model is asked."""

    @property
    def label(self) -> str:
        """Task, condition and seed."""
        return f"{self.task}, {self.condition}, search {self.seed}"


class SearchResult(Message):
    """The reward that was found, and what it took."""

    program: Program
    """Of the candidate that ranks first: the finalist with the highest lower bound over its seeds."""
    candidate: str
    operator: str
    author: str
    """A file of replies is named as seen from the folder of all replies."""
    fitness: float
    """Mean fitness of the run's best policy on the run's held-out episodes."""
    num_wanted: int
    """Candidates that the generations asked for."""
    num_accepted_first: int
    """Of those that were proposed at first, how many the screens took."""
    num_accepted: int
    """How many there were in the end, once what was refused had been repaired or replaced."""
    num_failed: int
    """Of these, how many ended in training with an error."""
    num_hangs: int
    """Workers that were given up because nothing was heard of them."""
    timesteps: int
    wall_s: float
    """Of all sittings."""
    cpu_s: float | None
    """Of this process and all below it; none: the run was broken off and went on later."""
    tokens: int
    """Of questions and replies together, when they were recorded; replaying costs nothing."""
    usd: float
    """When they were recorded."""
    answered_by: list[str]
    """The models that answered, as they called themselves."""


class _Spent(NamedTuple):
    """What is known of a search beside its run."""

    cpu_s: float | None
    bill: Bill
    num_hangs: int
    answered_by: list[str]


class _Meter:
    """Watches a run, and the CPU time meanwhile: processes that hold programs are gone when it ends."""

    def __init__(self) -> None:
        self._before = cpu_time_s()
        self._read_at = time.monotonic()
        self.cpu_s = 0.0
        self.num_hangs = 0

    def said(self, line: str) -> None:
        """Counts the workers that hang.

        Args:
            line: what happened.
        """
        self.num_hangs += SILENCE in line

    def heard(self, piece: str) -> None:
        """Drops the piece.

        Args:
            piece: of a reply.
        """

    def progressed(self, progress: Progress) -> None:
        """Reads the clock now and then.

        Args:
            progress: where the run stands.
        """
        now = time.monotonic()
        if now - self._read_at >= _METER_PERIOD_S:
            self._read_at = now
            self.read()

    def read(self) -> None:
        """Reads the clock."""
        self.cpu_s = max(self.cpu_s, cpu_time_s() - self._before)


def plan_search(scale: Scale, task: str, condition: Condition, *, seed: int = 0) -> SearchCase:
    """Says what a search is asked for.

    Args:
        scale: how much is measured.
        task: ``ENV/TASK``.
        condition: one that searches.
        seed: of the run.
    """
    assert condition.search is not None, f"{condition.name} finds no reward"
    card = find_card(split_task(task)[0])
    num_candidates, num_generations = condition.search.size(scale)
    replies = replies_of(scale.name, task, condition.name) if condition.search.asks_model else None
    return SearchCase(
        scale=scale.name,
        task=task,
        condition=condition.name,
        seed=seed,
        num_candidates=num_candidates,
        num_generations=num_generations,
        total_timesteps=round(scale.budget_factor * card.learner.total_timesteps),
        num_workers=NUM_WORKERS,
        world=fingerprint(card, split_task(task)[1]),
        replies=replies.digest if replies else "",
    )


def run_request(case: SearchCase, condition: Condition, model: str) -> RunRequest:
    """Puts a search into the words of the product.

    Args:
        case: the search.
        condition: its condition.
        model: who writes the rewards; ``none``: the search that asks nobody.
    """
    search, (env, name) = condition.search, split_task(case.task)
    assert search is not None
    return RunRequest(
        text=find_card(env).tasks[name].text,
        env=env,
        task=name,
        seed=case.seed,
        num_candidates=case.num_candidates,
        num_generations=case.num_generations,
        total_timesteps=case.total_timesteps,
        num_workers=case.num_workers,
        reuse=False,
        model=model,
        proposer="llm" if search.asks_model else "search",
        has_reflection=search.has_reflection,
        has_screens=search.has_screens,
        has_racing=search.has_racing,
        has_elites=search.has_elites,
    )


def find_reward(case: SearchCase, condition: Condition, folder: Path) -> SearchResult:
    """Carries a search out, from wherever an earlier sitting stopped.

    Args:
        case: the search.
        condition: its condition.
        folder: its home, used for nothing else.

    Returns:
        The reward and the costs.

    Raises:
        SkillwrightError: the run failed; it goes on when it is measured again.
    """
    replies = replies_of(case.scale, case.task, condition.name) if case.replies else None
    home = Home.open(folder)
    journal = Journal(Database.open(home))
    earlier = journal.runs()
    meter = _Meter()
    request = run_request(case, condition, f"replay:{replies.path}" if replies else "none")
    run_id = earlier[0].id if earlier else begin_run(home, request)
    record = carry_out_run(home, run_id, meter)
    answered_by = sorted({one.served_by for one in read_exchanges(journal, run_id) if one.served_by})
    spent = _Spent(
        cpu_s=None if earlier else meter.cpu_s,
        bill=replies.bill() if replies else Bill(tokens=0, usd=0.0),
        num_hangs=meter.num_hangs,
        answered_by=answered_by,
    )
    return _summary(case, record, spent)


def _summary(case: SearchCase, record: RunRecord, spent: _Spent) -> SearchResult:
    evolution = record.evolution
    assert evolution is not None, "a search makes a skill of its own"
    candidates = {one.id: one for generation in evolution.generations for one in generation.candidates}
    winner = candidates[evolution.ranking[0]]
    trained = [one for generation in evolution.generations for one in generation.trained]
    return SearchResult(
        program=winner.program,
        candidate=winner.id,
        operator=winner.operator,
        author=winner.author.replace(f"{REPLIES}/", ""),
        fitness=evolution.held_out.fitness,
        num_wanted=case.num_candidates * case.num_generations,
        num_accepted_first=_num_accepted(evolution, case.num_candidates),
        num_accepted=_num_accepted(evolution, None),
        num_failed=sum(bool(one.failure) for one in trained),
        num_hangs=spent.num_hangs,
        timesteps=evolution.total_timesteps,
        wall_s=record.wall_time_s,
        cpu_s=spent.cpu_s,
        tokens=spent.bill.tokens,
        usd=spent.bill.usd,
        answered_by=spent.answered_by,
    )


def _num_accepted(evolution: EvolutionResult, first: int | None) -> int:
    """Counts what the screens took, of the first of each generation or of all."""
    return sum(one.accepted for generation in evolution.generations for one in generation.screenings[:first])

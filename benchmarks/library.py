"""What a search of the library costs and finds: ``python -m benchmarks.library`` writes docs/library-benchmark.md."""

import argparse
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from pydantic import RootModel

from benchmarks.machine import describe_machine, describe_revision, list_versions
from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.schema import skill_vectors, skills
from skillwright.core.serialising import to_json
from skillwright.core.yaml_file import read_yaml
from skillwright.envs.catalog import list_cards
from skillwright.skills.library import Library, slug
from skillwright.skills.searching import Query
from skillwright.skills.skill import Evidence, Lineage, Skill

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PAGE", "Measured", "RandomEmbedder", "describe", "main", "measure", "measure_quality", "measure_times"]

_QUERIES: Final = Path(__file__).with_name("library_queries.yaml")
PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "library-benchmark.md"
"""Written by a full measurement."""
_NUM_SKILLS: Final = 100_000
_DIM: Final = 384
_BULK: Final = 5_000
_PAGE: Final = """# Searching the library, measured

`make bench-library` writes this page; `python -m benchmarks.library --skills 2000` prints a quick one.

Machine: {cpu}, {cores} cores, {memory} GiB, {system}. {versions}. Commit {commit}.
When the measurement began, {load:.1f} processes wanted to run (the load average of a minute). With more than there are
cores, the times below are too long and only the processor time tells.

## How long a search takes

Among {num:,} made-up skills, with queries of six telling words, of which several occur in thousands of skills; vectors
are random ones of {dim} dimensions, and making them is not counted. The first search of a process with vectors reads
them all. The bar is a median of 20 ms.

| Search | median | 95 % are below | processor time | first of a process |
| --- | ---: | ---: | ---: | ---: |
{times}

## What a search finds

The library holds a skill for each of the {cards} tasks of the built-in cards. The queries say the tasks in other words
([benchmarks/library_queries.yaml](../benchmarks/library_queries.yaml)), written before the search was first measured.
These are the figures of full text alone, without any model. A skill for the same sentence in another world counts as
found where no world is said.

| Queries | number | first | among the first five |
| --- | ---: | ---: | ---: |
{found}
"""
_VERBS: Final = (
    "push pull lift drop turn open close slide press hit throw catch hold carry bring place stack pour sweep wipe cut "
    "insert remove reach touch grasp release balance swing jump walk run climb swim land hover fly steer park stop"
).split()
_THINGS: Final = (
    "cube puck plate door drawer window faucet handle lever button knob kettle box peg socket nail hammer ball bottle "
    "cup bowl spoon towel sponge book lamp switch rope chain wheel cart pole rod arm hand leg gripper block cylinder "
    "lid jar tray shelf basket bin brick tile pipe valve plug cable card pen paper coin key lock latch hinge"
).split()
_PLACES: Final = (
    "table floor wall corner shelf pad hill track path edge middle left right front rear top bottom burner cabinet "
    "goal target hole line circle flag ramp bridge gate room"
).split()
_MANNERS: Final = "gently fast slowly softly steadily calmly firmly exactly twice again upright sideways".split()
_EVIDENCE: Final = Evidence(
    first_seed=2_000_000_000,
    num_episodes=100,
    success_rate=0.97,
    success_interval=(0.915, 0.99),
    fitness=0.9,
    fitness_interval=(0.88, 0.92),
    required_success_rate=0.95,
    training_timesteps=1_000_000,
    wall_time_s=61.0,
)


class _Paraphrases(RootModel[dict[str, dict[str, list[str]]]]):
    """World -> task -> sentences."""


class RandomEmbedder:
    """Gives every text a vector that means nothing, for measuring what comparing costs."""

    spec = "random"

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Embeds texts. Shape: (len(texts), 384).

        Args:
            texts: any; only their number counts.
        """
        return _unit(np.random.default_rng(0), len(texts))


class Times(NamedTuple):
    """Of many searches, in milliseconds."""

    p50: float
    p95: float
    first: float
    """Of the first search by a new process, which reads all vectors."""
    processor: float
    """Processor time of a search, on average; other work on the machine does not lengthen it much."""


class Quality(NamedTuple):
    """Shares of the queries whose skill was found."""

    num_queries: int
    top_1: float
    top_5: float


class Measured(NamedTuple):
    """Everything the page tells."""

    num_skills: int
    """Made-up ones, for the times."""
    num_of_cards: int
    """One for each task of the built-in cards, for the quality."""
    words: Times
    both: Times
    anywhere: Quality
    """Where the query names no world."""
    said: Quality
    """Where it does."""


def measure_times(library: Library, num_queries: int, embedder: RandomEmbedder | None) -> Times:
    """Measures how long searches take.

    Args:
        library: to be searched.
        num_queries: how many searches.
        embedder: none: full text alone.
    """
    chance = random.Random(1)
    took: list[float] = []
    worked = 0.0
    for _ in range(num_queries + 1):
        query = Query(text=f"please {_sentence(chance)}, with the {chance.choice(_THINGS)}", embedder=embedder)
        start, before = time.perf_counter(), time.process_time()
        library.search(query)
        worked += (time.process_time() - before) if took else 0.0
        took.append(1e3 * (time.perf_counter() - start))
    p50, p95 = np.percentile(took[1:], [50, 95])
    return Times(float(p50), float(p95), took[0], 1e3 * worked / num_queries)


def measure_quality(library: Library, *, within_world: bool) -> Quality:
    """Measures whether other words find the skills of the built-in cards' tasks.

    Args:
        library: holds a skill for each task.
        within_world: whether the query says for which world the skill shall be.
    """
    ranks = []
    for env_id, task, wanted, text in _paraphrases():
        hits = library.search(Query(text=text, env_id=env_id if within_world else None, limit=5))
        found = [_is_wanted(hit.skill, env_id if within_world else None, task, wanted) for hit in hits]
        ranks.append(found.index(True) if True in found else 5)
    return Quality(len(ranks), ranks.count(0) / len(ranks), sum(rank < 5 for rank in ranks) / len(ranks))


def measure(num_skills: int, num_queries: int) -> Measured:
    """Fills libraries in folders of their own and measures both.

    Args:
        num_skills: how many made-up skills are searched for the times.
        num_queries: how many searches are timed.
    """
    with tempfile.TemporaryDirectory() as folder:
        _fill(folder, _synthetic(num_skills), with_vectors=True)
        words = measure_times(_open(folder)[1], num_queries, None)
        both = measure_times(_open(folder)[1], num_queries, RandomEmbedder())
    with tempfile.TemporaryDirectory() as folder:
        _fill(folder, _of_cards(), with_vectors=False)
        library = _open(folder)[1]
        anywhere = measure_quality(library, within_world=False)
        said = measure_quality(library, within_world=True)
        num_of_cards = len(library.list())
    return Measured(num_skills, num_of_cards, words, both, anywhere, said)


def describe(measured: Measured, load: float) -> str:
    """Writes the page.

    Args:
        measured: what was measured on this machine.
        load: how many processes wanted to run when the measurement began.
    """
    machine, versions = describe_machine(), list_versions()
    times = [("full text alone", measured.words), ("full text and vectors", measured.both)]
    found = [("any world", measured.anywhere), ("the world is said", measured.said)]
    return _PAGE.format(
        cpu=machine.cpu,
        cores=machine.num_cores,
        memory=machine.memory_gib,
        system=machine.system,
        versions=f"Python {versions['Python']}, numpy {versions['numpy']}, SQLite {sqlite3.sqlite_version}",
        commit=describe_revision() or "unknown",
        num=measured.num_skills,
        cards=measured.num_of_cards,
        dim=_DIM,
        load=load,
        times="\n".join(_row_of_times(name, one) for name, one in times),
        found="\n".join(f"| {name} | {one.num_queries} | {one.top_1:.0%} | {one.top_5:.0%} |" for name, one in found),
    )


def main() -> None:
    """Measures both and writes the page, or prints it where it is no full measurement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.library", description=__doc__)
    parser.add_argument("--skills", type=int, default=_NUM_SKILLS, help="how many skills are searched")
    parser.add_argument("--queries", type=int, default=200, help="how many searches are timed")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    page = describe(measure(options.skills, options.queries), load)
    if options.skills == _NUM_SKILLS:
        PAGE.write_text(page, encoding="utf-8")
        print(f"wrote {PAGE}")
    else:
        print(page)


def _row_of_times(name: str, one: Times) -> str:
    shares = f"{one.p50:.1f} ms | {one.p95:.1f} ms | {one.processor:.1f} ms"
    return f"| {name} | {shares} | {one.first:.0f} ms |"


def _open(folder: str) -> tuple[Database, Library]:
    home = Home.open(Path(folder))
    database = Database.open(home)
    return database, Library(database, ArtifactStore(home.artifacts))


def _fill(folder: str, made: Iterator[Skill], *, with_vectors: bool) -> None:
    """Writes rows as the library would, many to a transaction."""
    database, _ = _open(folder)
    drawn = np.random.default_rng(2)
    rows = list(made)
    for start in range(0, len(rows), _BULK):
        part = rows[start : start + _BULK]
        vectors = _unit(drawn, len(part))
        with database.begin() as connection:
            connection.execute(skills.insert(), [_row(skill) for skill in part])
            if with_vectors:
                keys = [{"name": skill.name, "version": 1, "model": RandomEmbedder.spec} for skill in part]
                filled = [{**key, "vector": vector.tobytes()} for key, vector in zip(keys, vectors, strict=True)]
                connection.execute(skill_vectors.insert(), filled)


def _row(skill: Skill) -> dict[str, str | int]:
    plain = skill.model_dump(include={"name", "version", "status", "kind", "env_id", "task", "description"})
    whence = {"created_at": skill.created_at, "run_id": skill.lineage.run_id, "sentence": skill.lineage.task_text}
    return {**plain, **whence, "manifest": to_json(skill), "is_current": 1}


def _synthetic(num: int) -> Iterator[Skill]:
    chance = random.Random(0)
    env_ids = [card.id for card in list_cards()]
    for index in range(num):
        text = _sentence(chance)
        yield _skill(f"{slug(text)}-{index}", chance.choice(env_ids), chance.choice(_VERBS), text)


def _of_cards() -> Iterator[Skill]:
    for card in list_cards():
        for task, wanted in card.tasks.items():
            yield _skill(slug(f"{card.id} {task}"), card.id, task, wanted.text)


def _sentence(chance: random.Random) -> str:
    verb, thing, other = chance.choice(_VERBS), chance.choice(_THINGS), chance.choice(_THINGS)
    place, manner = chance.choice(_PLACES), chance.choice(_MANNERS)
    return f"{verb} the {thing} {manner} to the {place}, beside the {other}"


def _skill(name: str, env_id: str, task: str, text: str) -> Skill:
    lineage = Lineage(
        run_id=f"run-{name}",
        task_text=text,
        planner="CardPlanner",
        proposer="search",
        model="none",
        candidate_id="g0-c00",
        generation=0,
        parents=(),
    )
    return Skill(
        name=name,
        version=1,
        status="verified",
        description=text,
        env_id=env_id,
        task=task,
        step_limit=500,
        card="0" * 64,
        policy="0" * 64,
        reward_source="def reward(s, a, n):\n    return {'near': -abs(n.x)}\n",
        reward_weights={"near": 1.0},
        evidence=_EVIDENCE,
        lineage=lineage,
        created_at="2026-01-01T00:00:00+00:00",
    )


def _paraphrases() -> Iterator[tuple[str, str, str, str]]:
    read = read_yaml(_QUERIES, _Paraphrases).root
    cards = {card.id: card for card in list_cards()}
    for env_id, tasks in read.items():
        for task, texts in tasks.items():
            for text in texts:
                yield env_id, task, cards[env_id].tasks[task].text, text


def _is_wanted(skill: Skill, env_id: str | None, task: str, wanted: str) -> bool:
    """Tells whether a skill was made for the sentence; several worlds have some sentences in common."""
    return (skill.task, skill.description) == (task, wanted) and env_id in (None, skill.env_id)


def _unit(chance: np.random.Generator, num: int) -> "NDArray[np.float32]":
    drawn = chance.standard_normal((num, _DIM), dtype=np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


if __name__ == "__main__":
    main()

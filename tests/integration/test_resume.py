"""A run that is killed and interrupted again and again ends like one that nobody disturbed."""

import json
import signal
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from skillwright.agents import RunRequest
from skillwright.agents.beginning import begin_run
from skillwright.agents.running import carry_out_run
from skillwright.core import ArtifactStore, ConfigError, Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.rewards.progress import Silent
from skillwright.skills.library import Library

from .processes import PATIENCE_S, children, follow, wait_for_the_end_of

SITTING = Path(__file__).with_name("sitting.py")
REQUEST = RunRequest(
    text="Balance the pole",
    env="CartPole-v1",
    seed=5,
    num_candidates=4,
    num_generations=2,
    total_timesteps=17 * 1024,
    num_workers=2,
    num_held_out=20,
)
CUTS = [
    ("in_the_first_generation", signal.SIGKILL),
    ("in_the_finals", signal.SIGINT),
    ("while_judging", signal.SIGKILL),
    ("before_storing", signal.SIGKILL),
]


@dataclass
class Sitting:
    """What one process did before it was cut off."""

    moment: str
    signal: signal.Signals
    before: dict[str, str]
    """When each entry of the journal was written, before the sitting."""
    after: dict[str, str] = field(default_factory=dict)
    journalled: set[tuple[str, int]] = field(default_factory=set)
    """Candidate and seed of all that the journal had before the sitting."""
    trained: list[tuple[str, int]] = field(default_factory=list)
    survivors: list[int] = field(default_factory=list)
    status: str = ""
    exit_code: int | None = None
    refusal: str = ""
    """What a second process heard that wanted to work on the run."""


@dataclass
class Broken:
    home: Home
    run_id: str
    sittings: list[Sitting]
    record: object


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    home = Home.open(tmp_path_factory.mktemp("unbroken"))
    return carry_out_run(home, begin_run(home, REQUEST), Silent())


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    home = Home.open(tmp_path_factory.mktemp("broken"))
    run_id = begin_run(home, REQUEST)
    sittings = [sit(home, run_id, moment, cut) for moment, cut in CUTS]
    return Broken(home, run_id, sittings, carry_out_run(home, run_id, Silent()))


def sit(home, run_id, moment, cut):
    sitting = Sitting(moment, cut, entries(home), journalled=journalled_jobs(home))
    command = [sys.executable, str(SITTING), str(home.path), run_id, moment]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        said = follow(process, moment)
        sitting.trained = [tuple(job) for message in said for job in message.get("trains", [])]
        workers = children(process.pid)
        assert workers
        sitting.refusal = refusal(home, run_id)
        process.send_signal(cut)
        process.communicate(timeout=PATIENCE_S)
    sitting.exit_code = process.returncode
    sitting.survivors = wait_for_the_end_of(workers)
    sitting.status = Journal(Database.open(home)).run(run_id).status
    sitting.after = entries(home)
    return sitting


def refusal(home, run_id):
    with pytest.raises(ConfigError) as caught:
        carry_out_run(home, run_id, Silent())
    return str(caught.value)


def entries(home):
    return {key: created_at for key, created_at, _ in rows(home)}


def journalled_jobs(home):
    shards = [json.loads(value) for key, _, value in rows(home) if "/shard-" in key]
    return {(one["candidate_id"], one["seed"]) for shard in shards for one in shard["trained"]}


def rows(home):
    with sqlite3.connect(home.database) as connection:
        found = connection.execute("SELECT key, created_at, value FROM entries").fetchall()
    connection.close()
    return found


def test_it_ends_with_the_same_ranking_winner_and_policy(broken, unbroken):
    ended, expected = broken.record.evolution, unbroken.evolution
    assert ended.ranking == expected.ranking
    assert ended.winner == expected.winner
    assert ended.winner_policy == expected.winner_policy


def test_it_ends_with_the_same_judgement_on_the_held_out_seeds(broken, unbroken):
    assert broken.record.held_out == unbroken.held_out
    assert broken.record.evolution.reference_held_out == unbroken.evolution.reference_held_out


def test_every_record_of_its_evolution_is_the_same(broken, unbroken):
    assert broken.record.evolution == unbroken.evolution


def test_the_stored_policies_are_the_same_bytes(broken, unbroken):
    policy = ArtifactStore(broken.home.artifacts).get(broken.record.skill.policy)
    assert policy and broken.record.skill.policy == unbroken.skill.policy


def test_nothing_that_was_journalled_is_trained_again(broken):
    assert [set(sitting.trained) & sitting.journalled for sitting in broken.sittings] == [set()] * len(CUTS)


def test_a_sitting_trains_what_is_missing(broken):
    """Without this the test above could not fail."""
    by_moment = {sitting.moment: sitting for sitting in broken.sittings}
    assert len(by_moment["in_the_first_generation"].trained) == 4
    assert len(by_moment["in_the_finals"].journalled) == 2
    assert len(by_moment["in_the_finals"].trained) == 2 + 4 + 9
    assert len(by_moment["while_judging"].trained) in (4, 5)
    assert by_moment["before_storing"].trained == []


def test_what_was_journalled_is_never_written_again(broken):
    for sitting in broken.sittings:
        assert {key: sitting.after[key] for key in sitting.before} == sitting.before
    last = broken.sittings[-1].after
    assert {key: entries(broken.home)[key] for key in last} == last


def test_the_moments_lie_where_they_claim_to(broken):
    after = {one.moment: {key for key in one.after if "/checkpoints/" not in key} for one in broken.sittings}
    shards = {"g0/shard-0", "g0/shard-1"}
    assert after["in_the_first_generation"] - shards == {"plan", "g0/screened"}
    assert len(after["in_the_first_generation"] & shards) == 1
    assert len(after["in_the_finals"] & {"finals/shard-0", "finals/shard-1"}) == 1
    assert {"finals/shard-0", "finals/shard-1"} <= after["while_judging"] and "held-out" not in after["while_judging"]
    assert "video" in after["before_storing"] and "skill" not in after["before_storing"]


def test_no_worker_outlives_its_sitting(broken):
    assert [sitting.survivors for sitting in broken.sittings] == [[]] * len(CUTS)


def test_an_interrupted_run_is_marked_so_and_a_killed_one_cannot_be(broken):
    expected = ["interrupted" if cut == signal.SIGINT else "running" for _, cut in CUTS]
    assert [sitting.status for sitting in broken.sittings] == expected
    assert Journal(Database.open(broken.home)).run(broken.run_id).status == "finished"


def test_a_second_process_is_refused_while_one_is_working(broken):
    assert all(f"another process is working on run {broken.run_id}" in one.refusal for one in broken.sittings)


def test_the_skill_is_stored_once(broken):
    library = Library(Database.open(broken.home), ArtifactStore(broken.home.artifacts))
    assert library.list(all_versions=True) == [broken.record.skill]
    assert broken.record.skill.version == 1


def test_no_unfinished_file_is_left_behind(broken):
    unfinished = [path for path in broken.home.path.rglob("*") if path.suffix in (".part", ".tmp")]
    assert unfinished == []

"""Evolutions by a language model that are killed at random moments end like one that nobody disturbed."""

import json
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from skillwright.agents import RunRequest
from skillwright.agents.beginning import begin_run
from skillwright.agents.running import carry_out_run
from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.core.seeding import derive_seed
from skillwright.llm.exchanges import question_hash, read_exchanges
from skillwright.rewards.progress import Silent

from .model_server import ModelServer
from .reward_writer import RewardWriter
from .small_cartpole import make_project

pytestmark = pytest.mark.slow

SITTINGS = Path(__file__).with_name("evolve_sittings.py")
NUM_KILLS = 20
NUM_RUNS = 4
SEED, OTHER_SEED = 5, 6
PAUSE_S = 0.03
"""For which the model thinks: a kill can meet a request on its way."""
LONGEST_DELAY_S = 0.05
END_OF_THE_COURSE = "begins versions"


class Moment(NamedTuple):
    """When a sitting is killed."""

    rows: int | None
    """Rows of the journal; none: never."""
    ticks: int = 0
    delay_s: float = 0.0


@dataclass
class Sitting:
    """What one process did before it ended."""

    status: int
    """Of its exit; negative for a signal."""
    fatal: str | None
    """What it did when the end was ordered."""
    course: list[tuple[int, int, str]]
    trained: set[tuple[str, int]]
    asked: list[int]
    """Seeds of the requests the model heard from it."""
    before: set[str]
    """Jobs in the journal when it began; ..."""
    paid_before: set[int]
    """... and seeds of the requests whose replies were in it, ..."""
    paid_after: set[int]
    """... and when it ended."""


@dataclass
class Story:
    """A run with all its sittings."""

    home: Home
    run_id: str
    key: str
    """The key with which it asks the model."""
    seed: int = SEED
    sittings: list[Sitting] = field(default_factory=list)

    @property
    def journal(self):
        return Journal(Database.open(self.home))

    @property
    def paid(self):
        """Seeds of the requests whose replies are in the journal."""
        kept = [one for one in read_exchanges(self.journal, self.run_id) if one.replies]
        questions = [(one.subject.role, question_hash(one.question), one.question.sample) for one in kept]
        return {derive_seed(self.seed, "ask", *question) for question in questions}

    @property
    def trained(self):
        """Candidate and seed of all that is trained, by the journal."""
        shards = [json.loads(value) for key, _, value in self.rows() if "/shard-" in key]
        return {(one["candidate_id"], one["seed"]) for shard in shards for one in shard["trained"]}

    def rows(self):
        query = "SELECT key, created_at, value FROM entries WHERE run_id = ?"
        with closing(sqlite3.connect(self.home.database)) as connection:
            return connection.execute(query, [self.run_id]).fetchall()

    def record(self):
        """The finished run, read from its journal."""
        assert self.journal.run(self.run_id).status == "finished"
        return carry_out_run(self.home, self.run_id, Silent())


class Mother:
    """A warmed-up process that forks sittings.

    Args:
        writer: the model that the sittings ask.
    """

    def __init__(self, writer):
        self.writer = writer
        self.process = subprocess.Popen([sys.executable, str(SITTINGS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def sit(self, story, moment):
        """Has a run carried out until a moment, and waits for its end."""
        before, paid_before, num_before = story.trained, story.paid, len(self.asked(story))
        order = {"home": str(story.home.path), "run_id": story.run_id, "key": story.key, **moment._asdict()}
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        said = []
        while not said or "ended" not in said[-1]:
            line = self.process.stdout.readline()
            assert line, "the mother of all sittings has ended"
            said.append(json.loads(line))
        sitting = Sitting(
            status=said[-1]["ended"],
            fatal=next((one["dies"][2] for one in said if "dies" in one), None),
            course=[tuple(one["at"]) for one in said if "at" in one],
            trained={tuple(job) for one in said for job in one.get("trains", [])},
            asked=self.asked(story)[num_before:],
            before=before,
            paid_before=paid_before,
            paid_after=story.paid,
        )
        story.sittings.append(sitting)
        return sitting

    def asked(self, story):
        return [request.seed for request in [*self.writer.requests] if request.key == story.key]

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def writer():
    return RewardWriter(PAUSE_S)


@pytest.fixture(scope="module")
def begin(tmp_path_factory, writer):
    """Begins runs that differ in nothing but their homes, or in their seeds."""
    with pytest.MonkeyPatch.context() as patch, ModelServer() as server:
        server.otherwise = writer
        patch.setenv("SKILLWRIGHT_PROJECT", str(make_project(tmp_path_factory.mktemp("project"))))

        def made(key, home=None, seed=SEED):
            request = RunRequest(
                text="Balance the pole", env="CartPole-v1", task="balance", seed=seed, num_candidates=4,
                num_generations=2, total_timesteps=17 * 256, num_workers=2, num_held_out=10, reuse=False,
                model=f"vllm:tiny@{server.url}",
            )  # fmt: skip
            home = home or Home.open(tmp_path_factory.mktemp(key))
            return Story(home, begin_run(home, request), key, seed)

        yield made


@pytest.fixture(scope="module")
def mothers(begin, writer):
    both = Mother(writer), Mother(writer)
    yield both
    for mother in both:
        mother.close()


@pytest.fixture(scope="module")
def unbroken(begin, mothers):
    story = begin("unbroken")
    assert mothers[0].sit(story, Moment(None)).status == 0
    return story


@pytest.fixture(scope="module")
def broken(begin, mothers, unbroken):
    """Four runs, killed five times each."""
    moments = draw_moments(unbroken.sittings[0].course)
    stories = [begin(f"broken-{number}") for number in range(NUM_RUNS)]

    def live(mother, number):
        for moment in [*moments[number::NUM_RUNS], Moment(None)]:
            mother.sit(stories[number], moment)

    def care(number):
        for own in range(number, NUM_RUNS, len(mothers)):
            live(mothers[number], own)

    with ThreadPoolExecutor(len(mothers)) as pool:
        list(pool.map(care, range(len(mothers))))
    return stories


def draw_moments(course):
    """Draws one moment from each twentieth of a course; some come a little later, in the middle of whatever is done."""
    chance = random.Random(20)
    names = [name for _, _, name in course]
    course = course[: names.index(END_OF_THE_COURSE)]
    is_early = {name: position < names.index("has video") for position, name in enumerate(names)}
    moments = []
    for part in range(NUM_KILLS):
        rows, ticks, name = course[int((part + chance.random()) * len(course) / NUM_KILLS)]
        delay_s = chance.choice([0.0, chance.uniform(0.0, LONGEST_DELAY_S)]) if is_early[name] else 0.0
        moments.append(Moment(rows, ticks, delay_s))
    return moments


def killed(stories):
    return [sitting for story in stories for sitting in story.sittings if sitting.fatal]


def test_twenty_sittings_are_killed_and_every_run_ends(broken):
    assert [[sitting.status for sitting in story.sittings] for story in broken] == [[-9] * 5 + [0]] * NUM_RUNS
    assert len(killed(broken)) == NUM_KILLS


def test_the_kills_lie_all_over_the_course(broken, unbroken):
    """Without this the tests below could prove little."""
    fatal = " ".join(str(sitting.fatal) for sitting in killed(broken))
    assert [word for word in ("ask", "search", "finals", "has ", "begins ") if word not in fatal] == []
    num_rows = len(unbroken.rows())
    fifths = Counter(5 * sitting.course[-1][0] // num_rows for sitting in killed(broken))
    assert set(fifths) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("number", range(NUM_RUNS))
def test_it_ends_with_the_same_evolution(number, broken, unbroken):
    ended, expected = broken[number].record(), unbroken.record()
    assert ended.evolution.ranking == expected.evolution.ranking
    assert ended.evolution.winner == expected.evolution.winner
    assert ended.evolution.winner_policy == expected.evolution.winner_policy
    assert ended.held_out == expected.held_out
    assert ended.evolution == expected.evolution


def test_nothing_that_was_journalled_is_trained_again(broken):
    again = [sitting.trained & sitting.before for story in broken for sitting in story.sittings]
    assert again == [set()] * (NUM_KILLS + NUM_RUNS)


def test_a_resumed_sitting_trains_what_is_missing(broken, unbroken):
    """Without this the test above could not fail."""
    for story in broken:
        assert set.union(*[sitting.trained for sitting in story.sittings]) == unbroken.sittings[0].trained
        assert any(sitting.before and sitting.trained for sitting in story.sittings)


def test_a_reply_that_reached_the_journal_is_never_asked_for_again(broken):
    again = [set(sitting.asked) & sitting.paid_before for story in broken for sitting in story.sittings]
    assert again == [set()] * (NUM_KILLS + NUM_RUNS)


def test_only_what_a_kill_took_from_a_sitting_is_asked_for_twice(broken, unbroken):
    expected = Counter(unbroken.sittings[0].asked)
    assert set(expected.values()) == {1} and len(expected) > 5
    for story in broken:
        asked = Counter(seed for sitting in story.sittings for seed in sitting.asked)
        lost = Counter(seed for sitting in story.sittings for seed in set(sitting.asked) - sitting.paid_after)
        assert asked == expected + lost


def test_some_kill_took_a_request_and_some_kill_left_replies(broken):
    """Without this the two tests above could not fail."""
    assert any(set(sitting.asked) - sitting.paid_after for sitting in killed(broken))
    assert any(set(sitting.asked) & sitting.paid_after for sitting in killed(broken))


def test_the_ledger_counts_every_journalled_reply_once(broken, unbroken):
    expected = unbroken.record().models
    assert expected[0].spending.num_requests == len(unbroken.sittings[0].asked)
    assert [story.record().models for story in broken] == [expected] * NUM_RUNS


def test_two_runs_at_once_on_one_home_end_like_each_alone(begin, mothers, unbroken):
    other = begin("other", seed=OTHER_SEED)
    mothers[1].sit(other, Moment(None))
    first = begin("first of two")
    both = [first, begin("second of two", first.home, OTHER_SEED)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda mother, story: mother.sit(story, Moment(None)), mothers, both))

    began_last = max(min(moment for _, moment, _ in story.rows()) for story in both)
    ended_first = min(max(moment for _, moment, _ in story.rows()) for story in both)
    assert began_last < ended_first, "they were not at work at once"
    records = [story.record() for story in both]
    assert [record.evolution for record in records] == [unbroken.record().evolution, other.record().evolution]
    assert sorted(record.skill.version for record in records) == [1, 2]

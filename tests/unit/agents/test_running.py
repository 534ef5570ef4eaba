"""Runs that are refused leave nothing; runs that end stay as they are; skills are reused."""

import json
import shutil
import sqlite3

import pytest

from skillwright.agents.beginning import begin_run
from skillwright.agents.running import carry_out_run
from skillwright.core import BudgetExceeded, CardError, ConfigError, Home, NotFound, StorageError
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.rewards.progress import Silent

from .conftest import CARTPOLE, request


@pytest.fixture
def opened(home) -> Home:
    return Home.open(home)


@pytest.fixture
def project(tmp_path, monkeypatch, small_project):
    """Changes a word of the small CartPole's card."""
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(tmp_path / "project"))
    shutil.copytree(small_project, tmp_path / "project")
    place = tmp_path / "project" / "envs" / f"{CARTPOLE}.yaml"

    def change(old, new):
        text = place.read_text(encoding="utf-8")
        assert old in text
        place.write_text(text.replace(old, new), encoding="utf-8")
        return place

    return change


@pytest.fixture
def reference(tmp_path, project):
    """Replaces the reward program that a person wrote."""

    def write(source):
        place = tmp_path / "project" / "rewards" / "classic_control" / "cartpole_balance.py"
        place.parent.mkdir(parents=True)
        place.write_text(source, encoding="utf-8")

    return write


def assert_refused(home, error, match, **changes):
    before = sorted(home.path.rglob("*"))
    with pytest.raises(error, match=match):
        begin_run(home, request(**changes))
    assert sorted(home.path.rglob("*")) == before


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"env": "CartPol-v1"}, NotFound, "did you mean 'CartPole-v1'"),
        ({"env": ""}, NotFound, "no environment"),
        ({"env": "../../etc/passwd"}, NotFound, "no environment"),
        ({"text": ""}, ConfigError, "the task is empty"),
        ({"text": " \n"}, ConfigError, "the task is empty"),
        ({"total_timesteps": 1}, BudgetExceeded, "1 env steps are too few .* at least --timesteps"),
        ({"total_timesteps": 0}, BudgetExceeded, "at least --timesteps"),
        ({"total_timesteps": -5}, BudgetExceeded, "at least --timesteps"),
        ({"num_candidates": 0}, ConfigError, "num candidates must be at least 1"),
        ({"num_generations": -1}, ConfigError, "num generations must be at least 1"),
        ({"num_held_out": 0}, ConfigError, "num held out must be at least 1"),
        ({"num_workers": 0}, ConfigError, "num workers must be at least 1"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_and_writes_nothing(opened, changes, error, match):
    assert_refused(opened, error, match, **changes)


@pytest.mark.parametrize(
    ("old", "new", "error", "match"),
    [
        ("return bool(len(n.x)", "import os; return bool(len(n.x)", ConfigError, r"tasks\.balance\.success: line"),
        ("return float(np.sum(", "return float(np.load(", ConfigError, r"tasks\.balance\.fitness: .*np\.load"),
        ("def fitness(", "def fit(", ConfigError, "does not define fitness"),
        ("horizon:", "horizn:", CardError, "CartPole-v1.yaml:.*did you mean 'horizon'"),
        ("num_steps:", "num_step:", ConfigError, "unknown setting 'num_step'; did you mean 'num_steps'"),
        ("learning_rate: 0.001", "learning_rate: fast", ConfigError, "learning_rate: expected float"),
        ("algorithm: ppo", "algorithm: pp", NotFound, "did you mean 'ppo'"),
        ("cartpole_balance.py", "cartpole.py", NotFound, "did you mean"),
        ("classic_control/cartpole_balance.py", "../x.py", ConfigError, r"\.\."),
    ],
)
def test_a_card_with_a_mistake_is_refused_and_nothing_is_written(opened, project, old, new, error, match):
    project(old, new)
    assert_refused(opened, error, match)


@pytest.mark.parametrize(
    "source",
    [
        "def reward(s, a, n):\n    import os\n    return {}\n",
        "this is no program",
        "def other(s, a, n):\n    return {}\n",
        "X = 1 / 0\ndef reward(s, a, n):\n    return {'x': n.x}\n",
    ],
)
def test_a_reference_that_is_no_program_is_refused_with_its_name(opened, reference, source):
    reference(source)
    assert_refused(opened, ConfigError, r"rewards/classic_control/cartpole_balance\.py: ")


@pytest.mark.parametrize(("old", "new"), [("len(n.x) == 500", "len(n.height) == 500"), ("/ 500)", "/ n.x)")])
def test_a_judge_that_fails_on_any_episode_is_refused_before_anything_is_trained(opened, project, old, new):
    project(old, new)
    assert_refused(opened, ConfigError, r"CartPole-v1: tasks\.balance\.(success|fitness): ")


def test_a_task_that_is_no_text_is_refused(opened, project):
    """A terminal hands bytes that are no UTF-8 over as lone surrogates, which JSON cannot hold."""
    assert_refused(opened, ConfigError, "UTF-8|text", text="balance \udcff")


def test_a_database_that_cannot_be_written_is_refused(opened, project):
    opened.database.mkdir()
    opened.database.with_suffix(".lock").touch()
    assert_refused(opened, StorageError, "skillwright.db")


def test_a_run_that_begins_is_in_the_journal_with_everything_it_needs(opened, small_project, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(small_project))
    run_id = begin_run(opened, request(seed=7, num_workers=None))
    run = Journal(Database.open(opened)).run(run_id)
    config = json.loads(run.config)
    assert (run.kind, run.seed, config["request"]["text"]) == ("run", 7, "Balance the pole")
    evolution = config["evolution"]
    assert evolution["num_workers"] >= 1 and evolution["search_timesteps"] >= 256 <= evolution["final_timesteps"]
    assert "def reward" in config["references"]["balance"]["source"]
    assert Journal(Database.open(opened)).keys(run_id) == []


def test_an_unknown_run_cannot_be_carried_out(opened):
    with pytest.raises(NotFound, match="no run is called"):
        carry_out_run(opened, "20990101", Silent())


def test_a_run_ends_with_a_stored_skill_and_its_evidence(finished):
    record, skill = finished.record, finished.record.skill
    assert finished.library.get("balance-the-pole") == skill
    assert (skill.status, skill.env_id, skill.task) == ("verified", CARTPOLE, "balance")
    assert skill.policy == record.evolution.winner_policy and skill.policy in finished.artifacts
    assert skill.reward_source == record.evolution.winner.program.source
    assert (skill.evidence.num_episodes, skill.evidence.fitness) == (5, record.held_out.fitness)
    assert skill.evidence.training_timesteps == record.evolution.total_timesteps
    assert (skill.lineage.run_id, skill.lineage.candidate_id) == (finished.run_id, record.evolution.winner.id)
    assert record.video.read_bytes()[4:8] == b"ftyp"
    assert finished.journal.run(finished.run_id).status == "finished"


def test_a_run_says_what_is_in_use_and_how_it_goes(finished):
    listener = finished.listener
    assert listener.lines[0].startswith("No language model is configured: CardPlanner plans and SearchProposer")
    assert {progress.stage for progress in listener.states} == {"proposing", "search", "finals", "judging"}
    last = listener.states[-1]
    assert 0 < last.timesteps <= last.total_timesteps and last.best_fitness is not None


def dump(path):
    with sqlite3.connect(path) as connection:
        text = "\n".join(connection.iterdump())
    connection.close()
    return text


def test_carrying_out_a_finished_run_gives_it_again(finished):
    again = carry_out_run(finished.home, finished.run_id, Silent())
    assert again == finished.record


def test_carrying_out_a_finished_run_changes_nothing(finished):
    files = {path: path.stat().st_mtime_ns for path in finished.home.artifacts.rglob("*") if path.is_file()}
    before = dump(finished.home.database)
    carry_out_run(finished.home, finished.run_id, Silent())
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert dump(finished.home.database) == before


def test_a_finished_run_stays_finished_even_if_reading_it_again_is_interrupted(finished):
    class Impatient(Silent):
        def said(self, line):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out_run(finished.home, finished.run_id, Impatient())
    status = finished.journal.run(finished.run_id).status
    finished.journal.set_status(finished.run_id, "finished")
    assert status == "finished"


def test_the_same_sentence_reuses_the_skill_and_judges_it_again(finished, small_project, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(small_project))
    run_id = begin_run(finished.home, request(text="balance THE pole", num_held_out=3))
    record = carry_out_run(finished.home, run_id, Silent())
    assert record.skill == finished.record.skill and record.evolution is None
    assert record.held_out.num_episodes == 3
    assert finished.journal.keys(run_id) == ["plan", "reuse/held-out", "versions"]
    assert len(finished.library.versions("balance-the-pole")) == 1


def test_a_run_that_fails_is_marked_so_with_its_reason_until_it_is_carried_on(opened, small_project, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(small_project))
    run_id = begin_run(opened, request())
    journal = Journal(Database.open(opened))

    class Ending(Silent):
        def __init__(self, error):
            self.error = error

        def said(self, line):
            raise self.error

    with pytest.raises(StorageError):
        carry_out_run(opened, run_id, Ending(StorageError("the disk is full")))
    assert (journal.run(run_id).status, journal.run(run_id).error) == ("failed", "the disk is full")
    with pytest.raises(KeyboardInterrupt):
        carry_out_run(opened, run_id, Ending(KeyboardInterrupt()))
    assert (journal.run(run_id).status, journal.run(run_id).error) == ("interrupted", "")


def test_a_mistake_of_the_program_marks_its_run_as_failed(opened, small_project, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(small_project))
    run_id = begin_run(opened, request())

    class Broken(Silent):
        def said(self, line):
            raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        carry_out_run(opened, run_id, Broken())
    run = Journal(Database.open(opened)).run(run_id)
    assert run.status == "failed" and "a bug" in run.error


def test_the_time_of_all_sittings_is_added_up(opened, small_project, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(small_project))
    run_id = begin_run(opened, request())
    journal = Journal(Database.open(opened))

    class Impatient(Silent):
        def progressed(self, progress):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out_run(opened, run_id, Impatient())
    assert journal.run(run_id).status == "interrupted"
    first = journal.run(run_id).work_seconds
    with pytest.raises(KeyboardInterrupt):
        carry_out_run(opened, run_id, Impatient())
    assert journal.run(run_id).work_seconds > first > 0

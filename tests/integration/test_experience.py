"""Experience through the command line: one run keeps it, others begin with it, and one of them is killed on the way."""

import json
import shutil
import signal
import subprocess
import sys
import time

import minari
import pytest

from skillwright.core import Home
from skillwright.core.database import Database
from skillwright.core.journal import Journal
from skillwright.rewards.experience import Assessment, ExperienceShelf
from skillwright.rewards.records import TrainedShard

from .processes import PATIENCE_S
from .small_cartpole import make_project

pytestmark = pytest.mark.slow

SIZE = ["--generations", "1", "--timesteps", "60000", "--workers", "1"]
RUN = ["run", "Balance the pole", "--env", "CartPole-v1", "--candidates", "4", *SIZE]


def skillwright(home, *arguments):
    command = [sys.executable, "-m", "skillwright", *arguments, "--home", str(home), "--json"]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S * 3)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A home with a run whose experience was kept; gives its folder and the run's id."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLWRIGHT_PROJECT", str(make_project(tmp_path_factory.mktemp("project"))))
        done = skillwright(home, *RUN, "--seed", "1", "--keep-experience", "50")
        assert done.returncode == 0, done.stderr
        yield home, json.loads(done.stdout)["run_id"]


def journal(home):
    return Journal(Database.open(Home.open(home)))


def policies(home, run_id):
    """Policies by candidate and seed, from the journal."""
    book = journal(home)
    shards = [book.get(run_id, key, TrainedShard) for key in book.keys(run_id) if "/shard-" in key]
    return {(one.candidate_id, one.seed): one.policy for shard in shards for one in shard.trained}


def test_minari_loads_what_a_run_has_kept(earlier, monkeypatch):
    home, run_id = earlier
    shelf = ExperienceShelf.of(Home.open(home))
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(shelf.root))
    names = [place.name for place in shelf.datasets(run_id)]
    assert [name.split("-")[:2] for name in names] == [["balance", "g0"], ["balance", "finals"]]
    datasets = [minari.load_dataset(f"{run_id}/{name}") for name in names]
    assert all(dataset.total_episodes > 50 for dataset in datasets)


def test_a_later_run_begins_with_it_and_says_so(earlier):
    home, run_id = earlier
    done = skillwright(home, *RUN, "--seed", "2", "--from-experience", run_id[:-1])
    assert done.returncode == 0, done.stderr
    assert f"of 10 earlier policies from the run {run_id}" in done.stderr
    later = json.loads(done.stdout)["run_id"]
    assessment = journal(home).get(later, "experience", Assessment)
    assert assessment.num_episodes > 100
    assert assessment.coverage.share >= 0.5


def test_a_killed_run_ends_the_same_although_what_it_began_with_is_gone(earlier, tmp_path):
    home, run_id = earlier
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    for copy in (unbroken, broken):
        shutil.copytree(home, copy)
    arguments = [*RUN, "--seed", "3", "--from-experience", run_id]
    whole = json.loads(skillwright(unbroken, *arguments).stdout)["run_id"]
    known = {run.id for run in journal(broken).runs()}
    process = subprocess.Popen([sys.executable, "-m", "skillwright", *arguments, "--home", str(broken)])
    cut = wait_for(broken, known, "g0/screened")
    process.send_signal(signal.SIGKILL)
    process.wait()
    shutil.rmtree(broken / "experience")
    assert skillwright(broken, "resume", cut).returncode == 0
    assert policies(broken, cut) == policies(unbroken, whole)


def wait_for(home, known, key):
    """Waits until a new run has an entry; gives its id."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        book = journal(home)
        for run in book.runs():
            if run.id not in known and key in book.keys(run.id):
                return run.id
        time.sleep(0.05)
    raise AssertionError(f"{key} was not reached in time")


def test_a_dataset_can_be_named_by_its_id_or_its_folder(earlier):
    home, run_id = earlier
    [first, _] = ExperienceShelf.of(Home.open(home)).datasets(run_id)
    for name in (f"{run_id}/{first.name}", str(first)):
        done = skillwright(home, *RUN, "--seed", "4", "--from-experience", name, "--timesteps", "1")
        assert "env steps are too few" in done.stderr, done.stderr  # found, read and found to cover enough


def test_without_the_options_nothing_is_kept_and_nothing_journalled(tmp_path, earlier):
    done = skillwright(tmp_path, *RUN, "--seed", "1")
    run_id = json.loads(done.stdout)["run_id"]
    assert not (tmp_path / "experience").exists()
    assert "experience" not in journal(tmp_path).keys(run_id)
    home, kept = earlier
    assert policies(tmp_path, run_id) == policies(home, kept)
    assert journal(tmp_path).keys(run_id) == journal(home).keys(kept)


def test_a_run_that_kept_nothing_is_refused(tmp_path, earlier):
    done = skillwright(tmp_path, *RUN, "--seed", "1")
    run_id = json.loads(done.stdout)["run_id"]
    done = skillwright(tmp_path, *RUN, "--from-experience", run_id)
    assert done.returncode == 2
    assert f"nothing was kept of the run {run_id}" in done.stderr
    assert "--keep-experience" in done.stderr


def test_experience_of_another_world_is_refused(earlier):
    home, run_id = earlier
    done = skillwright(home, "evolve", "Pendulum-v1/swing_up", "--from-experience", run_id)
    assert done.returncode == 2
    assert "of another world than classic_control/Pendulum-v1" in done.stderr


def test_a_run_that_is_not_there_is_refused(earlier):
    home, _ = earlier
    done = skillwright(home, *RUN, "--from-experience", "nowhere")
    assert done.returncode == 2
    assert "no run is called 'nowhere'" in done.stderr

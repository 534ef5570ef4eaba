"""What a person sees who mistypes, or whose disk, files or patience let them down."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.skills.library import Library

from ..sample_skill import sample_skill

pytestmark = pytest.mark.e2e

START = "import sys; from skillwright.cli import main; sys.argv[0] = 'skillwright'; sys.exit(main())"
LANDER = Path(__file__).parents[2] / "envs" / "box2d" / "LunarLander-v3.yaml"
SMALLEST = ["--env", "CartPole-v1", "--candidates", "2", "--generations", "1", "--workers", "1"]
HEAVY = ("torch", "gymnasium", "envpool", "sqlalchemy", "alembic", "matplotlib", "imageio", "numpy")


def started(*arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", START, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        start_new_session=True,
    )


def skillwright(*arguments, **environment):
    process = started(*arguments, **environment)
    stdout, stderr = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)


def assert_user_error(result, *texts):
    assert result.returncode == 2, result.stderr
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert [text for text in texts if text not in result.stderr] == []


def rows(home, table):
    with sqlite3.connect(home / "skillwright.db") as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.fixture
def skill(home):
    """A stored skill."""
    opened = Home.open(home)
    artifacts = ArtifactStore(opened.artifacts)
    return Library(Database.open(opened), artifacts).store(sample_skill(artifacts))


def test_an_unknown_world_is_refused_with_a_suggestion():
    result = skillwright("run", "land", "--env", "LunarLandr-v3")
    assert_user_error(result, "no environment is called 'LunarLandr-v3'", "did you mean 'LunarLander-v3'")


def test_an_unknown_world_is_not_shown():
    assert_user_error(skillwright("envs", "show", "box2d/LunarLander"), "did you mean")


@pytest.mark.parametrize("verb", ["show", "play"])
def test_an_unknown_skill_is_refused_with_a_suggestion(verb, skill):
    result = skillwright("skills", verb, "balance-a-pole")
    assert_user_error(result, "no skill is called 'balance-a-pole'", "did you mean 'balance-the-pole'")


def test_an_unknown_version_is_refused_with_the_newest(skill):
    assert_user_error(skillwright("skills", "show", "balance-the-pole@7"), "its newest version is 1")


@pytest.mark.parametrize("command", [("runs", "show"), ("resume",)])
def test_an_unknown_run_is_refused(command):
    assert_user_error(skillwright(*command, "20260101-000000-zzzz"), "no run is called '20260101-000000-zzzz'")


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_task_is_refused_and_no_run_begins(text, home):
    assert_user_error(skillwright("run", text, "--env", "CartPole-v1"), "the task is empty")
    assert json.loads(skillwright("runs", "list", "--json").stdout) == []


def test_a_budget_too_small_is_refused_with_one_that_is_enough(home):
    result = skillwright("run", "balance", *SMALLEST, "--timesteps", "100")
    assert_user_error(result, "100 env steps are too few", "--timesteps ")
    assert json.loads(skillwright("runs", "list", "--json").stdout) == []


def test_a_budget_it_calls_enough_is_accepted(home):
    refused = skillwright("run", "balance", *SMALLEST, "--timesteps", "100").stderr
    enough = refused.partition("--timesteps ")[2].partition(",")[0]
    process = started("run", "balance", *SMALLEST, "--timesteps", enough)
    assert process.stdout.readline().startswith("Run 20")
    stop(process)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["run", "land"], "Missing option '--env'"),
        (["skils"], "Did you mean 'skills'"),
        (["run", "land", "--env", "CartPole-v1", "--seed", "-1"], "--seed"),
        (["run", "land", "--env", "CartPole-v1", "--sed", "1"], "--seed"),
        (["skills", "play", "x", "--episodes", "0"], "--episodes"),
    ],
)
def test_a_mistyped_command_is_refused(arguments, text):
    assert_user_error(skillwright(*arguments), text, "--help")


def test_an_unknown_key_in_a_card_is_named_with_its_file_and_line(tmp_path):
    place = tmp_path / "envs" / "box2d" / "LunarLander-v3.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(LANDER.read_text(encoding="utf-8").replace("horizon:", "horizn:"), encoding="utf-8")
    line = 1 + place.read_text(encoding="utf-8").splitlines().index("horizn: 1000")
    result = skillwright("run", "land", "--env", "LunarLander-v3", SKILLWRIGHT_PROJECT=str(tmp_path))
    assert_user_error(result, f"{place}:{line}: ", "did you mean 'horizon'")


def test_a_field_outside_the_observation_is_named_with_its_file_and_line(tmp_path):
    place = tmp_path / "envs" / "box2d" / "LunarLander-v3.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(LANDER.read_text(encoding="utf-8").replace("index: 7", "index: 8"), encoding="utf-8")
    result = skillwright("envs", "show", "LunarLander-v3", SKILLWRIGHT_PROJECT=str(tmp_path))
    assert_user_error(result, f"{place}:", "outside the observation's 8 values")


@pytest.mark.parametrize("arguments", [("skills", "list"), ("run", "balance", *SMALLEST)])
def test_a_home_that_cannot_be_written_is_refused(arguments, tmp_path):
    (tmp_path / "file").touch()
    result = skillwright(*arguments, "--home", str(tmp_path / "file" / "home"))
    assert_user_error(result, f"cannot write {tmp_path / 'file' / 'home'}", "--home")


def test_a_database_of_a_newer_version_is_left_alone(skill, home):
    with sqlite3.connect(home / "skillwright.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert_user_error(skillwright("skills", "list"), "newer Skillwright (schema 9999", "pip install --upgrade")
    assert rows(home, "skills") == 1


def test_a_file_that_is_no_database_is_refused(home):
    home.mkdir()
    (home / "skillwright.db").write_text("these are my notes " * 100, encoding="utf-8")
    assert_user_error(skillwright("runs", "list"), "it is not a Skillwright database")


def test_a_truncated_file_stops_a_skill_from_being_played(skill, home):
    card = ArtifactStore(Home.open(home).artifacts).path(skill.card)
    card.write_bytes(card.read_bytes()[:10])
    assert_user_error(skillwright("skills", "play", "balance-the-pole"), str(card), "is damaged")


def test_a_shown_skill_with_a_truncated_file_ends_in_an_error(skill, home):
    policy = ArtifactStore(Home.open(home).artifacts).path(skill.policy)
    policy.write_bytes(b"")
    result = skillwright("skills", "show", "balance-the-pole", "--json")
    assert (result.returncode, "Traceback" in result.stderr) == (2, False)
    assert str(policy) in result.stderr
    assert json.loads(result.stdout)["name"] == "balance-the-pole"


@pytest.mark.parametrize(
    "arguments",
    [
        ("skills", "list"),
        ("skills", "show", "balance-the-pole"),
        ("runs", "list"),
        ("envs", "list"),
        ("envs", "show", "MountainCar-v0"),
    ],
)
def test_json_is_all_that_standard_output_holds(arguments, skill):
    result = skillwright(*arguments, "--json")
    assert result.returncode == 0
    json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_no_arguments_give_the_help():
    result = skillwright()
    assert result.returncode == 0
    assert "Usage: skillwright" in result.stdout


def test_a_group_without_a_command_gives_its_help():
    result = skillwright("skills")
    assert result.returncode == 0
    assert "Usage: skillwright skills" in result.stdout


def test_a_reader_that_goes_away_is_no_error():
    with started("envs", "list", "--json") as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_a_terminal_without_unicode_gets_what_it_can_show():
    result = skillwright("envs", "show", "CartPole-v1", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (result.returncode, result.stderr) == (0, "")


def stop(process):
    """Presses Ctrl-C, as a terminal does: every process of the group gets the signal."""
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    return subprocess.CompletedProcess([], process.returncode, stdout, stderr)


@pytest.mark.slow
def test_ctrl_c_keeps_a_run_and_says_how_to_resume_it(home):
    process = started("run", "balance", *SMALLEST, "--timesteps", "5000000")
    run_id = process.stdout.readline().split()[1].rstrip(".")
    while "generation" not in process.stdout.readline():
        assert process.poll() is None
    time.sleep(1.0)
    result = stop(process)
    assert result.returncode == 130
    assert f"Interrupted. Resume with: skillwright resume {run_id}\n" in result.stderr
    assert "Traceback" not in result.stderr
    assert json.loads(skillwright("runs", "list", "--json").stdout)[0]["status"] == "interrupted"


@pytest.mark.parametrize("module", ["skillwright.cli.entry", "skillwright.cli.app", "sqlalchemy"])
def test_ctrl_c_during_an_import_shows_no_traceback(module):
    code = f"""
import sys
class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Impatient())
sys.argv = ["skillwright", "skills", "list"]
from skillwright.cli import main
sys.exit(main())
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stderr.strip()) == (130, "Interrupted.")


def test_a_mistake_of_the_program_shows_its_traceback_and_asks_for_a_report(tmp_path):
    broken = tmp_path / "skillwright"
    shutil.copytree(Path(sys.modules["skillwright"].__file__).parent, broken)
    (broken / "cli" / "project.py").write_text("def init(): raise RuntimeError('a bug')", encoding="utf-8")
    result = skillwright("init", PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert "Traceback" in result.stderr
    assert "bug: RuntimeError: a bug\nThis is a mistake in Skillwright" in result.stderr


def test_help_loads_nothing_heavy():
    code = f"import atexit, sys; atexit.register(lambda: print([m for m in {HEAVY!r} if m in sys.modules]))\n{START}"
    result = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_help_answers_in_less_than_three_tenths_of_a_second():
    """Measured as processor time, which other work on the machine hardly touches."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        skillwright("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert statistics.median(times) < 0.3

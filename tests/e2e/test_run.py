"""The chain as a person drives it: a sentence in, a stored skill, its report and its video out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SENTENCE = "Keep the pole upright"
SMALL = ("--candidates", "4", "--generations", "2", "--timesteps", "300000", "--workers", "2")
SMALLEST = ("--candidates", "2", "--generations", "1", "--timesteps", "72000")


def skillwright(*words: str, home: Path, expect: int = 0) -> str:
    command = [sys.executable, "-m", "skillwright", *words, "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"}, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> tuple[Path, str]:
    """A home in which one skill was made, and what the run printed."""
    home = tmp_path_factory.mktemp("house")
    return home, skillwright("run", SENTENCE, "--env", "CartPole-v1", "--seed", "5", *SMALL, home=home)


def test_a_run_says_what_is_in_use_and_ends_with_the_skill_its_figures_and_its_files(house):
    home, printed = house
    assert "No language model is configured" in printed
    assert "keep-the-pole-upright@1" in printed and "verified" in printed
    [report] = [line for line in printed.split() if line.endswith("report.html")]
    [video] = [line for line in printed.split() if line.endswith("skill.mp4")]
    assert Path(report).read_text().startswith("<!doctype html>") or Path(report).stat().st_size > 50_000
    assert Path(video).read_bytes()[4:8] == b"ftyp"
    assert str(home) in report


def test_the_library_shows_the_skill_with_its_evidence(house):
    home, _ = house
    [skill] = json.loads(skillwright("skills", "list", "--json", home=home))
    assert (skill["name"], skill["version"], skill["status"]) == ("keep-the-pole-upright", 1, "verified")
    shown = json.loads(skillwright("skills", "show", skill["name"], "--json", home=home))
    text = json.dumps(shown)
    assert '"num_episodes": 100' in text and "def reward(s, a, n)" in text


def test_a_stored_skill_plays_in_its_world(house, tmp_path):
    home, _ = house
    video = tmp_path / "clip.mp4"
    words = ("keep-the-pole-upright", "--episodes", "2", "--video", str(video), "--json")
    played = json.loads(skillwright("skills", "play", *words, home=home))
    assert [score["success"] for score in played["scores"]] == [True, True]
    assert video.read_bytes()[4:8] == b"ftyp"


def test_resuming_a_finished_run_repeats_its_result_without_training(house):
    home, _ = house
    [run] = json.loads(skillwright("runs", "list", "--json", home=home))
    before = json.loads(skillwright("skills", "list", "--all", "--json", home=home))
    assert "keep-the-pole-upright@1" in skillwright("resume", run["id"], home=home)
    assert json.loads(skillwright("skills", "list", "--all", "--json", home=home)) == before


def test_the_same_sentence_again_takes_the_skill_from_the_library(house):
    home, _ = house
    printed = skillwright("run", SENTENCE.upper() + "  ", "--env", "classic_control/CartPole-v1", home=home)
    assert "The library already has it: keep-the-pole-upright@1" in printed


def test_a_skill_that_misses_its_test_is_kept_as_failed_and_the_exit_status_says_so(tmp_path):
    skillwright("run", "Swing up", "--env", "Pendulum-v1", *SMALLEST, home=tmp_path, expect=1)
    [skill] = json.loads(skillwright("skills", "list", "--json", home=tmp_path))
    assert skill["status"] == "failed"


def test_a_world_without_a_card_works_by_its_gymnasium_id(tmp_path):
    skillwright("run", "Get out", "--env", "MountainCar-v0", *SMALLEST, home=tmp_path, expect=1)
    [run] = json.loads(skillwright("runs", "list", "--json", home=tmp_path))
    assert run["status"] == "finished"

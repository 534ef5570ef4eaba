"""A world of MuJoCo from a sentence to a film, and without MuJoCo to the same skill without one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skillwright.core.errors import EnvError
from skillwright.envs.catalog import find_card, list_cards
from skillwright.envs.rendering import encode_mp4, frames_per_second, record_episode

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

RESTING = {"mujoco/Reacher-v5", "mujoco/Pusher-v5", "mujoco/Swimmer-v5"}
"""Robots that do not move by themselves."""
RUN = ("run", "Run forward fast", "--env", "mujoco/Hopper-v5", "--candidates", "2", "--generations", "1")


def skillwright(*words: str, home: Path, **environment: str) -> str:
    """Runs a command that may end with a skill that did not pass."""
    command = [sys.executable, "-m", "skillwright", *words, "--home", str(home)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=home.parent, env={**os.environ, **environment}, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture
def nothing_hidden() -> None:
    """Skips where MuJoCo, or what it draws with, is not installed."""
    pytest.importorskip("mujoco", reason="needs the extra 'mujoco'")
    try:
        record_episode(find_card("Hopper-v5").model_copy(update={"horizon": 1}), lambda seen: seen[:3], seed=0)
    except EnvError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("nothing_hidden")
def test_a_run_ends_with_a_report_and_a_film(tmp_path):
    home = tmp_path / "home"
    result = json.loads(skillwright(*RUN, "--timesteps", "50000", "--json", home=home))
    assert Path(result["report"]).stat().st_size > 50_000
    assert Path(result["video"]).read_bytes()[4:8] == b"ftyp"
    assert list(tmp_path.iterdir()) == [home]


def test_without_mujoco_a_run_ends_without_a_film_and_names_the_extra(tmp_path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "mujoco.py").write_text("raise ImportError(\"No module named 'mujoco'\")", encoding="utf-8")
    printed = skillwright(*RUN, "--timesteps", "50000", home=tmp_path / "home", PYTHONPATH=str(hidden))
    assert "No video: what Hopper-v5 needs is not installed; run: pip install 'skillwright[mujoco]'" in printed
    assert "run-forward-fast@1" in printed and "report.html" in printed


@pytest.mark.usefixtures("nothing_hidden")
@pytest.mark.parametrize("env_id", [card.id for card in list_cards() if card.id.startswith("mujoco/")])
def test_every_robot_can_be_filmed(env_id, tmp_path):
    card = find_card(env_id).model_copy(update={"horizon": 10})
    still = np.zeros(card.actions.size, np.float32)
    film = record_episode(card, lambda _: still, seed=0)
    encode_mp4(film.frames, frames_per_second=frames_per_second(card), path=tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes()[4:8] == b"ftyp"
    first, last = film.frames[0].astype(int), film.frames[-1].astype(int)
    assert first.std() > 5
    assert card.id in RESTING or np.abs(first - last).max() > 20

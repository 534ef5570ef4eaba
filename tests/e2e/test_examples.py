"""The examples run as they stand, each in a home of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

FOLDER = Path(__file__).resolve().parents[2] / "examples"
SAYS = {
    "first_skill.py": "the pole stood for ",
    "use_the_library.py": "resumed: keep-the-pole-upright@1",
    "watch_an_evolution.py": "stages: proposing, search, finals, judging",
}


def run_example(name: str, home: Path) -> str:
    environment = {**os.environ, "SKILLWRIGHT_HOME": str(home)}
    command = [sys.executable, "-W", "error::DeprecationWarning:__main__", str(FOLDER / name)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_tried():
    assert {path.name for path in FOLDER.glob("*.py")} == set(SAYS)


@pytest.mark.parametrize("name", SAYS)
def test_an_example_runs_as_it_stands(name, home):
    assert SAYS[name] in run_example(name, home)

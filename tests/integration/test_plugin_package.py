"""A package that brings a world, a learner and a proposer, installed by pip where nobody knew of it before."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
SOURCE = TESTS / "plugin_package"
SENTENCE = "Come to rest in the middle"
TINY = ("--candidates", "2", "--generations", "1", "--timesteps", "60000", "--workers", "1")


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The folder the package was installed into."""
    source, target = tmp_path_factory.mktemp("source") / "package", tmp_path_factory.mktemp("target")
    shutil.copytree(SOURCE, source)
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *offline, "--target", str(target), str(source)],
        check=True,
        capture_output=True,
    )
    return target


def python(installed: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "PYTHONPATH": f"{installed}{os.pathsep}{TESTS / 'contract'}", **environment}
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env=given, cwd=installed, check=False
    )


def skillwright(installed: Path, *words: str) -> str:
    done = python(installed, "-m", "skillwright", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_not_installed_is_not_there():
    done = subprocess.run(
        [sys.executable, "-m", "skillwright", "envs", "show", "Drifter-v0"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "no environment is called 'Drifter-v0'" in done.stderr


def test_a_plugins_world_is_listed_and_shown_with_ours(installed):
    listed = {card["id"] for card in json.loads(skillwright(installed, "envs", "list", "--json"))}
    assert {"drifter/Drifter-v0", "classic_control/CartPole-v1"} <= listed
    assert "frictionless line" in skillwright(installed, "envs", "show", "Drifter-v0")


@pytest.mark.slow
def test_a_plugin_keeps_the_contracts(installed):
    kit = installed / "test_kit.py"
    shutil.copy(SOURCE / "contract_kit.py", kit)
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", str(installed), "-W", "error", "-c", os.devnull)
    ignored = ("-W", "ignore:builtin type:DeprecationWarning")
    done = python(installed, "-m", "pytest", *options, *ignored, str(kit))
    assert done.returncode == 0 and " passed" in done.stdout and "skipped" not in done.stdout, done.stdout


@pytest.mark.slow
def test_the_command_line_makes_a_skill_with_a_plugins_world_learner_and_proposer(installed):
    words = ("run", SENTENCE, "--env", "Drifter-v0", "--proposer", "closer", *TINY, "--json")
    made = json.loads(skillwright(installed, *words))
    assert made["skill"]["status"] == "verified" and made["skill"]["env_id"] == "drifter/Drifter-v0"
    assert made["skill"]["lineage"]["proposer"] == "Closer"
    assert Path(made["video"]).read_bytes()[4:8] == b"ftyp"
    played = json.loads(skillwright(installed, "skills", "play", made["skill"]["name"], "--json"))
    assert len(played["scores"]) == 3 and played["video"]


@pytest.mark.slow
def test_the_python_api_makes_a_skill_with_them(installed):
    code = f"""
import skillwright as sw
outcome = sw.run({SENTENCE!r}, env="Drifter-v0", proposer="closer", num_candidates=2, num_generations=1,
                 total_timesteps=60_000, num_workers=1)
print(outcome.is_verified, outcome.skill.manifest.lineage.proposer)
print(outcome.act([1.0, 0.0]).shape, bool(outcome.act([1.0, 0.0]) < outcome.act([-1.0, 0.0])))
"""
    done = python(installed, "-c", code)
    assert done.stdout.splitlines() == ["True Closer", "(1,) True"], done.stdout + done.stderr


def test_a_plugins_world_whose_package_is_gone_stops_nobody(installed, tmp_path):
    shutil.copytree(next(installed.glob("*.dist-info")), tmp_path / "ghost-0.1.0.dist-info")
    done = python(tmp_path, "-m", "skillwright", "envs", "show", "CartPole-v1", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr

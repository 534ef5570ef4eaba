"""A program and the skill it runs go from one home to another by the command line: export, import, verify, play."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

from skillwright.agents.programming import ProgramRequest, begin_program, carry_out_program
from skillwright.core import ArtifactStore, Home
from skillwright.core.database import Database
from skillwright.rewards.progress import Silent
from skillwright.skills.library import Library

from ..unit.agents.programs import BALANCE, policy, skill

WORLD = "classic_control/CartPole-v1"
SOURCE = 'def skill(s, run):\n    """Balances, whatever it takes."""\n    run("balance")\n'
FALLS = tuple(-weight for weight in BALANCE)


def command(*arguments, home, status=0):
    """Runs the command in a process of its own and reads its JSON."""
    line = [sys.executable, "-m", "skillwright", *map(str, arguments), "--json", "--home", str(home)]
    result = subprocess.run(line, capture_output=True, text=True, check=False, env=os.environ)
    assert result.returncode == status, result.stderr
    return json.loads(result.stdout) if result.stdout else result.stderr


def store_balance(home, weights):
    artifacts = ArtifactStore(home.artifacts)
    draft = skill("balance", artifacts.put(policy(weights).to_bytes()), artifacts, 500)
    reward = "def reward(s, a, n):\n    return {'upright': -abs(n.angle)}\n"
    return Library(Database.open(home), artifacts).store(draft.model_copy(update={"reward_source": reward}))


@pytest.fixture
def origin(tmp_path):
    """Has a program that was judged there, and the skill it runs."""
    home = Home.open(tmp_path / "origin")
    store_balance(home, BALANCE)
    run_id = begin_program(home, ProgramRequest(world=WORLD, name="steady", source=SOURCE, num_held_out=5))
    assert carry_out_program(home, run_id, Silent()).skill.status == "verified"
    return home.path


def test_a_program_with_a_dependency_travels_and_is_worth_as_much_where_another_skill_has_that_name(origin, tmp_path):
    here, pack = tmp_path / "here", tmp_path / "steady.swskill"
    own = store_balance(Home.open(here), FALLS)

    assert command("skills", "export", "steady", pack, home=origin) == {"files": [str(pack)], "notes": []}

    imported = command("skills", "import", pack, "--as", "poised", home=here)
    assert [(one["name"], one["version"], one["status"]) for one in imported] == [
        ("balance", 2, "draft"),
        ("poised", 1, "draft"),
    ]
    assert imported[-1]["dependencies"] == ["balance@2"]
    assert Library(Database.open(Home.open(here)), ArtifactStore(here / "artifacts")).get("balance") == own

    drafted = command("skills", "play", "poised", "--episodes", "2", home=here)
    verified = command("skills", "verify", "poised", "--episodes", "5", "--seed", "7", home=here)
    [part] = verified["parts"]
    assert (part["skill"]["name"], part["skill"]["version"], part["skill"]["status"]) == ("balance", 3, "verified")
    assert (verified["skill"]["version"], verified["skill"]["status"]) == (2, "verified")
    assert verified["skill"]["dependencies"] == ["balance@3"]
    assert verified["skill"]["evidence"]["success_rate"] == 1.0

    played = command("skills", "play", "poised", "--episodes", "2", home=here)
    for one in (drafted, played):
        assert [episode["success"] for episode in one["scores"]] == [True, True]
    assert played["skill"]["version"] == 2


def test_a_pack_with_one_bad_program_among_good_skills_is_refused_whole(origin, tmp_path):
    here, pack, evil = tmp_path / "here", tmp_path / "steady.swskill", tmp_path / "evil.swskill"
    command("skills", "export", "steady", pack, home=origin)
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(evil, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(b"whatever", b"WHATEVER") if name.endswith("program.py") else data)

    said = command("skills", "import", evil, home=here, status=2)

    assert "its hash or size is wrong" in said
    assert not here.exists()

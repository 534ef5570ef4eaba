"""A home with a skill that really balances the pole, and the pack it makes."""

import hashlib
import json
import zipfile
from io import BytesIO

import numpy as np
import pytest

from skillwright.cli.entry import run_command_line
from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.serialising import to_json
from skillwright.envs import find_card
from skillwright.learners import Policy, PolicySpec
from skillwright.skills.library import Library
from skillwright.skills.packs import PackRefused
from skillwright.skills.packs.reading import read_pack
from skillwright.skills.packs.writing import write_pack
from skillwright.skills.skill import Evidence, Lineage, Skill

CARTPOLE = "classic_control/CartPole-v1"
REWARD = "def reward(s, a, n):\n    return {'upright': -abs(n.angle)}\n"
FOLDER = "balance-the-pole@1"
STEADY = 'def skill(s, run):\n    """Balances."""\n    run("balance-the-pole")\n'
"""A program that runs the skill."""


class Shop:
    """A home folder with what is stored in it."""

    def __init__(self, path):
        self.home = Home.open(path)
        self.artifacts = ArtifactStore(self.home.artifacts)
        self.database = Database.open(self.home)
        self.library = Library(self.database, self.artifacts)
        self.card = find_card(CARTPOLE)

    def skill(self, *, sign=1.0, **fields):
        values = {
            "name": "balance-the-pole",
            "version": 1,
            "status": "verified",
            "description": "Balances the pole.",
            "env_id": CARTPOLE,
            "task": "balance",
            "step_limit": 500,
            "card": self.artifacts.put(to_json(self.card).encode()),
            "policy": self.artifacts.put(pole_policy(sign).to_bytes()),
            "reward_source": REWARD,
            "reward_weights": {"upright": 2.5},
            "video": self.artifacts.put(b"\0\0\0\x18ftypisom" + bytes(64)),
            "evidence": evidence(),
            "lineage": lineage(),
            "created_at": "2026-01-01T00:00:00+00:00",
        }
        return self.library.store(Skill(**{**values, **fields}))

    def program(self, source=STEADY, needed=("balance-the-pole@1",), **fields):
        values = {
            "name": "stay-up",
            "kind": "program",
            "description": "Stays up.",
            "policy": self.artifacts.put(source.encode()),
            "dependencies": needed,
            "reward_source": "",
            "reward_weights": {},
            "video": None,
        }
        return self.skill(**{**values, **fields})

    def source(self, skill):
        return self.artifacts.get(skill.policy).decode()


def pole_policy(sign=1.0):
    """Pushes to where the pole falls; with the other sign it fails."""
    weight = np.array([[0.1], [0.3], [3.0], [1.0]], np.float32) * sign
    spec = PolicySpec(env_id=CARTPOLE, observation_size=4, action_kind="discrete", num_layers=1)
    tensors = {
        "mean": np.zeros(4),
        "scale": np.ones(4),
        "weight_0": np.hstack([-weight, weight]),
        "bias_0": np.zeros(2),
    }
    return Policy(spec=spec, tensors={name: np.asarray(one, np.float32) for name, one in tensors.items()})


def evidence():
    return Evidence(
        first_seed=2_000_000_000, num_episodes=100, success_rate=0.97, success_interval=(0.915, 0.99), fitness=0.9,
        fitness_interval=(0.88, 0.92), required_success_rate=0.95, training_timesteps=1_000_000, wall_time_s=61.0,
    )  # fmt: skip


def lineage():
    return Lineage(
        run_id="20260101-000000-aaaa", task_text="balance the pole", planner="CardPlanner", proposer="search",
        model="none", candidate_id="g1-c00", generation=1, parents=("g0-c01",),
    )  # fmt: skip


def contents_of(pack):
    with zipfile.ZipFile(BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(entries, method=zipfile.ZIP_DEFLATED):
    """Packs (name or ZipInfo, data) pairs."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data, compress_type=method)
    return buffer.getvalue()


def forged(pack, **files):
    """Replaces files of the skill, with every hash made right again; ``edit`` changes the manifest's JSON last."""
    contents, edit = contents_of(pack), files.pop("edit", None)
    manifest = json.loads(contents.pop("manifest.json"))
    for kind, data in files.items():
        name = {"card": "card.json", "policy": "policy.safetensors", "reward": "reward.py", "video": "video.mp4"}[kind]
        contents[f"{FOLDER}/{name}"] = data
        sha = hashlib.sha256(data).hexdigest()
        manifest["files"][f"{FOLDER}/{name}"] = {"sha256": sha, "size": len(data)}
        if kind != "reward":
            manifest["skills"][0][kind] = sha
    if edit:
        edit(manifest)
    return zipped([("manifest.json", json.dumps(manifest)), *contents.items()])


def reforged(pack, files=(), edit=None):
    """Replaces files by their path, with every hash made right again; ``edit`` changes the manifest's JSON last."""
    contents = contents_of(pack)
    manifest = json.loads(contents.pop("manifest.json"))
    for path, data in dict(files).items():
        contents[path] = data
        sha = hashlib.sha256(data).hexdigest()
        manifest["files"][path] = {"sha256": sha, "size": len(data)}
        folder, _, file = path.partition("/")
        kind = {"card.json": "card", "video.mp4": "video"}.get(file, "policy")
        for skill in manifest["skills"]:
            if f"{skill['name']}@{skill['version']}" == folder:
                skill[kind] = sha
    if edit:
        edit(manifest)
    return zipped([("manifest.json", json.dumps(manifest)), *contents.items()])


def bytes_of(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def check_refused(evil, reason, here, place, capsys):
    """Checks that a pack is refused for this reason, and that the command leaves a home as it was, byte for byte."""
    with pytest.raises(PackRefused, match=reason):
        read_pack(evil)
    here.skill(name="own")
    place.write_bytes(evil)
    before = bytes_of(here.home.path)
    status = run_command_line(["skills", "import", str(place), "--home", str(here.home.path)])
    assert (status, bytes_of(here.home.path)) == (2, before)
    assert "error:" in capsys.readouterr().err


@pytest.fixture
def origin(tmp_path):
    return Shop(tmp_path / "origin")


@pytest.fixture
def here(tmp_path):
    return Shop(tmp_path / "here")


@pytest.fixture
def pack(origin):
    origin.skill()
    return write_pack(origin.library, origin.artifacts, ["balance-the-pole"])


@pytest.fixture
def program_pack(origin):
    """A program, and the skill it runs."""
    origin.skill()
    origin.program()
    return write_pack(origin.library, origin.artifacts, ["stay-up"])

"""The learning curves of a real run, exported by the installed command and read by the libraries they are meant for."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

RUN = ("run", "Keep the pole upright", "--env", "CartPole-v1", "--candidates", "2", "--generations", "1")


def skillwright(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "skillwright", *words, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"}, check=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """A home with one small run in it."""
    home = tmp_path_factory.mktemp("house")
    done = skillwright(*RUN, "--timesteps", "72000", home=home)
    assert done.returncode in (0, 1), done.stderr
    return home


@pytest.fixture(scope="module")
def run(house) -> dict:
    [listed] = json.loads(skillwright("runs", "list", "--json", home=house).stdout)
    return json.loads(skillwright("runs", "show", listed["id"], "--json", home=house).stdout)


@pytest.fixture
def export(house, run, tmp_path):
    def made(name: str) -> Path:
        done = skillwright("runs", "curves", run["overview"]["id"], "--to", str(tmp_path / name), home=house)
        assert (done.returncode, done.stderr) == (0, "")
        return tmp_path / name

    return made


def trainings(run: dict) -> dict[tuple[str, str, int], list[dict]]:
    """The curves of a run as its journal tells them."""
    stages = {f"g{one['index']}": one["trained"] for one in run["generations"]} | {"finals": run["finals"]}
    return {
        (stage, one["candidate_id"], one["seed"]): one["curve"] for stage, trained in stages.items() for one in trained
    }


def points(run: dict) -> list[tuple[str, str, int, int, float, float | None]]:
    return [
        (*key, point["timesteps"], point["reward"], point["fitness"])
        for key, curve in trainings(run).items()
        for point in curve
    ]


def test_a_csv_file_holds_every_point_of_the_journal(export, run):
    with export("curves.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    read = [
        (row["stage"], row["candidate_id"], int(row["seed"]), int(row["timesteps"]), float(row["reward"]),
         float(row["fitness"]) if row["fitness"] else None)
        for row in rows
    ]  # fmt: skip
    assert read == points(run)
    assert {stage for stage, *_ in read} == {"g0", "finals"} and "reference" in {row[1] for row in read}


def test_a_parquet_file_holds_every_point_of_the_journal(export, run):
    parquet = pytest.importorskip("pyarrow.parquet")
    names = ("stage", "candidate_id", "seed", "timesteps", "reward", "fitness")
    rows = parquet.read_table(export("curves.parquet")).to_pylist()
    assert [tuple(row[name] for name in names) for row in rows] == points(run)


def test_tensorboard_reads_every_curve_of_the_journal(export, run):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    folder = export("board") / run["overview"]["id"]
    for (stage, candidate, seed), curve in trainings(run).items():
        events = reader.EventAccumulator(
            str(folder / stage / candidate / f"seed-{seed}"), size_guidance={"tensors": 0}
        ).Reload()
        read = [(event.step, event.tensor_proto.float_val[0]) for event in events.Tensors("reward")]
        assert read == [(point["timesteps"], pytest.approx(point["reward"], rel=1e-6)) for point in curve]


def test_an_older_export_is_a_persons_mistake_and_stays(house, run, export):
    place = export("curves.csv")
    before = place.read_bytes()
    refused = skillwright("runs", "curves", run["overview"]["id"], "--to", str(place), home=house)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--force" in refused.stderr
    assert place.read_bytes() == before

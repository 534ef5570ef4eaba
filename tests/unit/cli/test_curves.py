"""Learning curves leave a run as files other programs read."""

import csv
import json
import sys
from pathlib import Path

import pytest

from skillwright.core.errors import ConfigError, MissingExtra, NotFound
from skillwright.rewards.records import CurvePoint, Trained, TrainedShard

COLUMNS = [
    "run_id", "stage", "candidate_id", "seed", "timesteps", "fitness", "success_rate", "reward", "episode_length",
    "term_near", "term_slow",
]  # fmt: skip


def point(timesteps, **fields):
    return CurvePoint(**{"timesteps": timesteps, "reward": 0.1 + timesteps / 3, **fields})


@pytest.fixture
def run(unfinished_run, journal):
    """A run whose second shard and finals left learning curves: a whole one, one cut off, and two of one candidate."""
    whole = [
        point(100, terms={"near": 0.25, "slow": -0.125}),
        point(200, terms={"near": 0.5, "slow": 0.0}, fitness=1 / 3, success_rate=0.5, episode_length=40.0),
    ]
    shards = {
        "g0/shard-1": [training("g0-c00", 1, whole), training("g0-c03", 2, whole[:1], policy=None)],
        "finals/shard-0": [training("g0-c00", 8, whole), training("reference", 8, [point(300, terms={"slow": 1.5})])],
    }
    for key, trained in shards.items():
        shard = TrainedShard(trained=trained)
        journal.once(unfinished_run, key, TrainedShard, lambda shard=shard: shard)
    return unfinished_run


def training(candidate_id, seed, curve, policy="0" * 64):
    return Trained(candidate_id=candidate_id, seed=seed, timesteps=200, policy=policy, curve=curve, judgement=None)


@pytest.fixture
def export(command, run, tmp_path):
    """Exports the run into the test's own folder and gives the place."""

    def made(name, *options):
        place = tmp_path / name
        output = command("runs", "curves", run, "--to", str(place), *options)
        assert output.error is None or isinstance(output.error, SystemExit), output.error
        return place

    return made


def rows_of(place):
    with place.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_csv_file_has_a_row_per_point_and_a_column_per_measure_and_term(export, run):
    header, *rows = rows_of(export("curves.csv"))
    assert header == COLUMNS
    assert [row[:5] for row in rows] == [
        [run, "g0", "g0-c00", "1", "100"],
        [run, "g0", "g0-c00", "1", "200"],
        [run, "g0", "g0-c03", "2", "100"],
        [run, "finals", "g0-c00", "8", "100"],
        [run, "finals", "g0-c00", "8", "200"],
        [run, "finals", "reference", "8", "300"],
    ]


def test_numbers_in_a_csv_file_are_exact_and_what_a_point_lacks_is_empty(export):
    _, *rows = rows_of(export("curves.csv"))
    assert rows[0][5:] == ["", "", repr(0.1 + 100 / 3), "", "0.25", "-0.125"]
    assert rows[1][5:] == [repr(1 / 3), "0.5", repr(0.1 + 200 / 3), "40.0", "0.5", "0.0"]
    assert rows[-1][9:] == ["", "1.5"]


def test_a_parquet_file_has_the_same_table_with_types(export):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(export("curves.parquet"))
    assert table.column_names == COLUMNS
    assert [str(kind) for kind in table.schema.types] == ["string"] * 3 + ["int64"] * 2 + ["double"] * 6
    plain = [["" if cell is None else str(cell) for cell in row.values()] for row in table.to_pylist()]
    assert plain == rows_of(export("curves.csv"))[1:]


def test_a_folder_gets_a_tensorboard_run_per_training(export, run):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    folder = export("board")
    trainings = {"g0/g0-c00/seed-1", "g0/g0-c03/seed-2", "finals/g0-c00/seed-8", "finals/reference/seed-8"}
    files = [file.relative_to(folder / run) for file in folder.rglob("events.out.tfevents.*")]
    assert sorted(file.parent.as_posix() for file in files) == sorted(trainings)
    events = reader.EventAccumulator(
        str(folder / run / "g0" / "g0-c00" / "seed-1"), size_guidance={"tensors": 0}
    ).Reload()
    steps = {tag: [(tensor.step, tensor.tensor_proto.float_val[0]) for tensor in events.Tensors(tag)]
             for tag in events.Tags()["tensors"]}  # fmt: skip
    assert steps.keys() == {"reward", "fitness", "success_rate", "episode_length", "terms/near", "terms/slow"}
    assert steps["terms/near"] == [(100, 0.25), (200, 0.5)]
    assert steps["success_rate"] == [(200, 0.5)]


@pytest.mark.parametrize("name", ["curves.csv", "curves.parquet", "board"])
def test_an_older_export_is_left_alone(export, command, run, name):
    needed(name)
    place = export(name)
    before = {file: file.read_bytes() for file in [place, *place.rglob("*")] if file.is_file()}
    output = command("runs", "curves", run, "--to", str(place))
    assert isinstance(output.error, ConfigError)
    assert "--force" in str(output.error)
    assert {file: file.read_bytes() for file in [place, *place.rglob("*")] if file.is_file()} == before


@pytest.mark.parametrize("name", ["curves.csv", "curves.parquet"])
def test_an_older_file_is_replaced_when_forced(export, tmp_path, name):
    needed(name)
    (tmp_path / name).write_text("older", encoding="utf-8")
    assert export(name, "--force").stat().st_size > 100


def test_older_events_of_the_run_are_replaced_when_forced_and_other_files_stay(export, run):
    needed("board")
    board = export("board")
    before = set(board.rglob("events.*"))
    other = board / "another-run" / "events.out.tfevents.1"
    other.parent.mkdir()
    other.touch()
    export("board", "--force")
    after = set(board.rglob("events.*"))
    assert (len(before), before & after, len(after)) == (4, set(), 5)
    assert other.exists()


def test_the_format_can_be_said(export):
    assert rows_of(export("curves.data", "--format", "csv"))[0] == COLUMNS


def test_an_existing_folder_is_one_for_tensorboard_whatever_its_name(export, run, tmp_path):
    needed("board")
    (tmp_path / "old.csv").mkdir()
    assert (export("old.csv") / run / "finals").is_dir()


def test_folders_on_the_way_are_made(export):
    assert export("new/folder/curves.csv").is_file()


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("curves.txt", (), "end it in .csv or .parquet"),
        ("folder", ("--format", "csv"), "is a folder; name a file in it"),
        ("file.csv", ("--format", "tensorboard"), "is a file; TensorBoard needs a folder"),
    ],
)
def test_a_place_that_does_not_fit_is_refused(command, run, tmp_path, name, options, text):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.csv").touch()
    output = command("runs", "curves", run, "--to", str(tmp_path / name), *options)
    assert isinstance(output.error, ConfigError)
    assert text in str(output.error)


def test_a_run_without_curves_is_refused_and_nothing_is_written(command, fresh_run, tmp_path):
    output = command("runs", "curves", fresh_run, "--to", str(tmp_path / "curves.csv"))
    assert isinstance(output.error, ConfigError)
    assert "has no learning curve" in str(output.error)
    assert not (tmp_path / "curves.csv").exists()


def test_an_unknown_run_is_not_found(command, run, tmp_path):
    output = command("runs", "curves", f"x{run}", "--to", str(tmp_path / "curves.csv"))
    assert isinstance(output.error, NotFound)


@pytest.mark.parametrize(("name", "module"), [("curves.parquet", "pyarrow"), ("board", "tensorboard.summary")])
def test_without_its_library_a_format_names_the_extra(command, run, tmp_path, monkeypatch, name, module):
    monkeypatch.setitem(sys.modules, module, None)
    output = command("runs", "curves", run, "--to", str(tmp_path / name))
    assert isinstance(output.error, MissingExtra)
    assert "skillwright[curves]" in str(output.error)
    assert not (tmp_path / name).exists()


def test_what_was_written_is_said(command, run, tmp_path):
    text = command("runs", "curves", run, "--to", str(tmp_path / "curves.csv")).text
    assert "4 learning curves (6 points)" in text


def test_no_unfinished_file_is_left(export):
    place = export("curves.csv")
    assert list(place.parent.glob(".*")) == []


def test_the_export_and_the_json_of_the_run_tell_the_same(command, export, run):
    shown = json.loads(command("runs", "show", run, "--json").text)
    points = [one for stage in [*shown["generations"], {"trained": shown["finals"]}] for one in stage["trained"]]
    rewards = [repr(point["reward"]) for training in points for point in training["curve"]]
    assert [row[7] for row in rows_of(export("curves.csv"))[1:]] == rewards


def needed(name):
    """Skips where the library that writes this is not installed."""
    modules = {".parquet": "pyarrow", "": "tensorboard"}
    if Path(name).suffix in modules:
        pytest.importorskip(modules[Path(name).suffix])

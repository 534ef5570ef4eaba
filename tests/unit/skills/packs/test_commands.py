"""Skills travel by the command line."""

import json

import pytest

from skillwright.cli.entry import run_command_line


@pytest.fixture
def export(origin, tmp_path, capsys):
    origin.skill()

    def run(*options, place="pole.swskill"):
        where = tmp_path / place
        status = run_command_line(
            ["skills", "export", "balance-the-pole", str(where), *options, "--home", str(origin.home.path)]
        )
        return status, where, capsys.readouterr()

    return run


def test_a_skill_goes_from_one_home_to_another(export, here, capsys):
    status, place, _ = export()
    assert status == 0
    options = ["--as", "pole", "--json", "--home", str(here.home.path)]
    assert run_command_line(["skills", "import", str(place), *options]) == 0
    [skill] = json.loads(capsys.readouterr().out)
    assert (skill["name"], skill["version"], skill["status"]) == ("pole", 1, "draft")


def test_a_file_that_is_there_is_only_replaced_by_force(export):
    _, place, _ = export()
    place.write_bytes(b"mine")
    status, _, output = export()
    assert (status, place.read_bytes()) == (2, b"mine")
    assert "--force" in output.err
    assert export("--force")[0] == 0 and place.read_bytes()[:2] == b"PK"


def test_nothing_is_left_beside_an_exported_file(export):
    _, place, _ = export(place="folder/pole.swskill")
    assert list(place.parent.iterdir()) == [place]


def test_the_hub_layout_is_a_folder(export):
    status, place, _ = export("--format", "hub", place="hub")
    assert status == 0
    assert {"README.md", "balance-the-pole.swskill"} < {one.name for one in place.iterdir()}


def test_the_json_of_an_export_names_the_files(export):
    _, place, output = export("--json")
    assert json.loads(output.out) == {"files": [str(place)], "notes": []}

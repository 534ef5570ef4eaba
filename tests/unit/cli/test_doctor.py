import json


def test_the_doctor_names_every_layer_and_extra(command):
    found = {finding["name"]: finding for finding in json.loads(command("doctor", "--json").text)}
    assert found["sandbox: seccomp"] == {
        "name": "sandbox: seccomp",
        "is_well": True,
        "is_needed": True,
        "said": "in force",
    }
    assert found["extra learn"]["is_well"]
    assert "home folder" in found


def test_a_home_that_cannot_be_written_is_told(command, tmp_path):
    (tmp_path / "file").write_text("")
    told = command("doctor", "--home", str(tmp_path / "file" / "home"), "--json")
    assert told.status == 1
    assert not json.loads(told.text)[0]["is_well"]

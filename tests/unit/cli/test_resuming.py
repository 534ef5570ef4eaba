import sys
from pathlib import Path

import pytest

from skillwright.cli.resuming import Interrupted, next_command, resumable
from skillwright.core.errors import EnvError


def test_a_command_names_the_home_that_only_an_option_named():
    assert next_command("resume", "ID", home=Path("/a b")) == "skillwright resume ID --home '/a b'"


def test_a_command_leaves_out_the_home_of_the_environment(home):
    assert next_command("resume", "ID", home=home) == "skillwright resume ID"


def test_a_program_that_is_not_on_the_path_is_named_by_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "skillwright"), "run"])
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert next_command("resume", "ID", home=None) == f"{tmp_path}/skillwright resume ID"


def test_a_program_on_the_path_is_named_by_its_name(tmp_path, monkeypatch):
    program = tmp_path / "skillwright"
    program.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(program), "run"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert next_command("resume", "ID", home=None) == "skillwright resume ID"


def test_an_interrupted_run_says_how_to_resume_it():
    with (
        pytest.raises(Interrupted, match=r"^Interrupted\. Resume with: skillwright resume ID$"),
        resumable("ID", home=None),
    ):
        raise KeyboardInterrupt


def test_a_failed_run_says_how_to_resume_it():
    with pytest.raises(EnvError) as caught, resumable("ID", home=None):
        raise EnvError("the world ended")
    assert caught.value.__notes__ == ["Resume with: skillwright resume ID"]

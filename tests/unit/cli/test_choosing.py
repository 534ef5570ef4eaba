import os
import pty
import select
import sys
import termios
import threading
import time

import pytest

from skillwright.cli.choosing import player_command, read_key, require_terminal
from skillwright.core.errors import ConfigError

ICANON = 3
"""Where the attributes of a terminal say whether it hands lines over, or keys."""


@pytest.fixture
def keyboard(monkeypatch):
    """A terminal as standard input; what is typed is sent once a single key is waited for."""
    outer, inner = pty.openpty()
    with os.fdopen(inner, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)

        def press(keys, *, beforehand=b""):
            if beforehand:
                os.write(outer, beforehand)
                assert select.select([inner], [], [], 20.0)[0], (
                    "the terminal hands a line over some time after it was typed"
                )
            typing = threading.Thread(target=_type, args=(outer, inner, keys))
            typing.start()
            try:
                return read_key()
            finally:
                typing.join()

        yield press
    os.close(outer)


def _type(outer, inner, keys):
    while termios.tcgetattr(inner)[ICANON] & termios.ICANON:
        time.sleep(0.005)
    os.write(outer, keys)


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (b"\x1b[D", "left"),
        (b"\x1b[C", "right"),
        (b"\x1b[B", "down"),
        (b"\x1b[A", "up"),
        (b"\x1bOD", "left"),
        (b"q", "q"),
        (b"Q", "q"),
        (b"\x04", "\x04"),
        (b"\x1b", "\x1b"),
        (b"\xff", "\ufffd"),
    ],
)
def test_a_key_is_read_by_its_name(keyboard, keys, name):
    assert keyboard(keys) == name


def test_what_was_typed_before_the_question_does_not_answer_it(keyboard):
    assert keyboard(b"\x1b[C", beforehand=b"a\n") == "right"


def test_the_terminal_is_as_it_was_after_a_key(keyboard):
    before = termios.tcgetattr(sys.stdin.fileno())

    keyboard(b"q")

    assert termios.tcgetattr(sys.stdin.fileno()) == before


def test_without_a_terminal_nobody_is_asked(monkeypatch):
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with pytest.raises(ConfigError, match="needs a terminal"):
            require_terminal()


def test_a_video_is_opened_by_what_the_platform_opens_files_with(tmp_path):
    opener = tmp_path / "xdg-open"
    opener.write_text("#!/bin/sh\n")
    opener.chmod(0o755)
    environment = {"PATH": str(tmp_path), "DISPLAY": ":0"}

    assert player_command("linux", environment) == [str(opener)]
    assert player_command("linux", {"PATH": str(tmp_path), "WAYLAND_DISPLAY": "wayland-0"}) == [str(opener)]
    assert player_command("darwin", {}) == ["open"]
    assert player_command("win32", {}) == ["cmd", "/c", "start", ""]


def test_without_a_display_or_an_opener_there_is_no_player(tmp_path):
    opener = tmp_path / "xdg-open"
    opener.write_text("#!/bin/sh\n")
    opener.chmod(0o755)

    assert player_command("linux", {"PATH": str(tmp_path)}) is None
    assert player_command("linux", {"PATH": str(tmp_path / "elsewhere"), "DISPLAY": ":0"}) is None

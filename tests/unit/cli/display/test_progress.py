import io
import os
import pty
import threading

import pytest
from rich.console import Console

from skillwright.cli.display.progress import LinesObserver, LiveObserver, watching
from skillwright.rewards.progress import Progress


def progress(**fields):
    values = {
        "stage": "search",
        "generation": 1,
        "num_generations": 3,
        "num_candidates": 16,
        "timesteps": 2_000_000,
        "total_timesteps": 8_000_000,
        "steps_per_second": 100_000.0,
        "best_fitness": 0.75,
    }
    return Progress(**{**values, **fields})


def picture(state, *, width=100):
    console = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
    observer = LiveObserver(console)
    observer.progressed(state)
    console.print(observer)
    return console.file.getvalue()


def lines_of(*states):
    console = Console(file=io.StringIO(), width=40)
    observer = LinesObserver(console)
    for state in states:
        observer.progressed(state)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(
    "fact",
    [
        "generation 2/3: 16 candidates in training",
        "25 %",
        "2M of 8M steps",
        "100k steps/s",
        "best fitness 0.75",
        "1 min 0 s left",
    ],
)
def test_the_picture_tells(fact):
    assert fact in picture(progress())


def test_before_the_first_steps_nothing_is_invented():
    text = picture(progress(timesteps=0, steps_per_second=0.0, best_fitness=None))
    assert "steps/s" not in text
    assert "fitness" not in text
    assert "left" not in text


def test_more_steps_than_planned_are_all_of_them():
    assert "100 %" in picture(progress(timesteps=9_000_000))


@pytest.mark.parametrize("width", [20, 40, 80])
def test_the_picture_fits_a_terminal_of_width(width):
    assert max(len(line) for line in picture(progress(), width=width).splitlines()) <= width


def test_a_narrow_terminal_breaks_lines_between_facts():
    assert "best fitness 0.75" in [line.strip() for line in picture(progress(), width=24).splitlines()]


@pytest.mark.parametrize(
    ("stage", "words"), [("finals", "finals: 16 policies"), ("judging", "judging on held-out episodes")]
)
def test_the_later_stages_have_their_own_words(stage, words):
    assert words in picture(progress(stage=stage))


def test_a_file_gets_one_line_per_stage_and_generation():
    states = [progress(generation=0), progress(generation=0), progress(generation=1), progress(stage="finals")]
    printed = lines_of(*states)
    assert [line.partition("] ")[2].split(":")[0] for line in printed] == [
        "generation 1/3",
        "generation 2/3",
        "finals",
    ]


def test_a_line_in_a_file_is_never_broken():
    [line] = lines_of(progress())
    assert line.endswith("1 min 0 s left")


def test_a_file_gets_another_line_after_a_while(monkeypatch):
    monkeypatch.setattr("skillwright.cli.display.progress._SECONDS_BETWEEN_LINES", 0.0)
    assert len(lines_of(progress(), progress())) == 2


def test_brackets_in_what_is_said_are_text():
    console = Console(file=io.StringIO(), markup=False)
    with watching(console) as observer:
        observer.said("[bold]as it is")
    assert console.file.getvalue() == "[bold]as it is\n"


def on_a_terminal(**environment):
    """Runs a short show on a real pseudo-terminal and returns what was written."""
    leader, follower = pty.openpty()
    written = bytearray()
    with os.fdopen(follower, "w") as file:
        console = Console(file=file, markup=False, width=60, _environ=environment)
        reader = threading.Thread(target=_read_all, args=(leader, written))
        reader.start()
        with watching(console) as observer:
            observer.said("hello")
            observer.progressed(progress())
    reader.join()
    os.close(leader)
    return written.decode()


def _read_all(descriptor, written):
    while True:
        try:
            data = os.read(descriptor, 4096)
        except OSError:
            return
        if not data:
            return
        written += data


def test_a_terminal_shows_a_bar_and_gets_its_cursor_back():
    written = on_a_terminal(TERM="xterm-256color")
    assert "━" in written
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")


def test_without_colour_the_bar_has_none():
    assert "\x1b[3" not in on_a_terminal(TERM="xterm-256color", NO_COLOR="1")


def test_a_terminal_that_cannot_move_its_cursor_gets_lines():
    written = on_a_terminal(TERM="dumb")
    assert "\x1b" not in written
    assert "generation 2/3" in written

import io
from pathlib import Path

from rich.console import Console

from skillwright.agents.playing import PlayOutcome
from skillwright.cli.display.play import show_play
from skillwright.learners import EpisodeScore


def shown(skill, *successes):
    console = Console(file=io.StringIO(), width=60, markup=False)
    scores = [EpisodeScore(success, 0.5, 400.0, 401) for success in successes]
    outcome = PlayOutcome(skill=skill, scores=scores, video=Path("/a") / ("long" * 20) / "play.mp4")
    show_play(console, outcome, first_seed=41)
    return console.file.getvalue()


def test_every_episode_has_a_line_with_its_seed(draft):
    lines = [line.split() for line in shown(draft(), True, False).splitlines()]
    assert ["41", "yes", "0.5", "400", "401"] in lines
    assert ["42", "no", "0.5", "400", "401"] in lines


def test_successes_are_counted(draft):
    assert "1 of 3 episodes succeeded." in shown(draft(), True, False, False)


def test_a_task_without_a_success_test_counts_none(draft):
    assert "succeeded" not in shown(draft(), None)


def test_the_path_of_the_video_is_never_broken(draft):
    assert f"Video: /a/{'long' * 20}/play.mp4" in shown(draft(), True).splitlines()

import io
from pathlib import Path

import pytest
from rich.console import Console

from skillwright.cli.display.outcome import show_result
from skillwright.report.finishing import RunResult


@pytest.fixture
def shown(draft, judgement, home):
    def show(*, width=100, reused=False, video=Path("/a/skill.mp4"), judged=judgement, **fields):
        console = Console(file=io.StringIO(), width=width, markup=False)
        result = RunResult(
            run_id="20260101-000000-aaaa",
            skill=draft(**fields),
            reused=reused,
            held_out=judged,
            wall_time_s=252.0,
            models=(),
            report=Path("/a") / ("long" * 30) / "report.html",
            video=video,
        )
        show_result(console, result, home=home)
        return console.file.getvalue()

    return show


@pytest.mark.parametrize(
    "fact",
    [
        "balance-the-pole@1  verified: at least 95 % of episodes must succeed",
        "97 %  (95 % interval 91.5 to 99 %)",
        "0.9  (95 % interval 0.88 to 0.92)",
        "100 held-out episodes",
        "4 min 12 s",
        "1,000,000",
        "20260101-000000-aaaa",
        "Video:  /a/skill.mp4",
        "Next:   skillwright skills play balance-the-pole\n",
    ],
)
def test_the_result_of_a_run_tells(fact, shown):
    assert fact in shown()


def test_a_path_is_never_broken(shown):
    assert f"Report: /a/{'long' * 30}/report.html" in shown(width=40).splitlines()


def test_a_skill_that_failed_is_played_by_its_version(shown):
    text = shown(status="failed")
    assert "not verified: at least 95 % of episodes must succeed" in text
    assert "skills play balance-the-pole@1" in text


def test_a_task_without_a_success_test_cannot_be_verified(shown, draft, judgement):
    unmeasured = {"success_rate": None, "success_interval": None}
    evidence = draft().evidence.model_copy(update=unmeasured)
    text = shown(status="draft", evidence=evidence, judged=judgement.model_copy(update=unmeasured))
    assert "not verified: the task has no success test" in text
    assert "not measured" in text


def test_a_reused_skill_cost_nothing(shown):
    assert "none: the library had this skill, made in 1,000,000" in shown(reused=True)


def test_a_world_that_cannot_be_drawn_has_no_video(shown):
    assert "Video" not in shown(video=None)

"""A composite task is planned, its parts made by runs of their own, composed, judged, and reused."""

import pytest

from skillwright.report.finishing import report_run
from skillwright.rewards.progress import Silent

TEXT = "Stay steady for a moment, then wander on with the pole up"


def made(record):
    return [part.sub_task.task for attempt in record.attempts for part in attempt.parts if part.made]


def test_a_composite_task_becomes_skills_and_a_program_that_runs_them_in_one_episode(place):
    record = place.run(TEXT)
    [attempt] = record.attempts
    assert made(record) == ["steady", "wander"]
    skill = record.skill
    assert (skill.kind, skill.status, skill.name) == (
        "program",
        "verified",
        "stay-steady-for-a-moment-then-wander-on-with-the",
    )
    assert skill.parts == tuple(part.skill.reference for part in attempt.parts) == skill.dependencies
    assert skill.evidence.success_rate >= 0.8 and skill.evidence.num_episodes == 10
    trained = sum(part.skill.evidence.training_timesteps for part in attempt.parts)
    assert skill.evidence.training_timesteps > trained > 0
    assert sorted(run.status for run in place.journal.runs()) == ["finished"] * 3
    again = place.carry_out(record.run_id)
    assert again.skill == skill and len(place.journal.runs()) == 3

    second = place.run(TEXT)
    assert second.is_reused and second.skill == skill and second.attempts == ()

    shared = place.run("Wander on with the pole up, then stay steady for a moment")
    assert made(shared) == [] and shared.skill.parts == tuple(reversed(skill.parts))

    result = report_run(place.home, record)
    page = result.report.read_text(encoding="utf-8")
    assert all(part.skill.reference in page for part in attempt.parts)
    for part in result.parts:
        assert (place.home.runs / part.made_in / "report.html").is_file() and part.made_in in page


class Interrupts(Silent):
    """Interrupts at a line."""

    def __init__(self, text):
        self.text = text

    def said(self, line):
        if self.text in line:
            raise KeyboardInterrupt


@pytest.mark.parametrize("line", ["wander on with the pole up: run", "Trying the 2 parts", "Judging the parts"])
def test_an_interrupted_composite_goes_on_where_it_stopped(place, line):
    run_id = place.begin(TEXT)
    with pytest.raises(KeyboardInterrupt):
        place.carry_out(run_id, Interrupts(line))
    before = {run.id for run in place.journal.runs()}
    assert place.journal.run(run_id).status == "interrupted"
    record = place.carry_out(run_id)
    assert record.skill.status == "verified" and made(record) == ["steady", "wander"]
    assert before <= {run.id for run in place.journal.runs()} and len(place.journal.runs()) == 3


def test_a_part_that_cannot_be_done_is_made_anew_so_often_and_no_more(place):
    record = place.run("Stay steady for a moment, then fly above the rail", max_replans=1)
    assert len(record.attempts) == 2 and made(record) == ["steady", "impossible", "impossible"]
    assert record.skill.status == "failed" and record.held_out.success_rate == 0.0
    assert record.held_out.fitness == pytest.approx(0.5, abs=0.2)
    first, second = record.attempts
    assert second.parts[0].made is None and second.parts[0].skill == first.parts[0].skill
    assert "impossible" in second.plan.rationale or "fly above the rail" in second.plan.rationale

import pytest

from skillwright.agents import Plan, RunRecord, RunRequest, SubTask
from skillwright.envs.catalog import find_card
from skillwright.report.finishing import report_run
from skillwright.rewards.records import (
    Candidate,
    Contender,
    CurvePoint,
    EvolutionResult,
    Generation,
    Program,
    Screening,
    Trained,
)

RUN = "20260101-000000-aaaa"


@pytest.fixture
def evolution(judgement):
    candidate = Candidate(
        id="g0-c00",
        generation=0,
        operator="fresh",
        program=Program(source="def reward(s, a, n):\n    return {'x': -abs(n.x)}\n"),
    )
    curve = [CurvePoint(timesteps=steps, reward=1.0, fitness=0.5, terms={"x": 1.0}) for steps in (100, 200)]
    trained = Trained(candidate_id="g0-c00", seed=1, timesteps=200, policy="0" * 64, curve=curve, judgement=judgement)
    screening = Screening(candidate_id="g0-c00", accepted=True)
    return EvolutionResult(
        generations=[Generation(index=0, candidates=[candidate], screenings=[screening], trained=[trained])],
        finals=[trained],
        play_off=[Contender(candidate_id="g0-c00", seed=1, policy="0" * 64, judgement=judgement)],
        ranking=["g0-c00"],
        winner=candidate,
        winner_policy="0" * 64,
        held_out=judgement,
        reference_held_out=None,
        total_timesteps=400,
    )


@pytest.fixture
def record(draft, judgement):
    def made(evolution, **fields):
        sub_task = SubTask(text="balance", env_id="classic_control/CartPole-v1", task="balance")
        values = {
            "run_id": RUN,
            "request": RunRequest(text="balance", env="CartPole-v1"),
            "plan": Plan(text="balance", planner="CardPlanner", sub_tasks=[sub_task], rationale="One task."),
            "card": find_card("CartPole-v1"),
            "task_name": "balance",
            "evolution": evolution,
            "skill": draft(run_id=RUN),
            "held_out": judgement,
            "reference_source": None,
            "video": None,
            "wall_time_s": 61.0,
            "models": (),
            "notes": (),
            "versions": {},
        }
        return RunRecord(**{**values, **fields})

    return made


def test_a_run_that_made_a_skill_gets_a_report(opened, record, evolution):
    result = report_run(opened, record(evolution))
    assert result.report == opened.runs / RUN / "report.html"
    assert "balance-the-pole" in result.report.read_text(encoding="utf-8")
    assert not result.reused


def test_a_run_that_reused_a_skill_names_the_report_of_the_run_that_made_it(opened, record, evolution):
    made = report_run(opened, record(evolution))
    reused = report_run(opened, record(None, run_id="20260102-000000-bbbb"))
    assert (reused.report, reused.reused) == (made.report, True)


def test_a_report_that_is_gone_is_not_named(opened, record):
    assert report_run(opened, record(None)).report is None


def test_the_video_is_named_where_a_person_finds_it(opened, record, artifacts):
    video = opened.run_folder(RUN) / "skill.mp4"
    video.write_bytes(b"film")
    stored = artifacts.path(artifacts.put(b"film"))
    assert report_run(opened, record(None, video=stored)).video == video


def test_a_video_that_was_moved_away_is_named_in_the_store(opened, record, artifacts):
    stored = artifacts.path(artifacts.put(b"film"))
    assert report_run(opened, record(None, video=stored)).video == stored

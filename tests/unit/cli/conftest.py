"""Real homes with real rows, and the commands run on them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from skillwright.agents import Plan, RunRequest, SubTask
from skillwright.agents.beginning import begin_run
from skillwright.cli.app import app
from skillwright.core.artifacts import ArtifactStore
from skillwright.core.database import Database
from skillwright.core.home import Home
from skillwright.core.journal import Journal
from skillwright.rewards.records import (
    Candidate,
    Judgement,
    Judgements,
    Program,
    Reflection,
    Screened,
    Screening,
    Trained,
    TrainedShard,
)
from skillwright.skills.library import Library
from skillwright.skills.skill import Skill

from ...sample_skill import LINEAGE, sample_skill

SOURCE = "def reward(s, a, n):\n    return {'upright': -abs(n.angle)}\n"


class Output:
    """What a command wrote, and its exit status."""

    def __init__(self, status: int, text: str, error: BaseException | None) -> None:
        self.status = status
        self.text = text
        self.error = error


@pytest.fixture
def command(home: Path) -> Callable[..., Output]:
    def run(*arguments: str) -> Output:
        result = CliRunner().invoke(app, arguments)
        return Output(result.exit_code, result.stdout, result.exception)

    return run


@pytest.fixture
def opened(home: Path) -> Home:
    return Home.open()


@pytest.fixture
def journal(opened: Home) -> Journal:
    return Journal(Database.open(opened))


@pytest.fixture
def artifacts(opened: Home) -> ArtifactStore:
    return ArtifactStore(opened.artifacts)


@pytest.fixture
def judgement() -> Judgement:
    return Judgement(
        num_episodes=100,
        success_rate=0.97,
        success_interval=(0.915, 0.99),
        fitness=0.9,
        fitness_interval=(0.88, 0.92),
        env_return=490.0,
        episode_length=490.0,
    )


@pytest.fixture
def draft(artifacts: ArtifactStore) -> Callable[..., Skill]:
    def made(run_id: str = "20260101-000000-aaaa", **fields: object) -> Skill:
        return sample_skill(artifacts, lineage=LINEAGE.model_copy(update={"run_id": run_id}), **fields)

    return made


@pytest.fixture
def stored(opened: Home, artifacts: ArtifactStore, draft: Callable[..., Skill]) -> list[Skill]:
    """Two verified versions and a failed one, oldest first."""
    library = Library(Database.open(opened), artifacts)
    statuses = ("verified", "verified", "failed")
    return [library.store(draft(run_id=f"run-{index}", status=status)) for index, status in enumerate(statuses)]


@pytest.fixture
def fresh_run(opened: Home) -> str:
    """A run that has not done anything yet."""
    return begin_run(opened, RunRequest(text="balance [the] pole", env="CartPole-v1", seed=7))


@pytest.fixture
def unfinished_run(fresh_run: str, journal: Journal, judgement: Judgement) -> str:
    """A run that was cut off while the second shard of its first generation was in training."""
    sub_task = SubTask(text="balance", env_id="classic_control/CartPole-v1", task="balance")
    plan = Plan(text="balance", planner="CardPlanner", sub_tasks=[sub_task], rationale="One task fits.")
    program = Program(source=SOURCE)
    candidates = [
        Candidate(id=f"g0-c{index:02d}", generation=0, operator="fresh", program=program) for index in range(4)
    ]
    reasons = ["", "", "it is a duplicate of g0-c00", ""]
    screenings = [
        Screening(candidate_id=candidate.id, accepted=not reason, reason=reason)
        for candidate, reason in zip(candidates, reasons, strict=True)
    ]
    trained = [
        trained_policy("g0-c00", judgement.model_copy(update={"fitness": 0.25}), dropped="it fell behind"),
        trained_policy("g0-c01", judgement),
    ]
    journal.once(fresh_run, "plan", Plan, lambda: plan)
    screened = Screened(candidates=candidates, screenings=screenings)
    journal.once(fresh_run, "g0/screened", Screened, lambda: screened)
    journal.once(fresh_run, "g0/shard-0", TrainedShard, lambda: TrainedShard(trained=trained))
    journal.set_status(fresh_run, "interrupted")
    return fresh_run


@pytest.fixture
def finished_run(unfinished_run: str, journal: Journal, judgement: Judgement, draft: Callable[..., Skill]) -> str:
    """The same run after its end."""
    failed = Trained(
        candidate_id="g0-c03", seed=1, timesteps=0, policy=None, curve=[], judgement=None, failure="it blew up"
    )
    shards = {
        "g0/shard-1": [failed],
        "finals/shard-0": [trained_policy("g0-c01", judgement), trained_policy("reference", judgement)],
    }
    for key, trained in shards.items():
        shard = TrainedShard(trained=trained)
        journal.once(unfinished_run, key, TrainedShard, lambda shard=shard: shard)
    lesson = Reflection(text="It went well.", prompt="0" * 64)
    journal.once(unfinished_run, "g0/reflection", Reflection, lambda: lesson)
    journal.once(unfinished_run, "held-out", Judgements, lambda: Judgements(judgements=[judgement]))
    journal.once(unfinished_run, "skill", Skill, lambda: draft(run_id=unfinished_run))
    journal.set_status(unfinished_run, "finished")
    return unfinished_run


def trained_policy(candidate_id: str, judgement: Judgement, dropped: str = "") -> Trained:
    return Trained(
        candidate_id=candidate_id,
        seed=1,
        timesteps=1000,
        policy="0" * 64,
        curve=[],
        judgement=judgement,
        dropped=dropped,
    )

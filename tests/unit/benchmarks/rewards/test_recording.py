"""The condition of a language model: recorded once from a server on loopback, then repeated without it."""

import pytest
from benchmarks.records import Results
from benchmarks.rewards import recorded
from benchmarks.rewards.campaign import SEARCHES, Campaign
from benchmarks.rewards.conditions import choose
from benchmarks.rewards.recorded import place_of
from benchmarks.rewards.recording import record_replies
from benchmarks.rewards.scale import Scale
from benchmarks.rewards.searching import SearchResult

from skillwright.envs import find_card

from ....integration.model_server import USAGE, ModelServer
from ....integration.reward_writer import RewardWriter
from ....integration.small_cartpole import make_project

TASK = "classic_control/CartPole-v1/balance"
MODEL = choose(with_ablations=False, names=["model"])


@pytest.fixture
def scale(tmp_path, monkeypatch):
    monkeypatch.setenv("SKILLWRIGHT_PROJECT", str(make_project(tmp_path / "project")))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    monkeypatch.setattr(recorded, "REPLIES", tmp_path / "replies")
    budget = find_card("classic_control/CartPole-v1").learner.total_timesteps
    return Scale(
        name="quick",
        tasks=(TASK,),
        num_candidates=2,
        num_generations=2,
        budget_factor=6000 / budget,
        num_seeds=0,
        num_held_out=2,
    )


@pytest.mark.slow
def test_the_replies_of_a_model_are_repeated_without_it(scale, tmp_path):
    with ModelServer() as server:
        server.otherwise = RewardWriter()
        assert record_replies(scale, MODEL, f"vllm:tiny-1@{server.url}", tmp_path / "home") == 0
        num_asked = len(server.requests)
    assert place_of("quick", TASK, "model").is_file()

    results = Results(tmp_path / "results")
    assert Campaign(scale=scale, conditions=MODEL, results=results, home=tmp_path / "home").run() == 0

    [record] = results.read(SEARCHES)
    found = SearchResult.model_validate(record.result)
    assert found.answered_by == ["tiny-1"]
    assert found.tokens == USAGE["total_tokens"] * num_asked, "what the replies cost is told with them"
    assert "def reward" in found.program.source
    assert 0 < found.num_accepted_first <= found.num_accepted <= found.num_wanted == 4


def test_replies_to_an_ablation_lie_beside_those_to_the_whole_loop():
    whole, ablation = (place_of("quick", TASK, name) for name in ("model", "model, no reflection"))

    assert whole.parent == ablation.parent
    assert (whole.name, ablation.name) == (
        "classic_control-CartPole-v1-balance.jsonl",
        "classic_control-CartPole-v1-balance.no-reflection.jsonl",
    )

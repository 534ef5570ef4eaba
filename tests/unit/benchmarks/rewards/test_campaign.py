"""A whole campaign on a small CartPole: searches by the product, policies by its learner, records on disk."""

from pathlib import Path

import pytest
from benchmarks.records import Results
from benchmarks.rewards.campaign import FINALS, SEARCHES, Campaign
from benchmarks.rewards.conditions import choose
from benchmarks.rewards.page import write_page
from benchmarks.rewards.scale import Scale

from skillwright.core.content import find_content

pytestmark = pytest.mark.slow

CARTPOLE = "classic_control/CartPole-v1"
SMALL_POLE = "classic_control/SmallPole-v1"
"""A world for whose tasks nobody has recorded replies."""
SMALL = {
    f"id: {CARTPOLE}": f"id: {SMALL_POLE}",
    "num_envs: 8": "num_envs: 4",
    "num_steps: 64": "num_steps: 32",
    "total_timesteps: 80000": "total_timesteps: 256",
}
SCALE = Scale(
    name="quick",
    tasks=(f"{SMALL_POLE}/balance",),
    num_candidates=2,
    num_generations=1,
    budget_factor=11,
    num_seeds=2,
    num_held_out=3,
)


class Place:
    """Where a campaign keeps what it measures."""

    def __init__(self, folder: Path) -> None:
        self.results = Results(folder / "results")
        self.folder = folder

    def run(self) -> int:
        conditions = choose(with_ablations=False, names=["reference", "sparse", "random-K", "model"])
        return Campaign(scale=SCALE, conditions=conditions, results=self.results, home=self.folder / "home").run()

    def cases(self, benchmark: str) -> list[tuple[object, object]]:
        return [(one.case["condition"], one.case["seed"]) for one in self.results.read(benchmark)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory):
    project = tmp_path_factory.mktemp("project")
    card = find_content("envs", f"{CARTPOLE}.yaml").read_text(encoding="utf-8")
    for old, new in SMALL.items():
        assert old in card
        card = card.replace(old, new)
    file = project / "envs" / f"{SMALL_POLE}.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(card, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLWRIGHT_PROJECT", str(project))
        place = Place(tmp_path_factory.mktemp("campaign"))
        assert place.run() == 0
        yield place


def test_every_search_and_every_seed_of_every_condition_is_a_record(place):
    assert place.cases(SEARCHES) == [("random-K", 0)]
    assert sorted(place.cases(FINALS)) == [
        (name, seed) for name in ("random-K", "reference", "sparse") for seed in (0, 1)
    ]


def test_a_condition_that_nobody_has_recorded_is_left_out_with_the_reason(place, capsys):
    place.run()

    assert "model: left out: nobody has written or recorded it" in capsys.readouterr().out
    assert "there are no replies for these tasks" in " ".join(write_page(place.results).split())


def test_what_is_on_record_is_not_made_again(place):
    before = [one.time for name in (SEARCHES, FINALS) for one in place.results.read(name)]

    place.run()

    assert [one.time for name in (SEARCHES, FINALS) for one in place.results.read(name)] == before


def test_a_campaign_that_was_broken_off_makes_what_is_missing_and_gets_the_same(place):
    file = place.folder / "results" / f"{FINALS}.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lost = place.results.read(FINALS)[-1]
    file.write_text("".join(lines[:-1]), encoding="utf-8")

    place.run()

    again = place.results.read(FINALS)
    assert len(again) == len(lines)
    assert (again[-1].case, again[-1].result["fitness"]) == (lost.case, lost.result["fitness"])


def test_a_search_that_was_broken_off_before_its_record_goes_on_from_its_run(place):
    file = place.folder / "results" / f"{SEARCHES}.jsonl"
    [before] = place.results.read(SEARCHES)
    file.unlink()

    place.run()

    [after] = place.results.read(SEARCHES)
    assert after.result["program"] == before.result["program"]
    assert after.result["wall_s"] == before.result["wall_s"], "the run was carried out again"
    assert after.result["cpu_s"] is None

"""What the page says about measurements."""

import pytest
from benchmarks.machine import describe_machine
from benchmarks.records import RESULTS, Record, Results
from benchmarks.rewards.bars import list_bars
from benchmarks.rewards.campaign import FINALS, SEARCHES
from benchmarks.rewards.cli import DOCS, main
from benchmarks.rewards.finals import FinalCase, FinalResult
from benchmarks.rewards.measured import collect
from benchmarks.rewards.page import write_page, write_pages
from benchmarks.rewards.searching import SearchCase, SearchResult

from skillwright.rewards.records import Program

TASKS = ("box/One-v0/stand", "box/Two-v0/run")


def record(benchmark, case, result) -> Record:
    return Record(
        benchmark=benchmark,
        case=case.model_dump(mode="json"),
        result=result.model_dump(mode="json"),
        machine=describe_machine(),
        versions={"numpy": "2"},
        revision="abc",
        load=0.5,
    )


def final(task: str, condition: str, fitness: float, *, seed: int = 0, program: str = "p", failure: str = "") -> Record:
    case = FinalCase(
        scale="quick",
        task=task,
        condition=condition,
        seed=seed,
        total_timesteps=100,
        num_held_out=3,
        required_success_rate=0.9,
        world="w",
        program=program,
    )
    episodes = [] if failure else [fitness - 0.01, fitness, fitness + 0.01]
    result = FinalResult(fitness=episodes, success_rate=0.5, timesteps=100, cpu_s=2.0, wall_s=3.0, failure=failure)
    return record(FINALS, case, result)


def search(task: str, condition: str, **changes) -> Record:
    case = SearchCase(
        scale="quick",
        task=task,
        condition=condition,
        seed=0,
        num_candidates=5,
        num_generations=2,
        total_timesteps=1000,
        num_workers=2,
        world="w",
        replies="r" if condition == "model" else "",
    )
    values = {
        "program": Program(source="def reward(s, a, n): ..."), "candidate": "g1-c00", "operator": "mutate",
        "author": "search", "fitness": 0.5, "num_wanted": 10, "num_accepted_first": 8, "num_accepted": 10,
        "num_failed": 1, "num_hangs": 0, "timesteps": 990, "wall_s": 60.0, "cpu_s": 100.0, "tokens": 0, "usd": 0.0,
        "answered_by": ["model-x"] if condition == "model" else [],
    }  # fmt: skip
    return record(SEARCHES, case, SearchResult.model_validate({**values, **changes}))


def results(folder, records) -> Results:
    kept = Results(folder)
    for one in records:
        kept.append(one)
    return kept


def rows(page: str, first: str) -> list[list[str]]:
    lines = [line for line in page.splitlines() if line.startswith(f"| {first} |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def measured(folder, records):
    return collect(results(folder, records), "quick")


FOUR = [
    final(TASKS[0], "reference", 0.8), final(TASKS[0], "sparse", 0.3), final(TASKS[0], "search", 0.55),
    final(TASKS[1], "reference", 0.5), final(TASKS[1], "sparse", 0.5), final(TASKS[1], "search", 0.9),
]  # fmt: skip


def test_the_page_in_the_docs_is_what_the_results_say(tmp_path):
    for path in write_pages(Results(RESULTS), tmp_path):
        assert (DOCS / path.name).read_text(encoding="utf-8") == path.read_text(encoding="utf-8")


def test_fitness_is_shown_raw_for_every_task_and_normalised_where_it_can_be(tmp_path):
    page = write_page(results(tmp_path, FOUR))

    assert [row[3].split()[0] for row in (rows(page, TASKS[0])[0], rows(page, TASKS[1])[0])] == ["0.550", "0.900"]
    [normalised] = rows(page, "search")
    assert (normalised[1], normalised[2].split()[0], normalised[3]) == ("0.50", "0.50", "0.50")
    assert normalised[4:] == ["1 of 2", "1", "1"]
    assert f"Left out: {TASKS[1]}." in page


def test_a_task_in_which_the_search_falls_short_is_named(tmp_path):
    assert f"- `search` falls short of the reference in {TASKS[0]}." in write_page(results(tmp_path, FOUR))


def test_a_seed_that_gave_no_policy_is_shown_and_in_no_mean(tmp_path):
    failed = final(TASKS[0], "search", 0.0, seed=1, failure="it diverged")
    page = write_page(results(tmp_path, [*FOUR, failed]))

    assert rows(page, TASKS[0])[0][3].endswith("(1 of 2 seeds)")
    assert f"- {TASKS[0]}, search, seed 1: no policy: it diverged" in page


def test_policies_of_an_older_reward_no_longer_count(tmp_path):
    older = [final(TASKS[0], "search", 0.1, seed=seed, program="old") for seed in range(3)]
    found = measured(tmp_path, [*older, *FOUR])

    assert [one.case.program for one in found.policies(TASKS[0], "search")] == ["p"]


def bars(folder, records) -> dict[str, tuple[str, bool | None]]:
    return {bar.wanted: (bar.measured, bar.is_met) for bar in list_bars(measured(folder, records))}


@pytest.mark.parametrize(("second", "verdict"), [(0.9, ("2 of 2", True)), (0.4, ("1 of 2", False))])
def test_the_search_is_held_against_its_share_of_tasks(tmp_path, second, verdict):
    found = bars(tmp_path, [*FOUR[:2], final(TASKS[0], "search", 0.9), *FOUR[3:5], final(TASKS[1], "search", second)])

    assert found["`search` at least as good as the reference in 60% of the tasks"] == verdict


def test_what_was_not_measured_meets_no_bar(tmp_path):
    found = bars(tmp_path, FOUR)

    assert found["`model` at least as good as the reference in 80% of the tasks"] == ("not measured", None)
    assert found["`model`: mean human-normalised score above 1.3"] == ("not measured", None)


def test_programs_that_fail_in_training_count_against_the_execute_rate(tmp_path):
    wanted = "`search`: at least 90 % of the programs asked for run, after repair"
    met = bars(tmp_path / "met", [*FOUR, search(TASKS[0], "search")])
    missed = bars(tmp_path / "missed", [*FOUR, search(TASKS[0], "search", num_failed=2)])

    assert (met[wanted], missed[wanted]) == (("90%", True), ("80%", False))


def test_a_hang_anywhere_misses_the_bar(tmp_path):
    found = bars(tmp_path, [*FOUR, search(TASKS[0], "search", num_hangs=1)])

    assert found["no training hangs"] == ("1 of 16", False)


def test_the_page_says_who_answered_the_prompts(tmp_path):
    records = [*FOUR, final(TASKS[0], "model", 0.9), search(TASKS[0], "model", tokens=1200, usd=0.25)]
    page = write_page(results(tmp_path, records))

    assert "The prompts of `model` were answered by: model-x." in page
    assert rows(page, "model")[-1][-2:] == ["1,200", "0.25 USD"]


def test_other_scales_and_other_machines_are_kept_apart(tmp_path):
    other = FOUR[2].model_copy(update={"case": {**FOUR[2].case, "scale": "full"}})
    elsewhere = FOUR[2].model_copy(
        update={
            "machine": describe_machine().model_copy(update={"cpu": "another"}),
            "time": FOUR[0].time.replace(year=2001),
        }
    )
    found = measured(tmp_path, [other, elsewhere, *FOUR[:2]])

    assert {one.case.condition for one in found.finals} == {"reference", "sparse"}


def test_an_unknown_task_is_refused(capsys):
    assert main(["--quick", "classic_control/CartPole-v1/juggle"]) == 2
    assert "juggle" in capsys.readouterr().err

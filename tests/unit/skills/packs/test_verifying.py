"""What a pack claims is measured here before anyone relies on it."""

import json

import pytest

from skillwright.agents.verifying import VerifyRequest, verify_skill
from skillwright.cli.entry import run_command_line
from skillwright.core import ConfigError
from skillwright.core.serialising import to_json


def verified(shop, reference="balance-the-pole", **changes):
    return verify_skill(shop.home, reference, VerifyRequest(**{"num_episodes": 5, "seed": 3, **changes}))


def test_a_draft_that_does_what_it_claims_gets_a_verified_version_and_stays_a_draft(here):
    draft = here.skill(status="draft")
    outcome = verified(here)
    assert (outcome.skill.reference, outcome.skill.status) == ("balance-the-pole@2", "verified")
    assert here.library.get("balance-the-pole@1") == draft
    assert here.library.get("balance-the-pole") == outcome.skill


def test_the_evidence_is_measured_here(here):
    here.skill(status="draft")
    evidence = verified(here).skill.evidence
    assert (evidence.first_seed, evidence.num_episodes) == (2_000_000_003, 5)
    assert (evidence.success_rate, evidence.training_timesteps) == (1.0, 0)


def test_a_skill_that_cannot_do_what_it_claims_fails(here):
    here.skill(sign=-1.0, status="draft")
    outcome = verified(here)
    assert (outcome.skill.status, outcome.skill.evidence.success_rate) == ("failed", 0.0)


def test_a_verified_skill_can_be_verified_anew(here):
    here.skill()
    assert [verified(here, "balance-the-pole@1", seed=seed).skill.version for seed in (1, 2, 2)] == [2, 3, 3]


def test_without_a_seed_the_worlds_are_drawn(here):
    here.skill()
    seeds = {verified(here, seed=None, num_episodes=1).skill.evidence.first_seed for _ in range(3)}
    assert len(seeds) == 3 and all(2_000_000_000 <= seed < 2**31 for seed in seeds)


def test_a_test_that_came_with_the_skill_is_told_apart_from_this_machines(here):
    lenient = here.card.model_copy(
        update={"tasks": {"balance": here.card.tasks["balance"].model_copy(update={"required_success_rate": 0.0})}}
    )
    here.skill(name="own")
    here.skill(name="lenient", sign=-1.0, card=here.artifacts.put(to_json(lenient).encode()))
    assert verified(here, "own").judged_by_own_card
    outcome = verified(here, "lenient")
    assert (outcome.skill.status, outcome.judged_by_own_card) == ("verified", False)


def statuses(outcome):
    return [(one.examined.reference, one.skill.reference, one.skill.status) for one in (*outcome.parts, outcome)]


def test_what_a_program_runs_is_verified_before_it_and_the_program_then_runs_that(here):
    here.skill(status="draft")
    here.program(status="draft")
    outcome = verified(here, "stay-up")
    assert statuses(outcome) == [
        ("balance-the-pole@1", "balance-the-pole@2", "verified"),
        ("stay-up@1", "stay-up@2", "verified"),
    ]
    assert outcome.skill.dependencies == ("balance-the-pole@2",)
    assert outcome.examined.dependencies == ("balance-the-pole@1",)


def test_what_was_verified_before_is_not_verified_again(here):
    here.skill(status="draft")
    here.program(status="draft")
    verified(here, seed=1)
    outcome = verified(here, "stay-up")
    assert statuses(outcome) == [("stay-up@1", "stay-up@2", "verified")]
    assert outcome.skill.dependencies == ("balance-the-pole@2",)


def test_a_skill_that_two_programs_run_is_verified_once(here):
    here.skill(status="draft")
    here.program(status="draft")
    needed = ("stay-up@1", "balance-the-pole@1")
    here.program(f"def skill(s, run):\n    run('{needed[0]}')\n    run('{needed[1]}')\n", needed, name="twice")
    outcome = verified(here, "twice")
    assert outcome.skill.dependencies == ("stay-up@2", "balance-the-pole@2")
    assert here.source(outcome.skill) == 'def skill(s, run):\n    run("stay-up")\n    run("balance-the-pole")\n'
    assert len(here.library.versions("balance-the-pole")) == 2


def test_a_program_that_was_verified_within_another_is_not_verified_again(here):
    here.skill(status="draft")
    here.program(status="draft")
    here.program('def skill(s, run):\n    run("stay-up")\n', ("stay-up@1",), name="outer", status="draft")
    verified(here, "stay-up", seed=1)
    outcome = verified(here, "outer")
    assert statuses(outcome) == [("outer@1", "outer@2", "verified")]
    assert outcome.skill.dependencies == ("stay-up@2",)


def test_a_program_fails_if_what_it_runs_fails_its_own_test(here):
    strict = here.card.model_copy(
        update={
            "tasks": {
                "balance": here.card.tasks["balance"].model_copy(
                    update={"success": "def success(s, a, n):\n    return False\n"}
                )
            }
        }
    )
    here.skill(status="draft", card=here.artifacts.put(to_json(strict).encode()))
    here.program(status="draft")
    outcome = verified(here, "stay-up")
    assert [status for *_, status in statuses(outcome)] == ["failed", "failed"]
    assert outcome.skill.evidence.success_rate == 1.0


def test_a_program_that_fails_its_test_fails_though_its_parts_pass(here):
    here.skill(status="draft")
    here.program('def skill(s, run):\n    run("balance-the-pole")\n', name="short", status="draft", step_limit=20)
    outcome = verified(here, "short")
    assert [status for *_, status in statuses(outcome)] == ["verified", "failed"]


def test_a_program_with_parts_is_judged_by_them(here):
    here.skill(status="draft")
    here.program(status="draft", parts=("balance-the-pole@1",))
    outcome = verified(here, "stay-up")
    assert (outcome.skill.status, outcome.skill.evidence.required_success_rate) == ("verified", 0.8)
    assert outcome.skill.parts == ("balance-the-pole@2",)


def test_a_program_that_runs_what_is_retired_says_so(here):
    here.skill()
    here.program(status="draft")
    here.library.retire("balance-the-pole@1", "old")
    with pytest.raises(ConfigError, match="balance-the-pole@1, which is retired"):
        verified(here, "stay-up")


def test_a_verified_program_whose_parts_are_verified_keeps_its_text_and_what_it_runs(here):
    here.skill()
    program = here.program()
    outcome = verified(here, "stay-up")
    assert outcome.parts == ()
    assert (outcome.skill.policy, outcome.skill.dependencies) == (program.policy, program.dependencies)


def test_the_command_shows_what_it_verified_and_why_a_program_fails(here, capsys):
    here.skill(status="draft", sign=-1.0)
    here.program(status="draft")
    options = ["--episodes", "3", "--seed", "1", "--home", str(here.home.path)]
    assert run_command_line(["skills", "verify", "stay-up", *options]) == 1
    shown = capsys.readouterr().out
    assert shown.index("balance-the-pole@2  failed") < shown.index("stay-up@2  failed")
    assert "It fails because of what it runs: balance-the-pole@2" in shown


@pytest.mark.parametrize("changes", [{"num_episodes": 0}, {"seed": -1}, {"seed": 2**27}])
def test_numbers_that_make_no_sense_are_refused(here, changes):
    here.skill()
    with pytest.raises(ConfigError, match="must be"):
        verified(here, **changes)


@pytest.mark.parametrize(("sign", "status", "stored"), [(1.0, 0, "verified"), (-1.0, 1, "failed")])
def test_the_command_exits_as_the_skill_did(here, capsys, sign, status, stored):
    here.skill(sign=sign, status="draft")
    options = ["--episodes", "3", "--seed", "1", "--json", "--home", str(here.home.path)]
    assert run_command_line(["skills", "verify", "balance-the-pole", *options]) == status
    shown = json.loads(capsys.readouterr().out)
    assert (shown["skill"]["status"], shown["examined"]["version"]) == (stored, 1)

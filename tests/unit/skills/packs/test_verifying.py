"""What a pack claims is measured here before anyone relies on it."""

import json

import pytest

from skillwright.agents.verifying import VerifyRequest, verify_skill
from skillwright.cli.entry import run_command_line
from skillwright.core import ConfigError


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
    from skillwright.core.serialising import to_json

    lenient = here.card.model_copy(
        update={"tasks": {"balance": here.card.tasks["balance"].model_copy(update={"required_success_rate": 0.0})}}
    )
    here.skill(name="own")
    here.skill(name="lenient", sign=-1.0, card=here.artifacts.put(to_json(lenient).encode()))
    assert verified(here, "own").judged_by_own_card
    outcome = verified(here, "lenient")
    assert (outcome.skill.status, outcome.judged_by_own_card) == ("verified", False)


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

"""The contract of a learner, held against the plugin's; run with the package installed and tests/contract in reach."""

import pytest
from test_learners import (
    Case,
    Component,
    Entrant,
    state,  # noqa: F401 - a fixture
    test_a_checkpoint_of_other_candidates_is_refused,  # noqa: F401
    test_a_failed_candidate_loses_the_race,  # noqa: F401
    test_a_failing_reward_ends_its_candidate_with_a_reason_and_not_its_neighbour,  # noqa: F401
    test_a_population_that_has_failed_as_a_whole_stops,  # noqa: F401
    test_a_race_drops_the_worse_half_and_says_so,  # noqa: F401
    test_a_trained_policy_survives_its_file_and_acts_within_the_world,  # noqa: F401
    test_a_training_resumed_from_any_checkpoint_ends_bit_for_bit_the_same,  # noqa: F401
    test_a_training_resumes_with_a_fitness_that_is_not_finite,  # noqa: F401
    test_a_warm_start_makes_the_beginning_another_one,  # noqa: F401
    test_another_reward_gives_another_policy,  # noqa: F401
    test_another_seed_gives_another_policy,  # noqa: F401
    test_progress_is_reported_after_every_rollout,  # noqa: F401
    test_the_curve_tells_of_every_rollout,  # noqa: F401
    test_the_same_seeds_give_identical_arrays,  # noqa: F401
    train,
)

from skillwright.core import ConfigError
from skillwright.envs import find_card, make_vector_env
from skillwright.learners.registry import LEARNERS
from skillwright.rewards.proposers import ProposerView
from skillwright.rewards.proposers.registry import PROPOSERS
from skillwright.rewards.screens.recording import record_random_transitions
from skillwright.rewards.sources import ProgramReward

SETTINGS = {"num_samples": 4, "num_steps": 32}


@pytest.fixture(params=["Drifter-v0", "CartPole-v1"])
def case(request) -> Case:
    return Case("cem", request.param, SETTINGS)


def test_a_wrong_setting_is_refused_with_words():
    with pytest.raises(ConfigError, match="card: unknown setting 'num_step'; did you mean 'num_steps'"):
        LEARNERS.resolve("cem").create({"num_step": 3}, where="card")


def test_what_a_member_learns_its_policy_does():
    [trained] = train(Case("cem", "Drifter-v0", SETTINGS), [Entrant(Component(), 3)], 4096)
    assert trained.curve[-1].reward > trained.curve[0].reward + 0.3  # it pays to drift to the right


def test_the_proposer_writes_different_programs_that_run_and_repeats_itself_for_one_seed():
    card = find_card("Drifter-v0")
    view = ProposerView(card=card, task_text=card.tasks["settle"].text)
    proposer = PROPOSERS.resolve("closer")(None)
    proposals = proposer.propose(view, 3, seed=5)
    assert proposals == proposer.propose(view, 3, seed=5) and len({one.program.source for one in proposals}) == 3
    block = record_random_transitions(card, seed=0, num_steps=32)
    for one in proposals:
        assert ProgramReward(card, one.program).score(block).reward.std() > 0


def test_the_world_fits_its_card_and_ends_as_the_card_says():
    card = find_card("Drifter-v0")
    env = make_vector_env(card, range(4))
    assert env.reset().shape == (4, 2)
    ends = [env.step([[0.0]] * 4).truncated.all() for _ in range(60)]
    env.close()
    assert ends == [False] * 59 + [True]

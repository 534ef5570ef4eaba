import numpy as np
import pytest

from skillwright.core.errors import ConfigError, CorruptArtifact, ProgramFailed
from skillwright.core.seeding import generator
from skillwright.envs import find_card
from skillwright.rewards.preferences.choosers import OracleChooser
from skillwright.rewards.preferences.dataset import load_choices
from skillwright.rewards.preferences.fitting import FitConfig, fit_preferences
from skillwright.rewards.preferences.selection import draw_pairs
from skillwright.rewards.preferences.sources import BlendedReward, PreferenceReward, load_preference_reward
from skillwright.rewards.records import Program
from skillwright.rewards.sources import EnvReward, ProgramReward

pytest.importorskip("torch")

SOURCE = "def reward(s, a, n):\n    return {'upright': n.cos, 'calm': -abs(n.angular_velocity)}\n"


@pytest.fixture
def model(pendulum, shelf, footage):
    oracle = OracleChooser(EnvReward(), shelf)
    choices = [oracle.choose(pair) for pair in draw_pairs(footage, range(20), generator(0, "test"))]
    config = FitConfig(num_members=2, hidden_sizes=(8,), max_epochs=2)
    return fit_preferences(pendulum, load_choices(pendulum, shelf, choices), seed=0, config=config)


@pytest.fixture
def block(episodes):
    return episodes[0].block


def test_a_preference_is_a_reward_of_one_named_term(pendulum, model, block):
    scored = PreferenceReward(pendulum, model).score(block)

    assert scored.reward.dtype == np.float32
    assert scored.reward.shape == (30,)
    np.testing.assert_array_equal(scored.terms["preference"], scored.reward)


def test_beside_code_a_preference_is_one_more_weighted_term(pendulum, model, block):
    coded, learned = ProgramReward(pendulum, Program(source=SOURCE)), PreferenceReward(pendulum, model)

    scored = BlendedReward(coded, learned, 2.5).score(block)

    assert list(scored.terms) == ["upright", "calm", "preference"]
    np.testing.assert_allclose(scored.terms["preference"], 2.5 * learned.score(block).reward, rtol=1e-6)
    np.testing.assert_allclose(scored.reward, sum(scored.terms.values()), rtol=1e-5, atol=1e-5)
    assert scored.reward.dtype == np.float32


def test_a_weight_of_zero_leaves_the_code_alone(pendulum, model, block):
    coded = ProgramReward(pendulum, Program(source=SOURCE))

    blended = BlendedReward(coded, PreferenceReward(pendulum, model), 0.0).score(block)

    np.testing.assert_array_equal(blended.reward, coded.score(block).reward)


def test_a_program_whose_term_has_the_name_of_the_preference_fails_with_a_way_out(pendulum, model, block):
    coded = ProgramReward(pendulum, Program(source="def reward(s, a, n):\n    return {'preference': n.cos}\n"))

    with pytest.raises(ProgramFailed, match="rename it"):
        BlendedReward(coded, PreferenceReward(pendulum, model), 1.0).score(block)


def test_a_stored_preference_is_loaded_by_its_hash(pendulum, shelf, model, block):
    sha = shelf.store.put(model.to_bytes())

    loaded = load_preference_reward(shelf.store, sha, pendulum)

    np.testing.assert_array_equal(loaded.score(block).reward, PreferenceReward(pendulum, model).score(block).reward)


def test_a_preference_of_another_world_is_refused(shelf, model):
    with pytest.raises(ConfigError, match=r"learned in classic_control/Pendulum-v1 .* cannot score"):
        load_preference_reward(shelf.store, shelf.store.put(model.to_bytes()), find_card("CartPole-v1"))


def test_a_missing_preference_is_named(pendulum, shelf):
    with pytest.raises(CorruptArtifact):
        load_preference_reward(shelf.store, "0" * 64, pendulum)

import subprocess
import sys

import numpy as np
import pytest

from skillwright.core.errors import ConfigError, CorruptArtifact
from skillwright.core.seeding import generator
from skillwright.envs import TransitionBlock, find_card
from skillwright.rewards.preferences.accuracy import measure_accuracy
from skillwright.rewards.preferences.choosers import OracleChooser
from skillwright.rewards.preferences.dataset import load_choices
from skillwright.rewards.preferences.features import FEATURE_CLIP, Scale, features, num_features
from skillwright.rewards.preferences.fitting import FitConfig, fit_preferences
from skillwright.rewards.preferences.model import PreferenceModel
from skillwright.rewards.preferences.records import Choice, Clip, Pair
from skillwright.rewards.preferences.selection import draw_pairs
from skillwright.rewards.sources import EnvReward

pytest.importorskip("torch")

QUICK = FitConfig(num_members=3, hidden_sizes=(16,), max_epochs=8)


@pytest.fixture
def choices(shelf, footage):
    oracle = OracleChooser(EnvReward(), shelf)
    return [oracle.choose(pair) for pair in draw_pairs(footage, range(100), generator(0, "test"))]


@pytest.fixture
def fit(pendulum, shelf, choices):
    return lambda **changes: fit_preferences(
        pendulum,
        load_choices(pendulum, shelf, changes.pop("choices", choices)),
        **{"seed": 0, "config": QUICK, **changes},
    )


@pytest.fixture
def block(shelf, footage):
    return TransitionBlock.join([shelf.episode(shot.episode).block for shot in footage.shots])


def test_the_same_choices_and_seed_give_identical_arrays(fit):
    first, second = fit(), fit()

    assert first.to_bytes() == second.to_bytes()


def test_another_seed_gives_another_model(fit):
    assert fit().to_bytes() != fit(seed=1).to_bytes()


def test_a_fit_learns_which_clips_are_better(pendulum, shelf, footage, fit):
    oracle = OracleChooser(EnvReward(), shelf)
    fresh = [oracle.choose(pair) for pair in draw_pairs(footage, range(300), generator(5, "test"))]

    measured = measure_accuracy(pendulum, shelf, fit(config=FitConfig()), fresh)

    assert measured.num_pairs == 300
    assert measured.rate > 0.85
    assert measured.interval[0] < measured.rate < measured.interval[1]


def test_opposite_choices_give_an_opposite_reward(block, fit, choices, pendulum):
    turned = [choice.model_copy(update={"preferred": {"a": "b", "b": "a"}[choice.preferred]}) for choice in choices]
    rewards = [fit(choices=some, config=FitConfig()).rewards(pendulum, block) for some in (choices, turned)]

    assert np.corrcoef(*rewards)[0, 1] < -0.8


def test_skipped_pairs_teach_nothing(fit, choices):
    skipped = [choice.model_copy(update={"preferred": "skip"}) for choice in choices[50:]]

    assert fit(choices=choices[:50] + skipped).to_bytes() == fit(choices=choices[:50]).to_bytes()


@pytest.mark.parametrize("num", [0, 1])
def test_fewer_than_two_choices_are_too_few(fit, choices, num):
    with pytest.raises(ConfigError, match="too few to learn a reward from"):
        fit(choices=choices[:num])


def test_two_choices_are_enough(fit, choices, block, pendulum):
    assert np.isfinite(fit(choices=choices[:2]).rewards(pendulum, block)).all()


def test_clips_that_are_all_alike_are_fitted_without_infinities(pendulum, shelf, footage, fit):
    clip = Clip(episode=footage.shots[0].episode, start=0, stop=1)
    same = [Choice(pair=Pair(id=f"{n:04d}", a=clip, b=clip), preferred="equal", chooser="test") for n in range(4)]

    rewards = fit(choices=same).rewards(pendulum, shelf.clip(clip))

    assert np.isfinite(rewards).all()


def test_rewards_have_mean_0_and_members_deviation_1_over_what_was_chosen_from(pendulum, shelf, choices, fit):
    seen = load_choices(pendulum, shelf, choices).transitions()

    rewards = fit().member_rewards(seen)

    np.testing.assert_allclose(rewards.mean(axis=1), 0.0, atol=1e-4)
    np.testing.assert_allclose(rewards.std(axis=1), 1.0, atol=1e-4)


def test_clips_of_different_lengths_are_filled_up_and_masked(pendulum, shelf, footage):
    shot = footage.shots[0].episode
    pair = Pair(id="0000", a=Clip(episode=shot, start=0, stop=3), b=Clip(episode=shot, start=5, stop=12))

    pairs = load_choices(pendulum, shelf, [Choice(pair=pair, preferred="b", chooser="test")])

    assert pairs.a.shape == pairs.b.shape == (1, 7, num_features(pendulum))
    assert [mask.sum() for mask in pairs.mask] == [3, 7]
    assert not pairs.a[0, 3:].any()
    assert len(pairs.transitions()) == 10


def test_where_clips_differ_in_length_the_constant_that_was_learned_stays(pendulum, shelf, footage, fit):
    def choice(number):
        begin, episode = number % 10, footage.shots[number % 3].episode
        long, short = (
            Clip(episode=episode, start=begin, stop=begin + 12),
            Clip(episode=episode, start=begin, stop=begin + 3),
        )
        return Choice(pair=Pair(id=f"{number:04d}", a=long, b=short), preferred="a", chooser="test")

    model = fit(choices=[choice(number) for number in range(60)], config=FitConfig())

    assert model.rewards(pendulum, shelf.episode(footage.shots[0].episode).block).mean() > 0.5


def test_a_model_survives_its_file(fit, block, pendulum):
    model = fit()

    read = PreferenceModel.from_bytes(model.to_bytes())

    assert read.spec == model.spec
    np.testing.assert_array_equal(read.rewards(pendulum, block), model.rewards(pendulum, block))


def test_a_file_of_something_else_is_no_model(episodes):
    for data in (b"something else", episodes[0].to_bytes()):
        with pytest.raises(CorruptArtifact):
            PreferenceModel.from_bytes(data)


def test_beyond_what_was_chosen_from_a_reward_goes_on_level(pendulum, shelf, choices, fit):
    seen = load_choices(pendulum, shelf, choices).transitions()
    model = fit()
    known = model.member_rewards(seen)
    beyond = model.member_rewards(seen * 100.0)

    assert (beyond <= known.max(axis=1, keepdims=True)).all()
    assert (beyond >= known.min(axis=1, keepdims=True)).all()


def test_a_model_scores_where_there_is_no_torch(fit, tmp_path):
    place = tmp_path / "model"
    place.write_bytes(fit().to_bytes())
    code = f"""
import sys
sys.modules["torch"] = None
from pathlib import Path
from skillwright.rewards.preferences import PreferenceModel
model = PreferenceModel.from_bytes(Path({str(place)!r}).read_bytes())
import numpy as np
print(model.member_rewards(np.zeros((4, 8), np.float32)).shape)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "(3, 4)"


def test_a_choice_of_a_discrete_action_becomes_indicators():
    card = find_card("CartPole-v1")
    zeros, flags = np.zeros((3, 4), np.float32), np.array([False, False, True])
    seen = features(card, TransitionBlock(zeros, np.array([0, 1, 1]), zeros, flags, flags, np.zeros(3, np.float32)))

    np.testing.assert_array_equal(seen[:, 4:6], [[1, 0], [0, 1], [0, 1]])
    np.testing.assert_array_equal(seen[:, -1], [0, 0, 1])
    assert seen.shape == (3, num_features(card))


def test_a_model_does_not_see_the_environments_reward_nor_the_time_limit(pendulum, block):
    other = block._replace(env_reward=block.env_reward + 7, truncated=~block.truncated)

    np.testing.assert_array_equal(features(pendulum, block), features(pendulum, other))


def test_a_feature_that_never_varied_is_not_blown_up():
    seen = np.zeros((10, 2), np.float32)
    seen[:, 1] = np.arange(10)

    scaled = Scale.of(seen).apply(np.array([[0.1, 1e9]], np.float32))

    np.testing.assert_allclose(scaled, [[0.1, FEATURE_CLIP]], rtol=1e-6)


def test_accuracy_counts_only_pairs_in_which_a_clip_was_preferred(pendulum, shelf, choices, fit):
    some = [choice.model_copy(update={"preferred": "equal"}) for choice in choices[:5]] + choices[5:8]

    assert measure_accuracy(pendulum, shelf, fit(), some).num_pairs == 3
    assert measure_accuracy(pendulum, shelf, fit(), []).interval == (0.0, 1.0)
    assert measure_accuracy(pendulum, shelf, fit(), []).rate is None

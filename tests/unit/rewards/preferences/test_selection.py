import numpy as np
import pytest

from skillwright.core.seeding import generator
from skillwright.rewards.preferences.choosers import OracleChooser
from skillwright.rewards.preferences.dataset import load_choices
from skillwright.rewards.preferences.features import features
from skillwright.rewards.preferences.fitting import FitConfig, fit_preferences
from skillwright.rewards.preferences.records import Footage, Shot
from skillwright.rewards.preferences.selection import disagreement, draw_clip, draw_pairs
from skillwright.rewards.sources import EnvReward


def drawn(footage, num=20, seed=0, rank=None):
    return draw_pairs(footage, range(num), generator(seed, "test"), rank=rank)


def test_every_fifth_pair_is_held_out(footage):
    assert [pair.id for pair in drawn(footage) if pair.held_out] == ["0004", "0009", "0014", "0019"]


def test_held_out_pairs_share_no_episode_with_the_others(footage):
    seen = {True: set(), False: set()}
    for pair in drawn(footage, 200):
        seen[pair.held_out] |= {pair.a.episode, pair.b.episode}

    assert seen[True].isdisjoint(seen[False])
    assert len(seen[True]) + len(seen[False]) == 10


def test_the_same_seed_draws_the_same_pairs(footage):
    assert drawn(footage) == drawn(footage)
    assert drawn(footage) != drawn(footage, seed=1)


def test_the_pairs_are_numbered_on_from_the_batch_before(footage):
    pairs = draw_pairs(footage, range(20, 40), generator(0, "test"))

    assert [int(pair.id) for pair in pairs] == list(range(20, 40))


def test_a_rank_decides_which_pairs_are_asked_about_first(footage):
    def gap(pairs):
        return np.array([float(abs(pair.a.start - pair.b.start)) for pair in pairs])

    ranked = [pair for pair in drawn(footage, rank=gap) if not pair.held_out]
    at_random = [pair for pair in drawn(footage) if not pair.held_out]

    assert gap(ranked).tolist() == sorted(gap(ranked), reverse=True)
    assert gap(ranked).mean() > gap(at_random).mean() + 3


def test_held_out_pairs_are_never_chosen_by_rank(footage):
    def held_out(pairs):
        return [pair for pair in pairs if pair.held_out]

    ranked = drawn(footage, rank=lambda pairs: np.arange(len(pairs), dtype=float))

    assert held_out(ranked) == held_out(drawn(footage))


def test_clips_have_the_length_asked_for_and_lie_anywhere(footage):
    random = generator(0, "test")
    clips = [draw_clip(footage.shots, 8, random) for _ in range(2000)]

    assert {clip.num_transitions for clip in clips} == {8}
    assert {clip.start for clip in clips} == set(range(23))


def test_an_episode_shorter_than_a_clip_is_a_clip_as_a_whole():
    shot = Shot(episode="0" * 64, num_transitions=3, held_out=False)

    clip = draw_clip([shot], 8, generator(0, "test"))

    assert (clip.start, clip.stop) == (0, 3)


def test_episodes_with_more_clips_are_drawn_more_often():
    shots = [Shot(episode=str(length), num_transitions=length, held_out=False) for length in (8, 37)]
    random = generator(0, "test")

    share = np.mean([draw_clip(shots, 8, random).episode == "37" for _ in range(3000)])

    assert share == pytest.approx(30 / 31, abs=0.02)


def test_disagreement_is_the_variance_of_what_the_members_predict(pendulum, shelf, footage):
    pytest.importorskip("torch")
    oracle = OracleChooser(EnvReward(), shelf)
    pairs = [pair for pair in drawn(footage, 30) if not pair.held_out]
    choices = [oracle.choose(pair) for pair in pairs]
    config = FitConfig(num_members=3, hidden_sizes=(8,), max_epochs=3)
    model = fit_preferences(pendulum, load_choices(pendulum, shelf, choices), seed=0, config=config)

    def member_returns(clip):
        rewards = model.member_rewards(features(pendulum, shelf.clip(clip))) / model.tensors["gain"]
        return rewards.sum(axis=1, dtype=np.float64)

    expected = [np.var(1 / (1 + np.exp(member_returns(pair.b) - member_returns(pair.a)))) for pair in pairs]

    np.testing.assert_allclose(disagreement(pendulum, shelf, model, pairs), expected, rtol=1e-3, atol=1e-9)


def test_a_clip_is_not_compared_with_itself():
    shots = [Shot(episode="0", num_transitions=9, held_out=held_out) for held_out in (False, True)]
    footage = Footage(shots=shots, clip_steps=8)

    assert all(pair.a != pair.b for pair in drawn(footage, 100))


def test_where_there_is_one_clip_only_drawing_ends_all_the_same():
    shots = [Shot(episode="0", num_transitions=8, held_out=held_out) for held_out in (False, True)]

    assert len(drawn(Footage(shots=shots, clip_steps=8), 10)) == 10


def test_the_footage_survives_the_journal(footage):
    assert Footage.model_validate_json(footage.model_dump_json()) == footage

import numpy as np
import pytest
from pydantic import ValidationError

from skillwright.core.errors import CorruptArtifact, EnvError
from skillwright.envs import find_card
from skillwright.rewards.preferences.episodes import Episode, record_episodes, record_random_episodes
from skillwright.rewards.preferences.records import Clip
from skillwright.rewards.preferences.replaying import draw_clip, steps_per_second


def test_an_episode_survives_its_file(episodes):
    read = Episode.from_bytes(episodes[0].to_bytes())

    assert read.spec == episodes[0].spec
    for column, expected in zip(read.block, episodes[0].block, strict=True):
        np.testing.assert_array_equal(column, expected)
        assert column.dtype == expected.dtype


def test_a_file_of_something_else_is_no_episode():
    with pytest.raises(CorruptArtifact):
        Episode.from_bytes(b"something else")


def test_the_same_seed_gives_the_same_random_episode(pendulum, episodes):
    [again] = record_random_episodes(pendulum, [3])

    np.testing.assert_array_equal(again.block.observation, episodes[3].block.observation)
    np.testing.assert_array_equal(again.block.action, episodes[3].block.action)


def test_random_choices_are_recorded_to_the_end_of_the_episode():
    [episode] = record_random_episodes(find_card("CartPole-v1"), [0])

    assert episode.block.action.dtype == np.int64
    assert set(episode.block.action) == {0, 1}
    assert episode.block.terminated[-1]
    assert not episode.block.terminated[:-1].any()


def test_a_clip_is_its_part_of_the_episode(shelf, footage, episodes):
    block = shelf.clip(Clip(episode=footage.shots[1].episode, start=5, stop=9))

    np.testing.assert_array_equal(block.observation, episodes[1].block.observation[5:9])


def test_a_clip_beyond_the_end_of_its_episode_is_damage(shelf, footage):
    with pytest.raises(CorruptArtifact, match="no clip that ends at 31"):
        shelf.clip(Clip(episode=footage.shots[0].episode, start=20, stop=31))


def test_an_empty_clip_is_refused():
    with pytest.raises(ValidationError, match="start < stop"):
        Clip(episode="0" * 64, start=4, stop=4)


def test_a_clip_is_drawn_as_the_whole_episode_would_show_it(pendulum, episodes):
    whole = draw_clip(pendulum, episodes[0], 0, 30)
    part = draw_clip(pendulum, episodes[0], 10, 14)

    assert len(part) == 5
    np.testing.assert_array_equal(np.stack(part[1:]), np.stack(whole[11:15]))


def test_an_episode_that_goes_another_way_is_not_filmed(pendulum, episodes):
    other = episodes[0].spec.model_copy(update={"seed": 77})

    with pytest.raises(EnvError, match="led to another state"):
        draw_clip(pendulum, Episode(spec=other, block=episodes[0].block), 10, 14)


def test_the_clock_of_a_world_is_that_of_its_metadata(pendulum):
    assert steps_per_second(pendulum) == 30.0
    assert steps_per_second(find_card("CartPole-v1")) == 50.0


def test_what_a_policy_played_can_be_filmed_again(pendulum):
    from skillwright.learners import Policy, PolicySpec

    spec = PolicySpec(env_id=pendulum.id, observation_size=3, action_kind="continuous", num_layers=1)
    tensors = {
        "mean": np.zeros(3), "scale": np.ones(3), "weight_0": np.array([[0.3], [-0.8], [0.2]]), "bias_0": np.zeros(1),
        "low": np.array([-2.0]), "high": np.array([2.0]),
    }  # fmt: skip
    policy = Policy(spec=spec, tensors={name: value.astype(np.float32) for name, value in tensors.items()})

    [episode] = record_episodes(pendulum, policy, [5], player="0" * 64)

    assert len(draw_clip(pendulum, episode, 20, 30)) == 11

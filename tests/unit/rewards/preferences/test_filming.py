import numpy as np
import pytest

from skillwright.rewards.preferences.filming import film_pair, side_by_side
from skillwright.rewards.preferences.records import Clip, Pair

HEIGHT, WIDTH = 20, 60


def frames(*levels):
    return [np.full((HEIGHT, WIDTH, 3), level, np.uint8) for level in levels]


def test_the_first_clip_is_on_the_left_and_the_second_on_the_right():
    [shown] = side_by_side(frames(10), frames(90))

    assert (shown[-HEIGHT:, :WIDTH] == 10).all()
    assert (shown[-HEIGHT:, -WIDTH:] == 90).all()


def test_the_shorter_clip_stands_still_at_its_end():
    shown = list(side_by_side(frames(1, 2, 3), frames(7)))

    assert [int(frame[-1, 0, 0]) for frame in shown] == [1, 2, 3]
    assert [int(frame[-1, -1, 0]) for frame in shown] == [7, 7, 7]


def test_above_the_clips_are_two_different_letters():
    [shown] = side_by_side(frames(0), frames(0))
    left, right = shown[:-HEIGHT, :WIDTH], shown[:-HEIGHT, -WIDTH:]

    assert len(np.unique(left)) == len(np.unique(right)) == 2
    assert (left != right).any()


def test_a_world_narrower_than_a_letter_is_filmed_all_the_same():
    narrow = [np.zeros((4, 6, 3), np.uint8)]

    [shown] = side_by_side(narrow, narrow)

    assert shown.shape[1] == 6 + 16 + 6


def test_a_pair_becomes_a_video(pendulum, shelf, footage, tmp_path):
    pytest.importorskip("imageio_ffmpeg")
    first, second = (Clip(episode=shot.episode, start=3, stop=9) for shot in footage.shots[:2])

    film_pair(pendulum, shelf, Pair(id="0000", a=first, b=second), tmp_path / "pair.mp4")

    assert (tmp_path / "pair.mp4").read_bytes()[4:8] == b"ftyp"

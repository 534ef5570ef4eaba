import numpy as np
import pytest
import torch

from skillwright.learners.sac.replay import Experience, Replay, Room

ROOM = Room(capacity=6, observation_size=2, action_size=1)


def experience(first: int, num: int, *offsets: float) -> Experience:
    """Transitions whose numbers tell which they are; the rewards of reader i are that number plus its offset."""
    number = np.arange(first, first + num, dtype=np.float32)
    pair = np.stack([number, number], 1)
    rewards = np.stack([number + offset for offset in offsets])
    owner = np.where(number < 3, 7, 9)
    return Experience(pair, pair + 0.5, -number[:, None], (number % 2).astype(np.float32), rewards, owner)


def replay_of(num: int, *, is_shared: bool) -> Replay:
    return Replay(num, is_shared=is_shared, room=ROOM, device=torch.device("cpu"))


def picked(replay: Replay, *indices: list[int]) -> tuple[np.ndarray, np.ndarray]:
    rows, reward = replay.pick(np.array(indices))
    assert torch.equal(rows[..., 2], rows[..., 0] + 0.5) and torch.equal(rows[..., 4], -rows[..., 0])
    assert torch.equal(rows[..., 5], rows[..., 0] % 2)
    return rows[..., 0].numpy(), reward.numpy()


def test_a_shared_replay_gives_every_candidate_the_same_transitions_under_its_own_reward():
    replay = replay_of(2, is_shared=True)
    replay.add(0, experience(0, 3, 10, 20))
    rows, reward = picked(replay, [0, 2], [0, 2])
    assert rows.tolist() == [[0, 2], [0, 2]]
    assert reward.tolist() == [[10, 12], [20, 22]]


def test_separate_replays_give_every_candidate_its_own_transitions():
    replay = replay_of(2, is_shared=False)
    replay.add(0, experience(0, 3, 10))
    replay.add(1, experience(5, 2, 20))
    rows, reward = picked(replay, [0, 2], [0, 1])
    assert rows.tolist() == [[0, 2], [5, 6]]
    assert reward.tolist() == [[10, 12], [25, 26]]
    assert replay.sizes == [3, 2]


@pytest.mark.parametrize("parts", [[(0, 3), (3, 5)], [(0, 2), (2, 6)], [(0, 6), (6, 2)]])
def test_the_oldest_transitions_give_way(parts):
    replay = replay_of(1, is_shared=True)
    for first, num in parts:
        replay.add(0, experience(first, num, 0))
    rows, reward = picked(replay, [0, 1, 2, 3, 4, 5])
    assert sorted(rows[0]) == [2, 3, 4, 5, 6, 7] and rows.tolist() == reward.tolist()
    assert replay.sizes == [6]


def test_those_who_stay_keep_what_was_theirs():
    replay = replay_of(3, is_shared=False)
    for store in range(3):
        replay.add(store, experience(10 * store, store + 1, 100))
    replay.select([0, 2])
    rows, reward = picked(replay, [0], [2])
    assert rows.tolist() == [[0], [22]] and reward.tolist() == [[100], [122]]
    assert replay.sizes == [1, 3]


def test_those_who_stay_keep_what_was_shared():
    replay = replay_of(3, is_shared=True)
    replay.add(0, experience(0, 2, 10, 20, 30))
    replay.select([2])
    replay.add(0, experience(2, 1, 40))
    rows, reward = picked(replay, [0, 1, 2])
    assert rows.tolist() == [[0, 1, 2]] and reward.tolist() == [[30, 31, 42]]


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_candidates_own_transitions_are_found_until_they_give_way(is_shared):
    replay = replay_of(1, is_shared=is_shared)
    replay.add(0, experience(0, 5, 0))
    found = {owner: picked(replay, list(replay.find(0, owner)))[0].tolist() for owner in (7, 9)}
    assert found == {7: [[0, 1, 2]], 9: [[3, 4]]}
    replay.add(0, experience(5, 3, 0))
    assert picked(replay, list(replay.find(0, 7)))[0].tolist() == [[2]]
    assert sorted(picked(replay, list(replay.find(0, 9)))[0][0]) == [3, 4, 5, 6, 7]

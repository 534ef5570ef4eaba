import numpy as np
import pytest
import torch

from skillwright.learners.sac.replay import Experience, Replay, Room
from skillwright.learners.sac.sampler import Quota, Sampler, Scales

ROOM = Room(capacity=100, observation_size=2, action_size=3)


@pytest.fixture
def replay() -> Replay:
    """Sixty transitions of two candidates; the first forty are the first one's."""
    number = np.arange(60, dtype=np.float32)
    replay = Replay(2, is_shared=True, room=ROOM, device=torch.device("cpu"))
    pair, action = np.stack([number, -number], 1), np.stack([number / 100] * 3, 1)
    owner = (number >= 40).astype(np.int64)
    replay.add(0, Experience(pair, pair + 0.5, action, number % 2, np.stack([number, -number]), owner))
    return replay


def sampler(quota: Quota, *seeds: int) -> Sampler:
    return Sampler([np.random.default_rng(seed) for seed in seeds], ROOM, quota)


def own(replay: Replay) -> list[np.ndarray]:
    return [replay.find(candidate, candidate) for candidate in range(2)]


PLAIN = Scales(torch.zeros(2, 1, 2), torch.ones(2, 1, 2) / 10, torch.ones(2, 1))


def test_a_minibatch_is_on_the_scale_of_the_networks(replay):
    scales = Scales(torch.full((2, 1, 2), 1.0), torch.full((2, 1, 2), 0.5), torch.tensor([[3.0], [7.0]]))
    batch = sampler(Quota(200, 0), 0, 1).draw(replay, own(replay), scales)
    number = (batch.action[..., 0] * 100).round()
    before, after = batch.states[:, :200], batch.states[:, 200:]
    assert torch.allclose(before[..., 0], ((number - 1) / 2).clamp(-10, 10))
    assert torch.allclose(after[..., 1], ((-number + 0.5 - 1) / 2).clamp(-10, 10))
    assert torch.allclose(batch.reward, number * torch.tensor([[3.0], [-7.0]]))
    assert torch.equal(batch.continues, number % 2)
    assert batch.noise.shape == (2, 400, 3) and 0.9 < batch.noise.std() < 1.1


def test_a_candidate_draws_its_quota_from_its_own_transitions_and_the_rest_from_all(replay):
    batch = sampler(Quota(400, 100), 0, 1).draw(replay, own(replay), PLAIN)
    number = (batch.action[..., 0] * 100).round().int()
    assert number[0, :100].max() < 40 and number[1, :100].min() >= 40
    for candidate in range(2):
        assert 0.5 < (number[candidate, 100:] < 40).float().mean() < 0.8


def test_what_a_candidate_draws_depends_on_its_own_generator_alone(replay):
    one, other = (sampler(Quota(50, 10), *seeds).draw(replay, own(replay), PLAIN) for seeds in ((0, 1), (5, 1)))
    assert torch.equal(one.action[1], other.action[1]) and torch.equal(one.noise[1], other.noise[1])
    assert not torch.equal(one.action[0], other.action[0]) and not torch.equal(one.noise[0], other.noise[0])

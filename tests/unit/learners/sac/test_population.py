"""What enters the replay, and with which reward."""

import numpy as np
import pytest
import torch

from skillwright.envs import EnvCard, TransitionBlock, find_card
from skillwright.learners import Entrant, EpisodeScore, Problem, ScoredBlock
from skillwright.learners.sac.config import SACConfig
from skillwright.learners.sac.population import Population


class Component:
    """Pays what one component of the state after shows."""

    def __init__(self, index: int) -> None:
        self.index = index

    def score(self, block: TransitionBlock) -> ScoredBlock:
        reward = block.next_observation[:, self.index]
        return ScoredBlock(reward, {"component": reward})


def population_of(card: EnvCard, *, num_rollouts: int, **settings) -> Population:
    config = SACConfig(num_envs=3, num_steps=50, learning_starts=100_000, **settings)
    problem = Problem(
        card=card, score_episodes=lambda all: [EpisodeScore(None, 0.0, 0.0, one.num_transitions) for one in all]
    )
    population = Population(config, problem, [Entrant(Component(0), 5), Entrant(Component(2), 6)], "cpu")
    population.enter_worlds()
    for _ in range(num_rollouts):
        population.improve(0.0)
    population.close()
    return population


@pytest.mark.parametrize("share_replay", [True, False])
def test_every_transition_carries_the_reward_of_each_candidate_that_learns_from_it(share_replay):
    population = population_of(find_card("Pendulum-v1"), num_rollouts=2, share_replay=share_replay)
    sizes = [600, 600] if share_replay else [300, 300]
    assert population.replay.sizes == sizes
    for index, (candidate, component) in enumerate([(0, 0), (1, 2)]):
        rows, reward = population.replay.pick(np.arange(sizes[0])[None].repeat(2, axis=0))
        assert torch.equal(reward[candidate], rows[index, :, 3 + component])


@pytest.mark.parametrize("env_id", ["Pendulum-v1", "LunarLanderContinuous-v3"])
def test_a_reset_never_enters_the_replay_and_only_ends_of_the_world_do_not_continue(env_id):
    population = population_of(find_card(env_id), num_rollouts=10, share_replay=True)
    episodes = [one for member in population.members for point in member.curve.points for one in point.episodes]
    assert len(episodes) >= 12
    [size] = set(population.replay.sizes)
    running = 6  # an environment whose episode ended at the very last step has not been reset yet
    assert population.spent - len(episodes) <= size <= population.spent - len(episodes) + running
    rows, _ = population.replay.pick(np.arange(size)[None].repeat(2, axis=0))
    num_ends = int((rows[0, :, -1] == 0).sum())
    assert num_ends == (0 if env_id == "Pendulum-v1" else len(episodes))


def test_every_stored_transition_obeys_the_physics_of_the_world():
    population = population_of(find_card("Pendulum-v1"), num_rollouts=10, share_replay=True)
    rows = population.replay.pick(np.arange(population.replay.sizes[0])[None].repeat(2, axis=0)).rows[0].double()
    before, after, speed, torque = rows[:, :2], rows[:, 3:5], rows[:, 5], 2.0 * rows[:, 6]
    angle, following = (torch.atan2(state[:, 1], state[:, 0]) for state in (before, after))
    expected = (rows[:, 2] + (15.0 * angle.sin() + 3.0 * torque) * 0.05).clamp(-8, 8)
    assert torch.allclose(speed, expected, atol=1e-4)
    turned = torch.cos(following - angle - 0.05 * speed)
    assert torch.allclose(turned, torch.ones_like(turned), atol=1e-3)  # EnvPool turns before it limits the speed


@pytest.mark.parametrize("share_replay", [True, False])
def test_observations_are_normalised_by_what_is_learned_from(share_replay):
    population = population_of(find_card("Pendulum-v1"), num_rollouts=2, share_replay=share_replay)
    rows = population.replay.rows[..., :3].flatten(0, 1)
    for candidate in range(2):
        own = rows[:600] if share_replay else population.replay.rows[candidate, :300, :3]
        assert np.allclose(population.moments.mean[candidate], own.double().mean(0), atol=1e-5)
        assert np.allclose(population.moments.variance[candidate], own.double().var(0, correction=0), atol=1e-4)
        expected = population.replay.rewards[candidate, : len(own)].square().mean() ** -0.5
        assert population.reward_scale.factor[candidate] == pytest.approx(float(expected), rel=1e-4)

import numpy as np
import pytest
import torch

from skillwright.core import ConfigError, ProgramFailed
from skillwright.envs import TransitionBlock, find_card
from skillwright.learners import Entrant, EpisodeScore, PPOConfig, Problem, Race, ScoredBlock, TrainingPlan
from skillwright.learners.networks import ActorCritic, Shape
from skillwright.learners.ppo import Batch, PopulationPPO, policy_loss

SMALL = {"num_envs": 4, "num_steps": 32, "minibatch_size": 32, "num_epochs": 2, "hidden_sizes": [16, 16]}


class Alive:
    """Rewards every step."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        ones = np.ones(block.num_transitions, np.float32)
        return ScoredBlock(ones, {"alive": ones})


class Failing:
    """Raises as a broken program does."""

    def score(self, block: TransitionBlock) -> ScoredBlock:
        raise ProgramFailed("line 3: KeyError: 'x'")


def by_length(episode: TransitionBlock) -> EpisodeScore:
    return EpisodeScore(None, float(episode.num_transitions), 0.0, episode.num_transitions)


def train(env_id: str, rewards, seeds, timesteps: int = 512, heats: tuple[float, ...] = ()):
    problem = Problem(card=find_card(env_id), score_episode=by_length)
    entrants = [Entrant(reward, seed) for reward, seed in zip(rewards, seeds, strict=True)]
    plan = TrainingPlan(total_timesteps=timesteps, race=Race(heats=heats), report=lambda *_: None)
    return PopulationPPO.create(SMALL, where="test").train(problem, entrants, plan)


def tensors_of(trained) -> list[np.ndarray]:
    return [tensor for _, tensor in sorted(trained.policy.tensors.items())]


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
def test_the_same_seed_gives_identical_arrays(env_id):
    one, two = (train(env_id, [Alive(), Alive()], [3, 4]) for _ in range(2))
    for first, second in zip(one, two, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(tensors_of(first), tensors_of(second), strict=True))
        assert first.curve == second.curve


def test_another_seed_gives_another_policy():
    one, two = train("CartPole-v1", [Alive(), Alive()], [3, 4])
    assert any(not np.array_equal(a, b) for a, b in zip(tensors_of(one), tensors_of(two), strict=True))


def test_a_failing_reward_ends_its_candidate_with_a_reason_and_not_its_neighbour():
    failed, healthy = train("CartPole-v1", [Failing(), Alive()], [3, 4])
    _, undisturbed = train("CartPole-v1", [Alive(), Alive()], [3, 4])
    assert failed.policy is None and failed.failure == "line 3: KeyError: 'x'"
    assert all(np.array_equal(a, b) for a, b in zip(tensors_of(healthy), tensors_of(undisturbed), strict=True))


def test_the_curve_counts_timesteps_and_terms():
    [trained] = train("CartPole-v1", [Alive()], [0])
    assert [point.timesteps for point in trained.curve] == [128, 256, 384, 512]
    assert all(point.terms == {"alive": pytest.approx(1.0)} for point in trained.curve)
    assert sum(len(point.episodes) for point in trained.curve) > 5


def test_a_race_drops_the_worse_half_and_says_so():
    class Falling(Alive):
        """Pays for falling at once."""

        def score(self, block: TransitionBlock) -> ScoredBlock:
            reward = block.terminated.astype(np.float32)
            return ScoredBlock(reward, {"fall": reward})

    trained = train("CartPole-v1", [Falling(), Alive(), Falling(), Alive()], [3] * 4, timesteps=8192, heats=(0.5,))
    assert [one.timesteps for one in trained] == [4096, 8192, 4096, 8192]
    assert ["dropped after 4,096" in one.dropped for one in trained] == [True, False, True, False]
    assert all(one.policy and one.curve[-1].timesteps == one.timesteps for one in trained)


def test_a_race_does_not_change_what_survives_it_but_for_its_worlds():
    alone = train("CartPole-v1", [Alive(), Alive()], [3, 3], timesteps=1024, heats=(0.5,))
    again = train("CartPole-v1", [Alive(), Alive()], [3, 3], timesteps=1024, heats=(0.5,))
    for first, second in zip(alone, again, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(tensors_of(first), tensors_of(second), strict=True))


def test_a_failed_candidate_loses_the_race():
    failed, healthy = train("CartPole-v1", [Failing(), Alive()], [3, 4], heats=(0.5,))
    assert failed.failure and not failed.dropped and failed.timesteps == 256
    assert healthy.timesteps == 512


def batch_for(shape: Shape, size: int, num: int) -> Batch:
    random = np.random.default_rng(0)

    def draw(*shape: int) -> torch.Tensor:
        return torch.from_numpy(random.normal(size=shape).astype(np.float32))

    action = torch.from_numpy(random.integers(shape.action_size, size=(size, num)))
    if not shape.is_discrete:
        action = draw(size, num, shape.action_size)
    weight = torch.ones(size, num)
    weight[:, -1] = 0
    observation = draw(size, num, shape.observation_size)
    return Batch(observation, action, draw(size, num) - 1, draw(size, num), draw(size, num), weight)


@pytest.mark.parametrize("is_discrete", [True, False])
def test_the_loss_of_a_candidate_depends_on_its_own_networks_and_data_only(is_discrete):
    shape = Shape(3, 2, is_discrete, (8,))
    networks = ActorCritic(shape, [np.random.default_rng(seed) for seed in (1, 2)])
    batch = batch_for(shape, 2, 16)
    policy_loss(networks, batch, PPOConfig())[0].backward()
    gradients = [tensor.grad for tensor in networks.parameters if tensor.grad is not None]
    assert len(gradients) == len(networks.parameters)
    assert all((gradient[1] == 0).all() for gradient in gradients)


def test_a_transition_of_weight_zero_does_not_count():
    shape = Shape(3, 2, True, (8,))
    networks = ActorCritic(shape, [np.random.default_rng(1)])
    batch = batch_for(shape, 1, 16)
    spoiled = batch._replace(advantage=batch.advantage.clone(), returns=batch.returns.clone())
    spoiled.advantage[:, -1], spoiled.returns[:, -1] = 100.0, -100.0
    assert torch.equal(policy_loss(networks, batch, PPOConfig()), policy_loss(networks, spoiled, PPOConfig()))


def test_the_loss_equals_the_formula_of_the_paper_worked_out_by_hand():
    shape = Shape(1, 2, True, (4,))
    networks = ActorCritic(shape, [np.random.default_rng(1)])
    config = PPOConfig(entropy_coef=0.3, value_coef=0.7)
    batch = batch_for(shape, 1, 3)
    with torch.no_grad():
        probabilities = torch.softmax(networks.actor.forward(batch.observation), -1)[0].numpy()
        values = networks.values(batch.observation)[0].numpy()
    advantage = batch.advantage[0, :2].numpy()
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    terms = []
    for step in range(2):
        ratio = probabilities[step, batch.action[0, step]] / np.exp(batch.log_probability[0, step].item())
        surrogate = min(ratio * advantage[step], np.clip(ratio, 0.8, 1.2) * advantage[step])
        entropy = -(probabilities[step] * np.log(probabilities[step])).sum()
        terms.append(-surrogate + 0.7 * (values[step] - batch.returns[0, step].item()) ** 2 - 0.3 * entropy)
    assert policy_loss(networks, batch, config).item() == pytest.approx(np.mean(terms), rel=1e-4)


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"gama": 0.9}, "did you mean 'gamma'"), ({"gamma": "high"}, "expected float"), ({"num_envs": 0}, "at least 1")],
)
def test_a_wrong_setting_is_refused_with_words(settings, said):
    with pytest.raises(ConfigError, match=said):
        PopulationPPO.create(settings, where="card")

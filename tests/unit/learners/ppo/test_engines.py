"""The fused kernel computes what the readable reference computes, and the reference computes what the paper says."""

from itertools import pairwise

import numpy as np
import pytest

from skillwright.learners.ppo.config import PPOConfig
from skillwright.learners.ppo.engine import Acts, Batch, Engine, Optimizer, Sight
from skillwright.learners.ppo.fused_engine import FusedEngine
from skillwright.learners.ppo.layout import Layout, Shape
from skillwright.learners.ppo.torch_engine import TorchEngine

ENGINES = {"torch": lambda config, layout: TorchEngine(config, layout, "cpu"), "fused": FusedEngine}
NUM, SIZE = 150, 3


def case(shape: Shape, **settings) -> tuple[PPOConfig, Layout, np.ndarray]:
    layout = Layout(shape)
    random = np.random.default_rng(0)
    parameters = layout.initialize([np.random.default_rng(seed) for seed in range(SIZE)])
    parameters += random.normal(0, 0.2, parameters.shape).astype(np.float32)
    config = PPOConfig(**{"minibatch_size": 100, "num_epochs": 2, "hidden_sizes": shape.hidden_sizes, **settings})
    return config, layout, parameters


def batch_for(shape: Shape, num: int = NUM) -> Batch:
    random = np.random.default_rng(1)

    def draw(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    action = random.integers(shape.action_size, size=(SIZE, num))
    if not shape.is_discrete:
        action = draw(SIZE, num, shape.action_size)
    weight = (random.random((SIZE, num)) < 0.9).astype(np.float32)
    return Batch(
        draw(SIZE, num + 5, shape.observation_size),
        action,
        draw(SIZE, num) - 1,
        draw(SIZE, num),
        draw(SIZE, num),
        weight,
    )


def acted(engine: Engine, parameters: np.ndarray, observation: np.ndarray, shape: Shape) -> Acts:
    random, (_, num, _) = np.random.default_rng(3), observation.shape
    sight = Sight(
        10 * observation,
        random.normal(size=(SIZE, shape.observation_size)).astype(np.float32),
        random.uniform(0.5, 2, (SIZE, shape.observation_size)).astype(np.float32),
        random.normal(size=(SIZE, num, shape.action_size)).astype(np.float32),
        np.array([[-2.0] * shape.action_size, [3.0] * shape.action_size], np.float32),
    )
    like = sight.noise if not shape.is_discrete else np.empty((SIZE, num), np.int64)
    tapes = [np.empty((SIZE, 2, *array.shape[1:]), array.dtype) for array in (observation, sight.noise, like, like)]
    acts = Acts(*(tape[:, 1] for tape in tapes))
    engine.act(parameters, sight, acts)
    return acts


@pytest.mark.parametrize("is_discrete", [True, False])
def test_both_engines_act_alike(is_discrete):
    shape = Shape(5, 3, is_discrete, (64, 64))
    config, layout, parameters = case(shape)
    observation = batch_for(shape).observation
    one, other = (acted(make(config, layout), parameters, observation, shape) for make in ENGINES.values())
    assert np.abs(one.normalized).max() == 10.0
    for of_one, of_other in zip(one, other, strict=True):
        assert np.allclose(of_one, of_other, atol=1e-5)
    if not is_discrete:
        assert one.action.max() > 1.0
        assert (one.env_action.min(), one.env_action.max()) == (-2.0, 3.0)


def improved(engine: Engine, parameters: np.ndarray, batch: Batch, config: PPOConfig) -> tuple[np.ndarray, Optimizer]:
    parameters, optimizer = parameters.copy(), Optimizer.create(*parameters.shape)
    random, num = np.random.default_rng(2), batch.weight.shape[1]
    order = np.stack([[random.permutation(num) for _ in range(config.num_epochs)] for _ in range(SIZE)])
    engine.improve(parameters, optimizer, batch, order.astype(np.int32), 1e-2)
    return parameters, optimizer


@pytest.mark.parametrize("hidden_sizes", [(8,), (64, 64), (48, 16, 8)])
@pytest.mark.parametrize("is_discrete", [True, False])
def test_the_fused_kernel_agrees_with_the_reference(is_discrete, hidden_sizes):
    shape = Shape(5, 3, is_discrete, hidden_sizes)
    config, layout, parameters = case(shape, entropy_coef=0.05)
    batch = batch_for(shape)
    one, other = (make(config, layout) for make in ENGINES.values())
    head = acted(one, parameters, batch.observation[:, :NUM], shape).head
    values = one.values(parameters, batch.observation)
    assert np.allclose(values, other.values(parameters, batch.observation), atol=3e-6)
    expected = one.log_probabilities(parameters, head, batch.action)
    assert np.allclose(expected, other.log_probabilities(parameters, head, batch.action), atol=3e-5)
    (first, of_first), (second, of_second) = (improved(engine, parameters, batch, config) for engine in (one, other))
    assert np.abs(first - parameters).max() > 0.01
    assert np.allclose(first, second, atol=2e-5)
    assert np.allclose(of_first.first, of_second.first, atol=1e-5)
    assert of_first.num_steps == of_second.num_steps == 4


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("is_discrete", [True, False])
def test_a_candidate_learns_from_its_own_data_only(engine, is_discrete):
    shape = Shape(3, 2, is_discrete, (8,))
    config, layout, parameters = case(shape)
    batch = batch_for(shape)
    spoiled = batch._replace(advantage=batch.advantage.copy(), returns=batch.returns.copy())
    spoiled.advantage[1], spoiled.returns[1] = np.nan, np.nan
    (clean, _), (other, _) = (
        improved(ENGINES[engine](config, layout), parameters, b, config) for b in (batch, spoiled)
    )
    assert np.array_equal(clean[[0, 2]], other[[0, 2]])
    assert np.isnan(other[1]).any()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_transition_of_weight_zero_does_not_count(engine):
    shape = Shape(3, 2, True, (8,))
    config, layout, parameters = case(shape)
    batch = batch_for(shape)
    spoiled = batch._replace(advantage=batch.advantage.copy(), returns=batch.returns.copy())
    spoiled.advantage[batch.weight == 0], spoiled.returns[batch.weight == 0] = 100.0, -100.0
    (clean, _), (other, _) = (
        improved(ENGINES[engine](config, layout), parameters, b, config) for b in (batch, spoiled)
    )
    assert np.array_equal(clean, other)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_first_step_goes_down_the_loss_of_the_paper(engine):
    """Adam's first step is the learning rate times the sign of the gradient, here got by finite differences."""
    shape = Shape(2, 2, True, (4,))
    config, layout, parameters = case(shape, num_epochs=1, minibatch_size=NUM, entropy_coef=0.3, value_coef=0.7)
    batch = batch_for(shape)._replace(weight=np.ones((SIZE, NUM), np.float32))
    after, _ = improved(ENGINES[engine](config, layout), parameters, batch, config)
    vector = parameters[0].astype(np.float64)
    checked = 0
    for index in range(layout.size):
        ahead, behind = vector.copy(), vector.copy()
        ahead[index] += 1e-5
        behind[index] -= 1e-5
        slope = (loss_by_hand(ahead, layout, batch, config) - loss_by_hand(behind, layout, batch, config)) / 2e-5
        if abs(slope) > 1e-3:
            assert np.sign(after[0, index] - parameters[0, index]) == -np.sign(slope)
            checked += 1
    assert checked > layout.size // 2


def loss_by_hand(vector: np.ndarray, layout: Layout, batch: Batch, config: PPOConfig) -> float:
    observation = batch.observation[0, :NUM].astype(np.float64)
    logits = forward(vector[layout.actor], layout.actor_layers.sizes, observation)
    value = forward(vector[layout.critic], layout.critic_layers.sizes, observation)[:, 0]
    probability = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    ratio = probability[np.arange(NUM), batch.action[0]] / np.exp(batch.log_probability[0])
    advantage = batch.advantage[0].astype(np.float64)
    advantage = (advantage - advantage.mean()) / advantage.std()
    surrogate = np.minimum(ratio * advantage, np.clip(ratio, 0.8, 1.2) * advantage)
    entropy = -(probability * np.log(probability)).sum(1)
    error = (value - batch.returns[0]) ** 2
    return float(np.mean(-surrogate + config.value_coef * error - config.entropy_coef * entropy))


def forward(network: np.ndarray, sizes: tuple[int, ...], rows: np.ndarray) -> np.ndarray:
    begin = 0
    for layer, (num_in, num_out) in enumerate(pairwise(sizes)):
        weight = network[begin : begin + num_in * num_out].reshape(num_in, num_out)
        begin += num_in * num_out
        rows = rows @ weight + network[begin : begin + num_out]
        begin += num_out
        rows = np.tanh(rows) if layer < len(sizes) - 2 else rows
    return rows

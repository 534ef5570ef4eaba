import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from skillwright.core import CorruptArtifact
from skillwright.learners import Policy, PolicySpec
from skillwright.learners.sac.config import SACConfig
from skillwright.learners.sac.engine import Engine
from skillwright.learners.sac.layout import Layout, Shape
from skillwright.learners.sac.networks import Networks
from skillwright.learners.tensor_file import write_tensors


def make_policy(kind: str = "discrete") -> Policy:
    random = np.random.default_rng(0)
    tensors = {
        "mean": np.array([1.0, -1.0], np.float32),
        "scale": np.array([0.5, 2.0], np.float32),
        "weight_0": random.normal(size=(2, 8)).astype(np.float32),
        "bias_0": random.normal(size=8).astype(np.float32),
        "weight_1": random.normal(size=(8, 3)).astype(np.float32),
        "bias_1": random.normal(size=3).astype(np.float32),
    }
    if kind == "continuous":
        tensors |= {"low": np.array([-2, 0, 5], np.float32), "high": np.array([2, 1, 6], np.float32)}
    spec = PolicySpec(env_id="x/Y-v0", observation_size=2, action_kind=kind, num_layers=2)
    return Policy(spec=spec, tensors=tensors)


def by_hand(policy: Policy, observation: np.ndarray, activate, squash) -> np.ndarray:
    """What a policy of two layers does with continuous actions."""
    part = policy.tensors
    seen = np.clip((observation - part["mean"]) * part["scale"], -10, 10)
    action = squash(activate(seen @ part["weight_0"] + part["bias_0"]) @ part["weight_1"] + part["bias_1"])
    return part["low"] + (action + 1) / 2 * (part["high"] - part["low"])


def clip(action: np.ndarray) -> np.ndarray:
    return np.clip(action, -1, 1)


def relu(value: np.ndarray) -> np.ndarray:
    return np.maximum(value, 0)


@pytest.mark.parametrize(("activation", "activate"), [("tanh", np.tanh), ("relu", relu)])
@pytest.mark.parametrize(("squash", "squashed"), [("clip", clip), ("tanh", np.tanh)])
def test_a_policy_acts_as_its_spec_says(activation, activate, squash, squashed):
    policy = make_policy("continuous")
    spec = policy.spec.model_copy(update={"activation": activation, "squash": squash})
    observation = np.random.default_rng(1).normal(size=(50, 2)).astype(np.float32)
    action = Policy(spec=spec, tensors=policy.tensors).act(observation)
    assert action.dtype == np.float32
    assert np.allclose(action, by_hand(policy, observation, activate, squashed), atol=1e-5)


def test_a_file_from_before_there_was_a_choice_reads_as_tanh_and_clip():
    policy = make_policy("continuous")
    spec = policy.spec.model_dump(exclude={"activation", "squash"})
    twin = Policy.from_bytes(write_tensors(policy.tensors, json.dumps(spec)))
    observation = np.random.default_rng(1).normal(size=(50, 2)).astype(np.float32)
    assert np.allclose(twin.act(observation), by_hand(policy, observation, np.tanh, clip), atol=1e-5)


@given(
    seed=st.integers(0, 2**32),
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 4)),
    hidden_sizes=st.lists(st.integers(1, 12), min_size=1, max_size=3).map(tuple),
)
def test_a_policy_does_what_the_actor_that_was_trained_does_without_noise(seed, sizes, hidden_sizes):
    layout, random = Layout(Shape(*sizes, hidden_sizes)), np.random.default_rng(seed)
    config = SACConfig(num_envs=7, hidden_sizes=hidden_sizes)
    vectors = layout.initialize([random, random], temperature=1.0)
    vectors = vectors._replace(actor=5 * vectors.actor)
    engine = Engine(config, layout, Networks.create(vectors, torch.device("cpu")))
    observation = random.normal(size=(2, 7, sizes[0])).astype(np.float32)
    expected = engine.act(torch.from_numpy(observation), torch.zeros(2, 7, sizes[1])).numpy()
    actors = [layout.actor_in(vector) for vector in vectors.actor]
    spec = PolicySpec(
        env_id="x/Y-v0",
        observation_size=sizes[0],
        action_kind="continuous",
        num_layers=actors[0].num_layers,
        activation=actors[0].activation,
        squash=actors[0].squash,
    )
    ones = np.ones(max(sizes), np.float32)
    bounds = {"low": -ones[: sizes[1]], "high": ones[: sizes[1]]}
    scaling = {"mean": 0 * ones[: sizes[0]], "scale": ones[: sizes[0]]}
    for index, actor in enumerate(actors):
        policy = Policy(spec=spec, tensors={**scaling, **bounds, **actor.layers, **actor.exploration})
        twin = Policy.from_bytes(policy.to_bytes())
        assert np.allclose(twin.act(observation[index]), expected[index], atol=1e-5)


@pytest.mark.parametrize("kind", ["discrete", "continuous"])
def test_a_policy_survives_its_file_exactly(kind):
    policy = make_policy(kind)
    twin = Policy.from_bytes(policy.to_bytes())
    observation = np.random.default_rng(1).normal(size=(5, 2)).astype(np.float32)
    assert twin.spec == policy.spec
    assert np.array_equal(twin.act(observation), policy.act(observation))


def test_the_same_policy_gives_the_same_bytes():
    assert make_policy().to_bytes() == make_policy().to_bytes()


def test_values_stay_within_the_bounds():
    action = make_policy("continuous").act(np.full((100, 2), 50.0, np.float32))
    assert (action >= [-2, 0, 5]).all() and (action <= [2, 1, 6]).all()


def test_a_choice_is_one_of_the_actions():
    action = make_policy().act(np.random.default_rng(2).normal(size=(50, 2)).astype(np.float32))
    assert action.shape == (50,) and set(action) <= {0, 1, 2}


@pytest.mark.parametrize(
    "data",
    [b"", b"junk", make_policy().to_bytes()[:-10], make_policy().to_bytes().replace(b"mlp-policy", b"xxx-policy")],
    ids=["empty", "junk", "truncated", "another format"],
)
def test_a_file_that_is_no_policy_is_refused(data):
    with pytest.raises(CorruptArtifact):
        Policy.from_bytes(data)

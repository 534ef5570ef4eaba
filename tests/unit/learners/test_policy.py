import numpy as np
import pytest

from skillwright.core import CorruptArtifact
from skillwright.learners import Policy, PolicySpec


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

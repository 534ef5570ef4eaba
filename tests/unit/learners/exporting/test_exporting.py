"""Other programs do what our policies do."""

import warnings
from itertools import pairwise

import numpy as np
import pytest

from skillwright.envs import find_card
from skillwright.learners import Policy, PolicySpec
from skillwright.learners.exporting.onnx_file import to_onnx
from skillwright.learners.exporting.sb3 import to_sb3

KINDS = [
    ("classic_control/CartPole-v1", "tanh", "clip", (64, 64)),
    ("classic_control/Pendulum-v1", "tanh", "clip", (32, 16)),
    ("classic_control/Pendulum-v1", "relu", "tanh", (32, 16)),
    ("box2d/LunarLander-v3", "tanh", "clip", (64, 64)),
    ("classic_control/CartPole-v1", "tanh", "clip", ()),
]


def made(env_id, activation, squash, hidden, *, scale=0.7):
    rng, card = np.random.default_rng(5), find_card(env_id)
    size = card.observation_size
    sizes = [size, *hidden, card.actions.size]
    tensors = {"mean": rng.normal(size=size), "scale": scale * rng.uniform(0.5, 2.0, size)}
    for layer, (num_in, num_out) in enumerate(pairwise(sizes)):
        tensors[f"weight_{layer}"] = rng.normal(size=(num_in, num_out)) / np.sqrt(num_in)
        tensors[f"bias_{layer}"] = rng.normal(size=num_out) * 0.1
    if card.actions.kind == "continuous":
        tensors["low"], tensors["high"] = card.actions.bounds
    spec = PolicySpec(
        env_id=card.id, observation_size=size, action_kind=card.actions.kind, num_layers=len(sizes) - 1,
        activation=activation, squash=squash,
    )  # fmt: skip
    return Policy(spec=spec, tensors={name: np.asarray(one, np.float32) for name, one in tensors.items()}), card


def observations(policy, spread):
    return np.random.default_rng(6).normal(size=(500, policy.spec.observation_size)).astype(np.float32) * spread


def agree(policy, given, wanted):
    """Compares actions; choices may differ only where two are as good as each other to the last digits."""
    if policy.spec.action_kind == "discrete":
        return float(np.mean(given != wanted)) <= 0.002
    return np.allclose(given, wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spread", [1.0, 30.0])
def test_the_graph_acts_as_the_policy_does(kind, spread):
    reference = pytest.importorskip("onnx.reference")
    policy, _ = made(*kind)
    seen = observations(policy, spread)
    [action] = reference.ReferenceEvaluator(to_onnx(policy)).run(None, {"observation": seen})
    assert action.dtype == policy.act(seen).dtype and action.shape == policy.act(seen).shape
    assert agree(policy, action, policy.act(seen))


def test_the_same_policy_gives_the_same_graph():
    pytest.importorskip("onnx")
    policy, _ = made(*KINDS[1])
    assert to_onnx(policy) == to_onnx(policy)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [0.7, 40.0])
def test_the_checkpoint_acts_as_the_policy_does(kind, scale, tmp_path):
    sb3 = pytest.importorskip("stable_baselines3")
    policy, card = made(*kind, scale=scale)
    checkpoint = to_sb3(policy, card)
    place = tmp_path / "policy.zip"
    place.write_bytes(checkpoint.model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = getattr(sb3, checkpoint.algorithm).load(place, device="cpu")
    seen = observations(policy, 0.5)
    given = seen if checkpoint.normalization is None else normalized(checkpoint.normalization, seen, policy, tmp_path)
    assert agree(policy, model.predict(given, deterministic=True)[0], policy.act(seen))


def test_normalisation_is_folded_only_where_nothing_is_ever_clipped():
    pytest.importorskip("stable_baselines3")
    pendulum = KINDS[1]
    assert to_sb3(*made(*pendulum, scale=0.1)).normalization is None
    assert to_sb3(*made(*pendulum, scale=40.0)).normalization is not None


def normalized(data, seen, policy, folder):
    from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

    from skillwright.learners.exporting import sb3 as exporting

    place = folder / "normalize.pkl"
    place.write_bytes(data)
    return VecNormalize.load(str(place), DummyVecEnv([lambda: exporting._spaces(policy)])).normalize_obs(seen)

"""Fits an ensemble to choices; needs torch.

After Christiano et al. 2017 (arXiv:1706.03741, 2.2.3): every member is fitted to a sample of the choices drawn with
replacement (the bootstrap), and rewards are the mean of the members, each normalised. Here a member stops learning when
the choices it did not draw are predicted no better any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import ConfigError, MissingExtra
from skillwright.core.seeding import generator
from skillwright.envs import EnvCard
from skillwright.learners.threads import one_thread
from skillwright.rewards.preferences.bradley_terry import ERROR_RATE
from skillwright.rewards.preferences.dataset import ChosenPairs
from skillwright.rewards.preferences.features import Scale, num_features
from skillwright.rewards.preferences.model import PreferenceModel, PreferenceSpec

if TYPE_CHECKING:
    from skillwright.rewards.preferences.network import Ensemble

__all__ = ["FitConfig", "fit_preferences"]

Float = NDArray[np.float32]

_FEWEST_CHOICES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FitConfig:
    """How a reward is fitted to choices."""

    num_members: int = 5
    """Perceptrons in the ensemble."""
    hidden_sizes: tuple[int, ...] = (32, 32)
    """Widths of their hidden layers."""
    error_rate: float = ERROR_RATE
    """How often whoever chose is taken to err."""
    learning_rate: float = 2e-3
    """Adam's step size."""
    weight_decay: float = 1e-4
    """AdamW's."""
    batch_pairs: int = 32
    """Pairs per gradient step and member."""
    max_epochs: int = 60
    """Passes over a member's choices at most."""
    patience: int = 10
    """Passes without a better prediction of the choices left out, after which a member stops."""


class _Best(NamedTuple):
    """What each member was when it predicted the choices it left out best."""

    loss: NDArray[np.float64]
    tensors: list[Float]


def fit_preferences(
    card: EnvCard, pairs: ChosenPairs, *, seed: int, config: FitConfig | None = None
) -> PreferenceModel:
    """Fits a reward to choices.

    Args:
        card: the world.
        pairs: what was chosen.
        seed: of first weights, bootstrap and order; the same choices and seed give identical arrays.
        config: how.

    Returns:
        The reward.

    Raises:
        ConfigError: there are fewer than two choices to learn from.
        MissingExtra: torch is not installed.
    """
    config = config or FitConfig()
    if pairs.num_pairs < _FEWEST_CHOICES:
        raise ConfigError(f"{pairs.num_pairs} choices are too few to learn a reward from; make at least 2")
    try:
        from skillwright.rewards.preferences.network import Ensemble
    except ImportError as error:
        raise MissingExtra("torch", "learn") from error
    scale = Scale.of(pairs.transitions())
    sizes = (num_features(card), *config.hidden_sizes, 1)
    with one_thread():
        ensemble = Ensemble(config, sizes, seed=seed)
        best = _fit(ensemble, _scaled(pairs, scale), seed, config)
    spec = PreferenceSpec(
        env_id=card.id,
        num_features=sizes[0],
        num_members=config.num_members,
        num_layers=len(sizes) - 1,
        num_choices=pairs.num_pairs,
        error_rate=config.error_rate,
    )
    return _finished(spec, scale, best, pairs)


def _fit(ensemble: "Ensemble", pairs: ChosenPairs, seed: int, config: FitConfig) -> list[Float]:
    """Learns until no member predicts the choices it left out any better; gives each member as it was best."""
    ensemble.load(pairs)
    drawn = generator(seed, "preferences", "bootstrap").integers(
        pairs.num_pairs, size=(config.num_members, pairs.num_pairs)
    )
    order, left_out = generator(seed, "preferences", "order"), _left_out(drawn)
    best = _Best(np.full(config.num_members, np.inf), [tensor.copy() for tensor in ensemble.tensors()])
    since_better = np.zeros(config.num_members, np.int64)
    for _ in range(config.max_epochs):
        ensemble.learn(order.permuted(drawn, axis=1))
        loss = ensemble.losses(left_out).mean(axis=1)
        better = loss < best.loss
        best.loss[better] = loss[better]
        for kept, tensor in zip(best.tensors, ensemble.tensors(), strict=True):
            kept[better] = tensor[better]
        since_better = np.where(better, 0, since_better + 1)
        if (since_better >= config.patience).all():
            break
    return best.tensors


def _left_out(drawn: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lists choices that each member did not draw, as many for each; all choices if some member drew every one."""
    num_members, num_pairs = drawn.shape
    left_out = [np.setdiff1d(np.arange(num_pairs), row) for row in drawn]
    num = min(map(len, left_out))
    return np.stack([row[:num] for row in left_out]) if num else np.tile(np.arange(num_pairs), (num_members, 1))


def _scaled(pairs: ChosenPairs, scale: Scale) -> ChosenPairs:
    return pairs._replace(a=scale.apply(pairs.a), b=scale.apply(pairs.b))


def _finished(spec: PreferenceSpec, scale: Scale, layers: Sequence[Float], pairs: ChosenPairs) -> PreferenceModel:
    """Measures what each member gives, and brings it to deviation 1, and to mean 0 where that changes no choice."""
    tensors = {f"{'bias' if i % 2 else 'weight'}_{i // 2}": tensor for i, tensor in enumerate(layers)}
    tensors |= {"mean": scale.mean, "factor": scale.factor}
    per_member = (spec.num_members, 1)
    free = {"low": -np.inf, "high": np.inf, "offset": 0.0, "gain": 1.0}
    raw = PreferenceModel(
        spec=spec, tensors=tensors | {name: np.full(per_member, value, np.float32) for name, value in free.items()}
    ).member_rewards(pairs.transitions())
    constant_matters = bool((pairs.length_a != pairs.length_b).any())
    mean = raw.mean(axis=1, keepdims=True, dtype=np.float64)
    deviation = raw.std(axis=1, keepdims=True, dtype=np.float64)
    measured = {
        "low": raw.min(axis=1, keepdims=True),
        "high": raw.max(axis=1, keepdims=True),
        "offset": np.zeros(per_member) if constant_matters else mean,
        "gain": 1.0 / np.maximum(deviation, 1e-6),
    }
    return PreferenceModel(
        spec=spec, tensors=tensors | {name: value.astype(np.float32) for name, value in measured.items()}
    )

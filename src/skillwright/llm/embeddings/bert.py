"""BERT without training, in numpy.

J. Devlin and others, "BERT: Pre-training of Deep Bidirectional Transformers", NAACL 2019. For each layer

    x ← LN(x + W_o·softmax(q·kᵀ/√d)·v),   x ← LN(x + W₂·gelu(W₁·x)).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

__all__ = ["Array", "Bert", "BertConfig", "tensor_names"]

Array = NDArray[np.float32]

_FAR: Final = np.float32(-1e9)
"""Added to the score of a token that is only padding."""


class BertConfig(BaseModel):
    """The part of ``config.json`` that the computation depends on."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    model_type: Literal["bert"]
    hidden_act: Literal["gelu"] = "gelu"
    position_embedding_type: Literal["absolute"] = "absolute"
    num_hidden_layers: int
    num_attention_heads: int
    max_position_embeddings: int
    layer_norm_eps: float = 1e-12


def tensor_names(num_layers: int) -> list[str]:
    """Names the tensors the computation needs.

    Args:
        num_layers: how many layers the model has.
    """
    tables = ("word_embeddings", "position_embeddings", "token_type_embeddings")
    attention = ("self.query", "self.key", "self.value", "output.dense", "output.LayerNorm")
    parts = (*(f"attention.{part}" for part in attention), "intermediate.dense", "output.dense", "output.LayerNorm")
    modules = [f"encoder.layer.{layer}.{part}" for layer in range(num_layers) for part in parts]
    modules.append("embeddings.LayerNorm")
    tensors = [f"{module}.{kind}" for module in modules for kind in ("weight", "bias")]
    return [*(f"embeddings.{table}.weight" for table in tables), *tensors]


@dataclass(frozen=True, slots=True)
class Bert:
    """Computes the vectors of tokens."""

    config: BertConfig
    weights: Mapping[str, Array]
    """By the names of ``tensor_names``, float32."""

    def encode(self, ids: NDArray[np.int64], types: NDArray[np.int64], mask: Array) -> Array:
        """Computes a vector for every token.

        Args:
            ids: of the tokens. Shape: (batch, length).
            types: which sentence of a pair each token belongs to. Shape: (batch, length).
            mask: 1 for a token, 0 for padding. Shape: (batch, length), float32.

        Returns:
            Shape: (batch, length, dim), float32; what stands at padding means nothing.
        """
        weights = self.weights
        hidden = weights["embeddings.word_embeddings.weight"][ids]
        hidden = hidden + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        hidden = self._norm(hidden + weights["embeddings.token_type_embeddings.weight"][types], "embeddings.LayerNorm")
        bias = ((1 - mask) * _FAR)[:, None, None, :]
        for layer in range(self.config.num_hidden_layers):
            hidden = self._layer(hidden, bias, f"encoder.layer.{layer}")
        return hidden

    def _layer(self, hidden: Array, bias: Array, name: str) -> Array:
        attended = self._linear(self._attend(hidden, bias, f"{name}.attention.self"), f"{name}.attention.output.dense")
        hidden = self._norm(hidden + attended, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._linear(hidden, f"{name}.intermediate.dense"))
        return self._norm(hidden + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attend(self, hidden: Array, bias: Array, name: str) -> Array:
        """Mixes tokens. Shape: (batch, length, dim) to the same."""
        batch, length, dim = hidden.shape
        heads = self.config.num_attention_heads

        def split(part: str) -> Array:
            projected = self._linear(hidden, f"{name}.{part}")
            return projected.reshape(batch, length, heads, dim // heads).transpose(0, 2, 1, 3)

        scores = split("query") @ split("key").swapaxes(2, 3) / np.float32(math.sqrt(dim // heads)) + bias
        odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (odds / odds.sum(axis=-1, keepdims=True)) @ split("value")
        return np.asarray(mixed.transpose(0, 2, 1, 3).reshape(batch, length, dim))

    def _linear(self, values: Array, name: str) -> Array:
        return np.asarray(values @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"])

    def _norm(self, values: Array, name: str) -> Array:
        centred = values - values.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(self.config.layer_norm_eps))
        return np.asarray(centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"])


def _gelu(values: Array) -> Array:
    return np.asarray(values * np.float32(0.5) * (1 + _erf(values / np.float32(math.sqrt(2)))), np.float32)


def _erf(values: Array) -> Array:
    """Approximates the error function to 1.5e-7 (Abramowitz and Stegun 7.1.26); numpy has none."""
    size = np.abs(values)
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.full_like(t, 1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = np.asarray(series * t + np.float32(coefficient), np.float32)
    return np.asarray(np.sign(values) * (1 - series * t * np.exp(-size * size)), np.float32)

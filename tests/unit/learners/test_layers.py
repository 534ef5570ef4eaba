from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillwright.learners.layers import Layers

SIZES = st.lists(st.integers(1, 5), min_size=2, max_size=5).map(tuple)


@given(sizes=SIZES, turns_tall_weights=st.booleans())
def test_every_number_of_a_vector_belongs_to_one_place(sizes, turns_tall_weights):
    layers = Layers(sizes, turns_tall_weights)
    networks = np.arange(2 * layers.num_numbers, dtype=np.float32).reshape(2, -1)
    parts = list(layers.cut(networks))
    assert [(weight.shape, bias.shape) for weight, bias in parts] == [
        ((2, num_in, num_out), (2, 1, num_out)) for num_in, num_out in pairwise(sizes)
    ]
    for index, network in enumerate(networks):
        numbers = np.concatenate([part[index].ravel() for layer in parts for part in layer])
        assert sorted(numbers) == list(network)


@given(sizes=SIZES, turns_tall_weights=st.booleans())
def test_what_is_written_to_a_named_layer_is_in_the_vector(sizes, turns_tall_weights):
    layers = Layers(sizes, turns_tall_weights)
    vector = np.zeros(layers.num_numbers, np.float32)
    named = layers.named(vector)
    assert list(named) == [f"{part}_{index}" for index in range(len(sizes) - 1) for part in ("weight", "bias")]
    for tensor in named.values():
        tensor[:] = 1.0
    assert vector.all()


@pytest.mark.parametrize(("turns_tall_weights", "long_sides"), [(True, [3, 3]), (False, [2, 3])])
def test_a_tall_weight_is_turned_where_that_is_asked_for(turns_tall_weights, long_sides):
    layers = Layers((3, 2, 3), turns_tall_weights)
    weights = [weight[0] for weight, _ in layers.cut(np.zeros((1, layers.num_numbers), np.float32))]
    contiguous = [weight.shape[weight.strides.index(weight.itemsize)] for weight in weights]
    assert contiguous == long_sides

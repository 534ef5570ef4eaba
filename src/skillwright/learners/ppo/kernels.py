"""The arithmetic of PPO for one candidate after another, compiled: a whole rollout's updates in one call.

A candidate's networks and the rows in work stay in the core's cache, and no interpreter runs between the minibatches.
Rows pass through in groups of ``_ROWS``: small enough for the cache, large enough for the matrix product of BLAS.
The formulas are those of ``torch_engine``, which tests compare with; only tanh is a rational approximation.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from skillwright.learners.ppo.compiling import compiled
from skillwright.learners.ppo.engine import BETA_1, BETA_2, EPSILON

__all__ = [
    "Data",
    "Job",
    "Network",
    "Networks",
    "Scratch",
    "State",
    "Step",
    "forward_all",
    "improve",
    "log_probabilities",
    "make_scratch",
]

Float = NDArray[np.float32]
Int = NDArray[np.int64]

_ROWS = 128
_LOG_SQRT_2PI = np.float32(0.5 * math.log(2.0 * math.pi))
_ZERO = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_TINY = np.float32(1e-8)
_NORM_TINY = np.float32(1e-6)
_BETA_1, _BETA_2, _EPSILON = np.float32(BETA_1), np.float32(BETA_2), np.float32(EPSILON)


class Network(NamedTuple):
    """Where one network lies in a candidate's vector; see ``Layout``."""

    begin: int
    end: int
    sizes: Int
    """Input size, hidden sizes, output size."""


class Networks(NamedTuple):
    """Where all of a candidate lies in its vector; the log standard deviation follows the critic."""

    actor: Network
    critic: Network
    is_discrete: bool


class State(NamedTuple):
    """What training changes. Shape of each: (K, size of a candidate's vector)."""

    parameters: Float
    first: Float
    """First moment of Adam."""
    second: Float
    """Second moment of Adam."""


class Data(NamedTuple):
    """A rollout; see ``Batch``."""

    observation: Float
    choice: Int
    """Shape: (K, num) if discrete, else empty."""
    value: Float
    """Shape: (K, num, action_size) if continuous, else empty."""
    log_probability: Float
    advantage: Float
    returns: Float
    weight: Float


class Step(NamedTuple):
    """What a gradient step depends on beside the data."""

    minibatch_size: int
    learning_rate: np.float32
    clip_range: np.float32
    entropy_coef: np.float32
    value_coef: np.float32
    max_grad_norm: np.float32


class Scratch(NamedTuple):
    """Memory for one group of rows; flat, cut to shape where it is used."""

    inputs: Float
    hidden: Float
    """Two halves: of the actor and of the critic."""
    head: Float
    row: Float
    """Probabilities of choices, or 1 / deviation of values."""
    estimate: Float
    errors: Float
    """Two halves, for the errors of two neighbouring layers."""
    product: Float
    gradient: Float
    turned: Float
    """The transposed weights, each at its place in a candidate's vector: BLAS multiplies faster with them."""


class Job(NamedTuple):
    """Everything a candidate's updates need."""

    networks: Networks
    data: Data
    step: Step
    scratch: Scratch


class _Trace(NamedTuple):
    """What a network's forward pass leaves for the backward pass."""

    inputs: Float
    hidden: Float
    """Hidden layers, one after another."""
    is_first: bool
    """Whether these rows begin a gradient; else they add to it."""


class _Pull(NamedTuple):
    """How the loss of one transition pulls at its distribution."""

    slope: np.float32
    """Derivative by the log-probability of the action."""
    bonus: np.float32
    """Weight of the entropy."""


def make_scratch(networks: Networks, size: int) -> Scratch:
    """Allocates memory that all calls for these networks can share.

    Args:
        networks: their layout.
        size: of a candidate's vector.
    """
    num_in, *hidden, num_out = (int(width) for width in networks.actor.sizes)
    widest = max(num_in, num_out, *hidden)
    lengths = {
        "inputs": _ROWS * num_in,
        "hidden": 2 * _ROWS * sum(hidden),
        "head": _ROWS * num_out,
        "row": num_out,
        "estimate": _ROWS,
        "errors": 2 * _ROWS * widest,
        "product": widest**2,
        "gradient": size,
        "turned": size,
    }
    return Scratch(**{name: np.empty(length, np.float32) for name, length in lengths.items()})


@compiled
def _tanh(x: np.float32) -> np.float32:
    """Approximates tanh by a ratio of polynomials within 5e-7 (coefficients of Eigen's ``ptanh_float``)."""
    x = min(max(x, np.float32(-7.90531110763549805)), np.float32(7.90531110763549805))
    s = x * x
    p = np.float32(-2.76076847742355e-16)
    p = p * s + np.float32(2.00018790482477e-13)
    p = p * s + np.float32(-8.60467152213735e-11)
    p = p * s + np.float32(5.12229709037114e-08)
    p = p * s + np.float32(1.48572235717979e-05)
    p = p * s + np.float32(6.37261928875436e-04)
    p = p * s + np.float32(4.89352455891786e-03)
    q = np.float32(1.19825839466702e-06)
    q = q * s + np.float32(1.18534705686654e-04)
    q = q * s + np.float32(2.26843463243900e-03)
    q = q * s + np.float32(4.89352518554385e-03)
    return x * p / q


@compiled
def _add_bias(rows: Float, bias: Float) -> None:
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            rows[i, j] += bias[j]


@compiled
def _add_bias_and_tanh(rows: Float, bias: Float) -> None:
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            rows[i, j] = _tanh(rows[i, j] + bias[j])


@compiled
def _forward(vector: Float, network: Network, trace: _Trace, output: Float) -> None:
    """Runs one network on a group of rows; fills ``trace.hidden``."""
    sizes, rows, begin, at = network.sizes, len(trace.inputs), network.begin, 0
    current = trace.inputs
    for layer in range(len(sizes) - 1):
        num_in, num_out = sizes[layer], sizes[layer + 1]
        middle, end = begin + num_in * num_out, begin + (num_in + 1) * num_out
        weight = vector[begin:middle].reshape(num_in, num_out)
        if layer == len(sizes) - 2:
            np.dot(current, weight, output)
            _add_bias(output, vector[middle:end])
        else:
            following = trace.hidden[at : at + rows * num_out].reshape(rows, num_out)
            np.dot(current, weight, following)
            _add_bias_and_tanh(following, vector[middle:end])
            current = following
            at += rows * num_out
        begin = end


@compiled
def _add(total: Float, part: Float) -> None:
    for i in range(len(total)):
        total[i] += part[i]


@compiled
def _add_column_sums(total: Float, rows: Float) -> None:
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            total[j] += rows[i, j]


@compiled
def _through_tanh(error: Float, hidden: Float, column_sums: Float) -> None:
    """Multiplies with the derivative of tanh, and adds up the columns on the way."""
    for i in range(error.shape[0]):
        for j in range(error.shape[1]):
            through = error[i, j] * (_ONE - hidden[i, j] * hidden[i, j])
            error[i, j] = through
            column_sums[j] += through


@compiled
def _add_product(total: Float, inputs: Float, error: Float, product: Float, is_first: bool) -> None:
    """Adds inputsᵀ · error to a flat total, or begins it."""
    shape = (inputs.shape[1], error.shape[1])
    if is_first:
        np.dot(inputs.T, error, total.reshape(shape))
    else:
        np.dot(inputs.T, error, product[: len(total)].reshape(shape))
        _add(total, product[: len(total)])


@compiled
def _backward(vector: Float, network: Network, trace: _Trace, error: Float, scratch: Scratch) -> None:
    """Adds one network's gradient over a group of rows, or begins it; ``error`` is that of its output."""
    sizes, gradient = network.sizes, scratch.gradient
    rows, end, half = len(trace.inputs), network.end, len(scratch.errors) // 2
    at = rows * sizes[1:-1].sum()
    if trace.is_first:
        _clear_biases(gradient, network)
    _add_column_sums(gradient[end - sizes[-1] : end], error)
    for layer in range(len(sizes) - 2, -1, -1):
        num_in, num_out = sizes[layer], sizes[layer + 1]
        begin, middle = end - (num_in + 1) * num_out, end - num_out
        if layer == 0:
            _add_product(gradient[begin:middle], trace.inputs, error, scratch.product, trace.is_first)
        else:
            at -= rows * num_in
            side = half * (layer % 2)
            before = trace.hidden[at : at + rows * num_in].reshape(rows, num_in)
            deeper = scratch.errors[side : side + rows * num_in].reshape(rows, num_in)
            _add_product(gradient[begin:middle], before, error, scratch.product, trace.is_first)
            turned = scratch.turned[begin:middle].reshape(num_out, num_in)
            if trace.is_first:
                _transpose(vector[begin:middle].reshape(num_in, num_out), turned)
            np.dot(error, turned, deeper)
            _through_tanh(deeper, before, gradient[begin - num_in : begin])
            error = deeper
        end = begin


@compiled
def _transpose(weight: Float, turned: Float) -> None:
    for i in range(turned.shape[0]):
        for j in range(turned.shape[1]):
            turned[i, j] = weight[j, i]


@compiled
def _clear_biases(gradient: Float, network: Network) -> None:
    end = network.begin
    for layer in range(len(network.sizes) - 1):
        begin = end + network.sizes[layer] * network.sizes[layer + 1]
        end = begin + network.sizes[layer + 1]
        gradient[begin:end] = _ZERO


@compiled
def _invert(log_std: Float, inverse: Float) -> np.float32:
    """Fills in 1 / deviation, and gives the log-density of a Gaussian at its mean."""
    at_mean = _ZERO
    for j in range(len(log_std)):
        inverse[j] = math.exp(-log_std[j])
        at_mean -= log_std[j] + _LOG_SQRT_2PI
    return at_mean


@compiled
def _log_density(mean: Float, inverse: Float, at_mean: np.float32, value: Float) -> np.float32:
    log_prob = at_mean
    for j in range(len(mean)):
        deviation = (value[j] - mean[j]) * inverse[j]
        log_prob -= _HALF * deviation * deviation
    return log_prob


@compiled
def _surrogate_slope(log_prob: np.float32, old: np.float32, advantage: np.float32, clip: np.float32) -> np.float32:
    """Derivative of −min(ρÂ, clip(ρ)Â) by the log-probability."""
    ratio = np.float32(math.exp(log_prob - old))
    is_active = ratio < _ONE + clip if advantage > 0 else ratio > _ONE - clip
    slope: np.float32 = -ratio * advantage if is_active else _ZERO
    return slope


@compiled
def _soften(logits: Float, probabilities: Float) -> None:
    """Replaces logits by log-probabilities, and fills in the probabilities."""
    largest = logits.max()
    total = _ZERO
    for j in range(len(logits)):
        probabilities[j] = math.exp(logits[j] - largest)
        total += probabilities[j]
    log_total = largest + np.float32(math.log(total))
    for j in range(len(logits)):
        logits[j] -= log_total
        probabilities[j] /= total


@compiled
def _choice_error(log_probs: Float, probabilities: Float, choice: int, pull: _Pull) -> None:
    """Replaces log-probabilities by the derivative of the loss: slope · ∂log π − bonus · ∂H."""
    entropy = _ZERO
    for j in range(len(log_probs)):
        entropy -= probabilities[j] * log_probs[j]
    for j in range(len(log_probs)):
        chosen = _ONE if j == choice else _ZERO
        log_probs[j] = pull.slope * (chosen - probabilities[j]) + pull.bonus * probabilities[j] * (
            log_probs[j] + entropy
        )


@compiled
def _value_error(mean: Float, inverse: Float, value: Float, pull: _Pull, log_std_gradient: Float) -> None:
    """Replaces means by the derivative of the loss, and adds that of the log standard deviation."""
    for j in range(len(mean)):
        deviation = (value[j] - mean[j]) * inverse[j]
        mean[j] = pull.slope * deviation * inverse[j]
        log_std_gradient[j] += pull.slope * (deviation * deviation - _ONE) - pull.bonus


@compiled
def _standardize(data: Data, k: int, chosen: NDArray[np.int32]) -> tuple[np.float32, np.float32, np.float32]:
    """Computes the sum of the weights, and mean and deviation of the advantages of a minibatch."""
    total, mean, square = _ZERO, _ZERO, _ZERO
    for i in chosen:
        total += data.weight[k, i]
        mean += data.weight[k, i] * data.advantage[k, i]
    total = max(total, _ONE)
    mean /= total
    for i in chosen:
        centred = data.advantage[k, i] - mean
        square += data.weight[k, i] * centred * centred
    return total, mean, np.float32(math.sqrt(square / total)) + _TINY


@compiled
def _differentiate(vector: Float, k: int, chosen: NDArray[np.int32], job: Job) -> None:
    """Computes the gradient of candidate k's loss on a minibatch into ``scratch.gradient``."""
    networks, data, step, scratch = job
    num_in, num_out, half = networks.actor.sizes[0], networks.actor.sizes[-1], len(scratch.hidden) // 2
    log_std_gradient = scratch.gradient[networks.critic.end :]
    log_std_gradient[:] = _ZERO
    at_mean = _invert(vector[networks.critic.end :], scratch.row)
    total, mean, deviation = _standardize(data, k, chosen)
    for begin in range(0, len(chosen), _ROWS):
        rows = min(_ROWS, len(chosen) - begin)
        inputs = scratch.inputs[: rows * num_in].reshape(rows, num_in)
        head = scratch.head[: rows * num_out].reshape(rows, num_out)
        estimate = scratch.estimate[:rows].reshape(rows, 1)
        for r in range(rows):
            for j in range(num_in):
                inputs[r, j] = data.observation[k, chosen[begin + r], j]
        is_first = begin == 0
        of_actor = _Trace(inputs, scratch.hidden[:half], is_first)
        of_critic = _Trace(inputs, scratch.hidden[half:], is_first)
        _forward(vector, networks.actor, of_actor, head)
        _forward(vector, networks.critic, of_critic, estimate)
        for r in range(rows):
            i = chosen[begin + r]
            share, advantage = data.weight[k, i] / total, (data.advantage[k, i] - mean) / deviation
            old, bonus = data.log_probability[k, i], share * step.entropy_coef
            if networks.is_discrete:
                _soften(head[r], scratch.row)
                slope = share * _surrogate_slope(head[r, data.choice[k, i]], old, advantage, step.clip_range)
                _choice_error(head[r], scratch.row, data.choice[k, i], _Pull(slope, bonus))
            else:
                log_prob = _log_density(head[r], scratch.row, at_mean, data.value[k, i])
                slope = share * _surrogate_slope(log_prob, old, advantage, step.clip_range)
                _value_error(head[r], scratch.row, data.value[k, i], _Pull(slope, bonus), log_std_gradient)
            estimate[r, 0] = _TWO * step.value_coef * share * (estimate[r, 0] - data.returns[k, i])
        _backward(vector, networks.actor, of_actor, head, scratch)
        _backward(vector, networks.critic, of_critic, estimate, scratch)


@compiled
def _descend(state: State, k: int, gradient: Float, step: Step, count: int) -> None:
    """Clips the gradient's norm and takes one step of Adam."""
    vector, first, second = state.parameters[k], state.first[k], state.second[k]
    square = _ZERO
    for i in range(len(gradient)):
        square += gradient[i] * gradient[i]
    factor = min(_ONE, step.max_grad_norm / (np.float32(math.sqrt(square)) + _NORM_TINY))
    rate = np.float32(step.learning_rate / (1.0 - BETA_1**count))
    correction = np.float32(1.0 / math.sqrt(1.0 - BETA_2**count))
    for i in range(len(vector)):
        clipped = gradient[i] * factor
        first[i] += (_ONE - _BETA_1) * (clipped - first[i])
        second[i] = _BETA_2 * second[i] + (_ONE - _BETA_2) * clipped * clipped
        vector[i] -= rate * first[i] / (np.float32(math.sqrt(second[i])) * correction + _EPSILON)


@compiled
def forward_all(parameters: Float, network: Network, inputs: Float, scratch: Scratch, out: Float) -> None:
    """Runs one network of every candidate.

    Args:
        parameters: of all candidates. Shape: (K, size).
        network: actor or critic.
        inputs: Shape: (K, num, in).
        scratch: memory.
        out: Shape: (K, num, out).
    """
    for k in range(len(parameters)):
        for first in range(0, inputs.shape[1], _ROWS):
            last = min(first + _ROWS, inputs.shape[1])
            _forward(parameters[k], network, _Trace(inputs[k, first:last], scratch.hidden, True), out[k, first:last])


@compiled
def log_probabilities(parameters: Float, networks: Networks, head: Float, data: Data, out: Float) -> None:
    """Computes the log-probabilities of the actions of all candidates.

    Args:
        parameters: Shape: (K, size).
        networks: where they lie in the parameters.
        head: logits or means. Shape: (K, num, action_size).
        data: only its actions are read.
        out: Shape: (K, num).
    """
    log_probs, row = np.empty(head.shape[2], np.float32), np.empty(head.shape[2], np.float32)
    for k in range(len(head)):
        at_mean = _invert(parameters[k, networks.critic.end :], row)
        for i in range(head.shape[1]):
            if networks.is_discrete:
                log_probs[:] = head[k, i]
                _soften(log_probs, row)
                out[k, i] = log_probs[data.choice[k, i]]
            else:
                out[k, i] = _log_density(head[k, i], row, at_mean, data.value[k, i])


@compiled
def improve(state: State, num_steps: int, order: NDArray[np.int32], job: Job) -> None:
    """Takes all gradient steps of one rollout.

    Args:
        state: changed in place.
        num_steps: gradient steps taken before.
        order: of the transitions. Shape: (K, num_epochs, num).
        job: everything else.
    """
    num, size = order.shape[2], job.step.minibatch_size
    for k in range(len(order)):
        count = num_steps
        for epoch in range(order.shape[1]):
            for begin in range(0, num, size):
                chosen = order[k, epoch, begin : min(begin + size, num)]
                count += 1
                _differentiate(state.parameters[k], k, chosen, job)
                _descend(state, k, job.scratch.gradient, job.step, count)

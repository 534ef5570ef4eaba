"""A policy as an ONNX graph: raw observations in, actions within the world's bounds out."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from skillwright.core.errors import MissingExtra
from skillwright.learners.policy import OBSERVATION_CLIP, Policy

if TYPE_CHECKING:
    from onnx import NodeProto

__all__ = ["to_onnx"]

_OPSET: Final = 17
_IR_VERSION: Final = 8
"""Old enough for the runtimes in use."""


def to_onnx(policy: Policy) -> bytes:
    """Writes the deterministic policy, with its normalisation, squashing and bounds.

    Args:
        policy: the policy.

    Returns:
        An ONNX model with the input ``observation``, shape (batch, observation_size), and the output ``action``:
        choices, shape (batch,), or values within the bounds, shape (batch, num_components).

    Raises:
        MissingExtra: the package ``onnx`` is not installed.
    """
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError as error:
        raise MissingExtra("onnx", "export") from error
    chain = _Chain()
    _network(policy, chain)
    is_discrete = policy.spec.action_kind == "discrete"
    size = policy.tensors[f"bias_{policy.spec.num_layers - 1}"].shape[0]
    kind, shape = (TensorProto.INT64, ["batch"]) if is_discrete else (TensorProto.FLOAT, ["batch", size])
    seen = helper.make_tensor_value_info("observation", TensorProto.FLOAT, ["batch", policy.spec.observation_size])
    graph = helper.make_graph(
        chain.nodes,
        "policy",
        [seen],
        [helper.make_tensor_value_info("action", kind, shape)],
        [numpy_helper.from_array(value, name) for name, value in chain.constants.items()],
    )
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION, producer_name="skillwright")
    helper.set_model_props(model, {"env_id": policy.spec.env_id})
    checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


class _Chain:
    """Nodes one behind another, each fed with the one before and with constants."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, NDArray[np.float32]] = {}
        self._last = "observation"

    def add(self, kind: str, *constants: NDArray[np.float32], to: str = "", **attributes: int) -> None:
        from onnx import helper

        names = [f"constant_{len(self.constants) + index}" for index in range(len(constants))]
        values = (np.ascontiguousarray(constant, np.float32) for constant in constants)
        self.constants |= dict(zip(names, values, strict=True))
        output = to or f"value_{len(self.nodes)}"
        node = helper.make_node(kind, [self._last, *names], [output])
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self.nodes.append(node)
        self._last = output


def _network(policy: Policy, chain: _Chain) -> None:
    spec, tensors = policy.spec, policy.tensors
    chain.add("Sub", tensors["mean"])
    chain.add("Mul", tensors["scale"])
    _clip(chain, OBSERVATION_CLIP)
    for layer in range(spec.num_layers):
        chain.add("MatMul", tensors[f"weight_{layer}"])
        chain.add("Add", tensors[f"bias_{layer}"])
        if layer < spec.num_layers - 1:
            chain.add("Tanh" if spec.activation == "tanh" else "Relu")
    if spec.action_kind == "discrete":
        chain.add("ArgMax", to="action", axis=-1, keepdims=0)
        return
    if spec.squash == "tanh":
        chain.add("Tanh")
    _clip(chain, 1.0)
    low, high = tensors["low"], tensors["high"]
    chain.add("Add", np.ones_like(low))
    chain.add("Mul", 0.5 * (high - low))
    chain.add("Add", low, to="action")


def _clip(chain: _Chain, bound: float) -> None:
    chain.add("Clip", np.array(-bound, np.float32), np.array(bound, np.float32))

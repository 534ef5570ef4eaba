"""Running programs that nobody has reviewed."""

from skillwright.sandbox.allowlist import check_program
from skillwright.sandbox.cell import Cell, Limits, Respond, State, View
from skillwright.sandbox.layers import Layers
from skillwright.sandbox.sandbox import Sandbox, shared_sandbox

__all__ = [
    "Cell",
    "Layers",
    "Limits",
    "Respond",
    "Sandbox",
    "State",
    "View",
    "check_program",
    "shared_sandbox",
]

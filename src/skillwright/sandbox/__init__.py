"""Running programs that nobody has reviewed."""

from skillwright.sandbox.allowlist import check_program
from skillwright.sandbox.language import NUMPY_FUNCTIONS
from skillwright.sandbox.program import Program, compile_program

__all__ = ["NUMPY_FUNCTIONS", "Program", "check_program", "compile_program"]

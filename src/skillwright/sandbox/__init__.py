"""Running programs that nobody has reviewed."""

from skillwright.sandbox.allowlist import NUMPY_FUNCTIONS, check_program
from skillwright.sandbox.program import Program, compile_program

__all__ = ["NUMPY_FUNCTIONS", "Program", "check_program", "compile_program"]

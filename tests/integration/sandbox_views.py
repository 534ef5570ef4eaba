"""What a program in the sandbox sees in these tests: three views of one column."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Columns:
    label = "the state"
    names: Sequence[str] = ("x",)

    def __init__(self, values: NDArray[np.float32]) -> None:
        self.values = values

    def column(self, name: str) -> NDArray[np.float32]:
        return self.values


NUM = 8
VALUES = np.arange(NUM, dtype=np.float32)
VIEWS = (Columns(VALUES),) * 3

"""Which layers hold a program on this machine, and when too few of them do."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillwright.core.errors import SandboxTooWeak

__all__ = ["ALLOW_WEAKER", "Layers"]

ALLOW_WEAKER: Final = "SKILLWRIGHT_ALLOW_WEAKER_SANDBOX"
"""Variable of the environment; 1: run although a layer is missing."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers around a cell."""

    missing: Mapping[str, str]
    """Name of each layer -> nothing if it is in force, else why it is not. All but the last are required."""
    bubblewrap: str
    """The same of bubblewrap, which is one layer more where it is found."""

    @property
    def in_force(self) -> list[str]:
        """Names of the layers that hold, the allow-list and the process of its own included."""
        inner = [name for name, reason in self.missing.items() if not reason]
        return ["allow-list", "own process", *inner, *([] if self.bubblewrap else ["bubblewrap"])]

    def require(self) -> None:
        """Sees to it that every required layer is in force.

        Raises:
            SandboxTooWeak: one is not, and the person has not said that it may be so.
        """
        lacking = {name: reason for name, reason in self.missing.items() if reason}
        if lacking and os.environ.get(ALLOW_WEAKER) != "1":
            reasons = "; ".join(f"{name}: {reason}" for name, reason in lacking.items())
            raise SandboxTooWeak(
                f"this machine cannot confine programs as it should ({reasons}). If you trust whoever writes them, "
                f"add --allow-weaker-sandbox, or set {ALLOW_WEAKER}=1; `skillwright doctor` tells more"
            )

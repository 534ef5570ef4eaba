"""Tries again what can succeed later: after ever longer waits, or when the server said."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from skillwright.core.errors import ModelUnavailable
from skillwright.llm.failures import ModelError

__all__ = ["USUAL", "RetryPolicy", "keep_trying"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and when, a request that failed is sent again."""

    max_attempts: int = 6
    first_wait_s: float = 1.0
    """Wait after the first failure; it doubles with every further one."""
    max_wait_s: float = 30.0
    """Longest wait of our own choice."""
    max_asked_wait_s: float = 120.0
    """Longest wait that a server may ask for; one that asks for more is given up."""

    def wait_s(self, failure: ModelError, num_failures: int) -> float:
        """Chooses a wait, a little different each time, so that many clients do not come back at once.

        Args:
            failure: the newest failure.
            num_failures: how many there have been.
        """
        if failure.wait_s is not None:
            return failure.wait_s + self.first_wait_s * random.random() / 10
        longest = min(self.max_wait_s, self.first_wait_s * 2.0 ** (num_failures - 1))
        return longest * (0.5 + random.random() / 2)


USUAL: Final = RetryPolicy()


def keep_trying(
    attempt: Callable[[], T], policy: RetryPolicy, *, model: str, said: Callable[[str], None], stop: threading.Event
) -> T:
    """Sends a request until it succeeds or there is no hope.

    Args:
        attempt: sends it once.
        policy: how often and when.
        model: the model's spec, for what is said.
        said: hears of every failure that is tried again.
        stop: when it is set, waiting ends and nothing is tried again.

    Raises:
        ModelUnavailable: trying again cannot help, or did not.
    """
    num_failures = 0
    while True:
        try:
            return attempt()
        except ModelError as error:
            failure = error
        num_failures += 1
        wait_s = policy.wait_s(failure, num_failures)
        if not failure.can_retry or num_failures == policy.max_attempts or wait_s > policy.max_asked_wait_s:
            break
        said(f"{model}: {failure}; again in {wait_s:.1f} s (attempt {num_failures + 1} of {policy.max_attempts})")
        if stop.wait(wait_s):
            break
    raise ModelUnavailable(f"{model}: {_given_up(failure, num_failures, policy)}")


def _given_up(failure: ModelError, num_failures: int, policy: RetryPolicy) -> str:
    how = f" (tried {num_failures} times)" if num_failures > 1 else ""
    if failure.wait_s is not None and failure.wait_s > policy.max_asked_wait_s:
        how += f" (it asks to be left alone for {failure.wait_s:.0f} s)"
    return f"{failure}{how}; {failure.advice}"

"""What models cost: tokens and money per role and model, and the limits that no request may pass."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple, Protocol

from skillwright.core.errors import BudgetExceeded, ConfigError
from skillwright.llm.chat import Question, Usage

__all__ = ["NO_LIMITS", "Charge", "Ledger", "Limits", "Price", "Prices", "Spending", "bound_usage"]

_BYTES_PER_TOKEN: Final = 2
"""Of the longest prompt in tokens that a text can make, in practice; English and code have 3 to 5."""
_TOKENS_PER_MESSAGE: Final = 16
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model's tokens cost."""

    prompt_usd_per_million: float
    completion_usd_per_million: float
    date: str
    """Day on which somebody looked it up, ISO 8601."""

    def cost_usd(self, usage: Usage) -> float:
        """Multiplies tokens by their price.

        Args:
            usage: the tokens.
        """
        prompt = usage.prompt_tokens * self.prompt_usd_per_million
        return (prompt + usage.completion_tokens * self.completion_usd_per_million) / _MILLION


class Prices(Protocol):
    """Knows prices."""

    def price_of(self, model: str) -> Price | None:
        """Looks a price up.

        Args:
            model: the model's spec, such as ``openai:gpt-5-mini``.

        Returns:
            The price, with zeros for what is free for sure; none: it is not known.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be spent; none: no limit."""

    max_usd: float | None = None
    max_tokens: int | None = None
    """Of prompts and replies together."""


NO_LIMITS: Final = Limits()


class Charge(NamedTuple):
    """One request to be paid for."""

    role: str
    model: str
    """The model's spec."""
    usage: Usage | None
    """None: it ended without a count, after the server may have worked."""
    usd: float | None
    """None: not known."""
    bound: Usage
    """What it can have used at most; counts against the limits where there is no count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """A sum of charges."""

    num_requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    """Of the requests whose price is known."""
    num_unpriced: int = 0
    """Requests that are counted, but have no known price: their money is not in ``usd``."""
    num_estimated: int = 0
    """Requests whose tokens were estimated, as the server did not count them."""
    num_uncounted: int = 0
    """Requests that ended without a count; their tokens are in no sum."""
    uncounted_tokens: int = 0
    """Most tokens that those can have used."""

    @property
    def tokens(self) -> int:
        """Tokens of prompts and replies together."""
        return self.prompt_tokens + self.completion_tokens

    def plus(self, charge: Charge) -> "Spending":
        """Adds one request.

        Args:
            charge: the request.
        """
        usage, bound = charge.usage, charge.bound
        return Spending(
            num_requests=self.num_requests + 1,
            prompt_tokens=self.prompt_tokens + (usage.prompt_tokens if usage else 0),
            completion_tokens=self.completion_tokens + (usage.completion_tokens if usage else 0),
            usd=self.usd + ((charge.usd or 0.0) if usage else 0.0),
            num_unpriced=self.num_unpriced + (usage is not None and charge.usd is None),
            num_estimated=self.num_estimated + (usage is not None and usage.is_estimate),
            num_uncounted=self.num_uncounted + (usage is None),
            uncounted_tokens=self.uncounted_tokens + (0 if usage else _tokens(bound)),
        )

    def described(self) -> str:
        """Says it in one line; what is not known is said, never counted as nothing."""
        unpriced = f" + {self.num_unpriced} of unknown price" if self.num_unpriced else ""
        parts = [f"{self.num_requests} requests", f"{self.tokens:,} tokens", f"${self.usd:.4f}{unpriced}"]
        if self.num_estimated:
            parts.append(f"{self.num_estimated} of them estimated")
        if self.num_uncounted:
            parts.append(f"{self.num_uncounted} ended without a count: up to {self.uncounted_tokens:,} tokens more")
        return ", ".join(parts)


@dataclass(slots=True)
class Ledger:
    """Counts the requests of one run, and refuses the one that could pass a limit.

    It may be used by several threads: what the requests under way can use at most is held until they end.
    """

    prices: Prices
    limits: Limits = NO_LIMITS
    """Of the run."""
    role_limits: Mapping[str, Limits] = field(default_factory=dict)
    """Of single roles, beside those of the run."""
    _charges: list[Charge] = field(default_factory=list)
    _held: list[Charge] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def spending(self, *, role: str | None = None, model: str | None = None) -> Spending:
        """Sums up what has been spent.

        Args:
            role: only what this role spent.
            model: only what was spent on this model.
        """
        total = Spending()
        with self._lock:
            for charge in self._charges:
                if role in (None, charge.role) and model in (None, charge.model):
                    total = total.plus(charge)
        return total

    def by_role_and_model(self) -> dict[tuple[str, str], Spending]:
        """Sums up per role and model, in the order of their first request."""
        with self._lock:
            pairs = dict.fromkeys((charge.role, charge.model) for charge in self._charges)
        return {(role, model): self.spending(role=role, model=model) for role, model in pairs}

    def enter(self, charge: Charge) -> None:
        """Counts a request that is done, such as one from the journal.

        Args:
            charge: the request.
        """
        with self._lock:
            self._charges.append(charge)

    def hold(self, role: str, model: str, bound: Usage) -> Charge:
        """Sets aside what a request can cost at most; ``settle`` ends that.

        Args:
            role: who asks.
            model: the model's spec.
            bound: the most the request can use.

        Raises:
            BudgetExceeded: with this request a limit could be passed.
            ConfigError: there is a limit of money, and the model's price is not known.
        """
        charge = Charge(role=role, model=model, usage=None, usd=self._cost(model, bound), bound=bound)
        with self._lock:
            self._refuse_excess(charge, self.limits, None)
            self._refuse_excess(charge, self.role_limits.get(role, NO_LIMITS), role)
            self._held.append(charge)
        return charge

    def settle(self, held: Charge, usage: Usage | None, *, may_cost: bool) -> Charge | None:
        """Ends a request that was held.

        Args:
            held: what ``hold`` returned.
            usage: what it used; none: nobody counted.
            may_cost: whether the server may have worked, though nobody counted.

        Returns:
            What it is counted as; none: it cost nothing.
        """
        with self._lock:
            self._held.remove(held)
            if usage is None and not may_cost:
                return None
            charge = held if usage is None else held._replace(usage=usage, usd=self._cost(held.model, usage))
            self._charges.append(charge)
            return charge

    def _cost(self, model: str, usage: Usage) -> float | None:
        price = self.prices.price_of(model)
        return None if price is None else price.cost_usd(usage)

    def _refuse_excess(self, charge: Charge, limits: Limits, role: str | None) -> None:
        """Compares with what is spent, what requests under way can cost, and what those without a count can have."""
        if limits == NO_LIMITS:
            return
        spent = self.spending(role=role)
        waiting = [one for one in self._held if role in (None, one.role)]
        whose = f" of the role {role!r}" if role else ""
        if limits.max_tokens is not None:
            open_tokens = spent.uncounted_tokens + sum(_tokens(one.bound) for one in waiting)
            bound = _tokens(charge.bound)
            if spent.tokens + open_tokens + bound > limits.max_tokens:
                raise _excess("tokens", whose, spent.tokens, open_tokens, bound, limits.max_tokens)
        if limits.max_usd is not None:
            if charge.usd is None:
                raise ConfigError(_unpriced(charge.model, limits.max_usd, whose))
            lost = [one for one in self._charges if one.usage is None and role in (None, one.role)]
            open_usd = sum(one.usd or 0.0 for one in (*lost, *waiting))
            if spent.usd + open_usd + charge.usd > limits.max_usd:
                raise _excess("usd", whose, spent.usd, open_usd, charge.usd, limits.max_usd)


def bound_usage(question: Question, num_samples: int) -> Usage:
    """Says what a request can use at most.

    The prompt is taken to have a token for every second byte, which no text in practice reaches; a reply cannot be
    longer than its own limit.

    Args:
        question: what is asked.
        num_samples: how many replies are wanted.
    """
    num_bytes = sum(len(message.text.encode()) for message in question.messages)
    num_bytes += 2 * len((question.reply_schema or "").encode())
    prompt = num_bytes // _BYTES_PER_TOKEN + _TOKENS_PER_MESSAGE * (len(question.messages) + 1)
    return Usage(prompt_tokens=prompt, completion_tokens=num_samples * question.max_tokens, is_estimate=True)


def _tokens(usage: Usage) -> int:
    return usage.prompt_tokens + usage.completion_tokens


def _unpriced(model: str, max_usd: float, whose: str) -> str:
    line = f'"{model}": {{input: 0.00, output: 0.00, as_of: {date.today().isoformat()}, source: where you read it}}'
    return (
        f"the price of {model} is not known, so the limit{whose} of ${max_usd:g} cannot be held; limit tokens instead "
        "(--max-tokens, or max_tokens in the role's budget), or add a line to agents/prices.yaml in a project of your "
        f"own, below 'prices:', in US dollars per million tokens, 0 for a machine of your own: {line}"
    )


def _excess(unit: str, whose: str, *amounts: float) -> BudgetExceeded:
    spent, under_way, bound, limit = (_amount(unit, one) for one in amounts)
    waiting = f", and up to {under_way} for requests without a count yet" if amounts[1] else ""
    more = f"in its budget (max_{unit}) in the agent profile" if whose else f"with --max-{unit}"
    return BudgetExceeded(
        f"the next request could pass the limit{whose} of {limit}: {spent} spent{waiting}, up to {bound} for this "
        f"request; allow more {more}, or shorten the replies (max_tokens in the agent profile)"
    )


def _amount(unit: str, amount: float) -> str:
    return f"${amount:.4f}" if unit == "usd" else f"{int(amount):,} tokens"

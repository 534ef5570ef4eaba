"""What models cost, read from ``agents/prices.yaml``; what no list names has no known price."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from skillwright.core.content import content_roots
from skillwright.core.yaml_file import read_yaml
from skillwright.llm.ledger import Price
from skillwright.llm.profiles import PRICES
from skillwright.llm.providers import PROVIDERS

__all__ = ["ListedPrice", "PriceList"]

_WILDCARD = "*"


class ListedPrice(BaseModel):
    """One line of the list: US dollars per million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: float = Field(ge=0)
    """Tokens of the question."""
    output: float = Field(ge=0)
    """Tokens of the reply."""
    as_of: date
    """Day on which this was the price."""
    source: str
    """Where it was read, in words."""


class _PriceFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    prices: Mapping[Annotated[str, Field(min_length=2)], ListedPrice]

    @field_validator("prices")
    @classmethod
    def _names_are_whole(cls, prices: Mapping[str, ListedPrice]) -> Mapping[str, ListedPrice]:
        for name in prices:
            if ":" not in name or _WILDCARD in name[:-1]:
                raise ValueError(f"{name!r} is no PROVIDER:MODEL, with at most one * at its end")
        return prices


@dataclass(frozen=True, slots=True)
class PriceList:
    """Knows the prices that were listed."""

    listed: Mapping[str, ListedPrice]
    """Name of a model, or the beginning of names before a ``*``, to its price."""

    @classmethod
    def read(cls) -> "PriceList":
        """Reads the built-in list and a person's own, which wins where both name a model.

        Raises:
            ConfigError: a file has a mistake; with file and line.
        """
        files = [root / PRICES for root in reversed(content_roots("agents"))]
        return cls(
            {
                name: price
                for file in files
                if file.is_file()
                for name, price in read_yaml(file, _PriceFile).prices.items()
            }
        )

    def find(self, model: str) -> ListedPrice | None:
        """Finds the line that counts for a model: its own name first, then the longest beginning.

        Args:
            model: the model's spec.
        """
        if model in self.listed:
            return self.listed[model]
        beginnings = [name for name in self.listed if name.endswith(_WILDCARD) and model.startswith(name[:-1])]
        return self.listed[max(beginnings, key=len)] if beginnings else None

    def price_of(self, model: str) -> Price | None:
        """Looks a price up.

        Args:
            model: the model's spec.

        Returns:
            The price; zero for ``none`` and ``replay:FILE``, which ask nobody; none: it is not known.
        """
        provider = PROVIDERS.get(model.partition(":")[0])
        if provider is not None and provider.is_local:
            return Price(prompt_usd_per_million=0.0, completion_usd_per_million=0.0, date=date.today().isoformat())
        listed = self.find(model)
        if listed is None:
            return None
        return Price(
            prompt_usd_per_million=listed.input,
            completion_usd_per_million=listed.output,
            date=listed.as_of.isoformat(),
        )

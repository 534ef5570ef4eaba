"""What a check of a model found, and how the model will be asked."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from skillwright.llm.langchain_request import Abilities
from skillwright.llm.remembering import KnownModel

__all__ = ["Answer", "Checked", "Probe", "ProbeName", "described_path"]

ProbeName = Literal[
    "reachable",
    "context",
    "replies",
    "usage",
    "samples",
    "json_schema",
    "tools",
    "json_mode",
    "seed",
    "stream_usage",
    "speed",
]
Answer = Literal["yes", "no", "unknown"]


class Probe(BaseModel):
    """One thing that was tried."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ProbeName
    answer: Answer
    detail: str
    """What was seen, in a few words."""
    seconds: float


class Checked(BaseModel):
    """What a check found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    """Its name."""
    probes: tuple[Probe, ...]
    """In the order in which they were tried."""
    path: tuple[str, ...]
    """How the model will be asked, in sentences."""
    found: KnownModel
    """What is worth remembering."""


def described_path(abilities: Abilities) -> tuple[str, ...]:
    """Says how a model will be asked.

    Args:
        abilities: what it was found to be able to do.

    Returns:
        Sentences.
    """
    forms = {
        "held to the JSON schema by the server": abilities.json_schema,
        "taken from the arguments of a tool call": abilities.tools,
        "held to JSON by the server, with the schema in the prompt": abilities.json_mode,
    }
    form = next((how for how, can in forms.items() if can), "asked for in the prompt")
    samples = "come in one request" if abilities.n else "are asked for one by one, at the same time"
    seed = "repeatable by their seed" if abilities.seed else "not repeatable: the journal keeps them"
    return (
        f"Several replies {samples}.",
        f"A typed reply is {form}; it is validated in any case.",
        f"Replies are {seed}.",
    )

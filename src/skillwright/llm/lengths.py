"""What fits into a model: how long texts are in tokens, and what servers say about those that are too long."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

__all__ = ["Overlong", "guess_tokens", "read_overlong"]

_USUAL_BYTES_PER_TOKEN: Final = 4
_OVERLONG: Final = re.compile(
    r"context[ _](?:length|size|window|limit)|(?:prompt|input|request) is too long|exceed_context"
    r"|max_(?:completion_)?tokens\W.*(?:too large|maximum|less than)"
)
_CONTEXTS: Final = tuple(
    map(
        re.compile,
        (
            r"context (?:length|size|window)(?: is| of)?(?: only)? \(?(\d+)",  # OpenAI, vLLM, llama.cpp
            r"n_ctx\W+(\d+)",  # llama.cpp, beside its message
            r"(\d+) maximum context length",  # Mistral
            r"> (\d+) maximum",  # Anthropic, of the prompt
            r"\d+ \+ \d+ > (\d+)",  # Anthropic, of both
        ),
    )
)
_PROMPTS: Final = tuple(
    map(
        re.compile,
        (
            r"(\d+) in (?:the messages|your prompt|the prompt)",
            r"(\d+) input tokens",
            r"(?:messages resulted in|prompt contains|too long:) (\d+) tokens",
            r"request(?:ed tokens)? \((\d+)",
            r"n_prompt_tokens\W+(\d+)",
            r"(\d+) \+ \d+ > \d+",
        ),
    )
)
_MOST_REPLIES: Final = tuple(
    map(
        re.compile,
        (
            r"at most (\d+) (?:completion|output) tokens",
            r"max_tokens: \d+ > (\d+)",
            r"max_(?:completion_)?tokens\W+must be less than or equal to \W?(\d+)",
        ),
    )
)


class Overlong(NamedTuple):
    """What a server said about a request that is too long for the model."""

    context: int | None
    """Tokens of question and reply together that it takes; none: it did not say."""
    room: int | None
    """Tokens that it leaves for the reply; 0 or less: the question alone is too long; none: it did not say."""


def read_overlong(text: str) -> Overlong | None:
    """Reads an error of a server; none: it is about something else.

    Args:
        text: what the server said.
    """
    text = text.lower()
    if not _OVERLONG.search(text):
        return None
    context, prompt, most = _first(_CONTEXTS, text), _first(_PROMPTS, text), _first(_MOST_REPLIES, text)
    if most is not None:
        return Overlong(None, most)
    return Overlong(context, None if context is None or prompt is None else context - prompt)


def guess_tokens(texts: Iterable[str]) -> int:
    """Estimates how many tokens texts make, as no tokenizer is at hand.

    Args:
        texts: any number of them.
    """
    return sum(len(text.encode()) // _USUAL_BYTES_PER_TOKEN + 1 for text in texts)


def _first(patterns: Iterable[re.Pattern[str]], text: str) -> int | None:
    found = next((match for pattern in patterns if (match := pattern.search(text))), None)
    return int(found[1]) if found else None

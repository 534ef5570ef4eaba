"""What is said to a model and what it says: the types that every kind of model shares."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

__all__ = ["ChatModel", "Message", "Question", "Replies", "Reply", "Stream", "Usage", "unheard"]

Stream = Callable[[str], None]
"""Hears pieces of text as they arrive."""


def unheard(_piece: str) -> None:
    """Is the ``Stream`` of whoever does not listen; nothing is streamed for it."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Message(_Record):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


class Question(_Record):
    """What a model is asked, complete: two questions that are equal may be answered by one exchange."""

    messages: tuple[Message, ...]
    reply_schema: str | None = None
    """JSON schema that the reply must follow, as canonical JSON text; none: free text."""
    temperature: float | None = None
    """None: what the provider does by itself."""
    max_tokens: int = 4096
    """Most tokens of one reply."""
    sample: int = 0
    """Number of the reply that is wanted, from 0; where several are, of the first of them."""


class Usage(_Record):
    """Tokens of one request, as the server counted them, or as they were estimated where it did not."""

    prompt_tokens: int
    completion_tokens: int
    is_estimate: bool = False


class Reply(_Record):
    """One sample of a model's answer."""

    text: str
    finish: Literal["stop", "length", "refusal", "failed", "over_limit"]
    """Why it ended: by itself, at the limit of tokens, or because the model would not answer. The last two are in
    replays only: the request failed for good, or a limit refused it; the text says why."""


class Replies(NamedTuple):
    """What one request brought."""

    replies: Sequence[Reply]
    """At least one; at most as many as were asked for."""
    usage: Usage
    """Of the request, all its replies together."""
    model: str
    """What the server calls the model that answered."""


class ChatModel(Protocol):
    """Answers questions, one request at a time; whoever calls it counts, journals and retries."""

    @property
    def spec(self) -> str:
        """How the person named it, such as ``openai:gpt-5`` or ``vllm:MODEL@URL``; never holds a key."""
        ...

    @property
    def max_samples(self) -> int:
        """Most replies that one request can bring, as far as is known; 1 where the server takes no ``n``."""
        ...

    def ask(self, question: Question, num_samples: int, *, seed: int, timeout_s: float, stream: Stream) -> Replies:
        """Sends one request.

        Args:
            question: what is asked.
            num_samples: how many different replies are wanted, from the question's sample on; fewer may come.
            seed: of the sampling, where the server takes one.
            timeout_s: seconds after which the request ends, whatever the server does.
            stream: hears the reply as it arrives, where one is wanted and the server streams.

        Raises:
            ModelError: the request failed; the error says whether trying again can help, and when.
            UserError: something is missing that no further request can mend.
        """
        ...

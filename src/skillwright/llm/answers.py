"""What LangChain makes of a server's answer, read as replies."""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, cast

from skillwright.llm.chat import Replies, Reply, Stream, Usage
from skillwright.llm.failures import ModelError
from skillwright.llm.lengths import guess_tokens

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
    from langchain_core.outputs import LLMResult

__all__ = ["answer_of", "stream_answer"]

Finish = Literal["stop", "length", "refusal"]

_FINISHES: Final[Mapping[str, Finish]] = {
    "length": "length", "max_tokens": "length", "model_length": "length", "model_context_window_exceeded": "length",
    "content_filter": "refusal", "refusal": "refusal", "safety": "refusal", "prohibited_content": "refusal",
}  # fmt: skip
"""What providers call the end of a reply; everything else is an ordinary end."""


def answer_of(result: "LLMResult", messages: Sequence["BaseMessage"]) -> Replies:
    """Reads a whole answer.

    Args:
        result: what LangChain returned for one prompt.
        messages: what was sent; its tokens are estimated where the server did not count.

    Raises:
        ModelError: the answer holds no reply.
    """
    from langchain_core.messages import AIMessage

    generations = [getattr(generation, "message", None) for generation in result.generations[0]]
    answers = [message for message in generations if isinstance(message, AIMessage)]
    output = result.llm_output or {}
    usage = _counted(answers) or _counted_by_openai(output.get("token_usage"))
    if not answers:
        raise ModelError("the server answered without a reply", kind="reply", usage=usage)
    replies = [_reply(message) for message in answers]
    model = output.get("model_name") or answers[0].response_metadata.get("model_name") or ""
    return Replies(replies, usage or _estimated(messages, replies), str(model))


async def stream_answer(
    chat: "BaseChatModel", messages: Sequence["BaseMessage"], options: Mapping[str, object], stream: Stream
) -> Replies:
    """Asks for one reply and passes its text on as it arrives.

    Args:
        chat: the model.
        messages: what to send.
        options: of the request.
        stream: hears the text.

    Raises:
        ModelError: the answer ended in the middle, or holds no reply.
    """
    whole: AIMessageChunk | None = None
    send = cast("Callable[..., AsyncIterator[AIMessageChunk]]", chat.astream)
    async for chunk in send(list(messages), **options):
        whole = chunk if whole is None else whole + chunk
        piece = str(chunk.text) or "".join(part.get("args") or "" for part in chunk.tool_call_chunks)
        if piece:
            stream(piece)
    usage = _counted([whole]) if whole is not None else None
    if whole is None or not _finish_reason(whole):
        raise ModelError("the streamed answer ended in the middle", kind="connection", usage=usage)
    replies = [_reply(whole)]
    return Replies(replies, usage or _estimated(messages, replies), str(whole.response_metadata.get("model_name", "")))


def _reply(message: "AIMessage") -> Reply:
    finish: Finish = _FINISHES.get(_finish_reason(message).lower(), "stop")
    refusal = message.additional_kwargs.get("refusal")
    if refusal:
        return Reply(text=str(refusal), finish="refusal")
    return Reply(text=_called(message) or str(message.text), finish=finish)


def _called(message: "AIMessage") -> str:
    """Returns the arguments of the call that a reply may be; broken ones as they came."""
    for call in message.tool_calls:
        return json.dumps(call["args"])
    for broken in message.invalid_tool_calls:
        return broken["args"] or ""
    return ""


def _finish_reason(message: "AIMessage") -> str:
    metadata = message.response_metadata
    return str(metadata.get("finish_reason") or metadata.get("stop_reason") or "")


def _counted(answers: Sequence["AIMessage"]) -> Usage | None:
    """Returns the tokens of a request; each of its replies carries those of all."""
    counts = answers[0].usage_metadata if answers else None
    if counts is None:
        return None
    return Usage(prompt_tokens=counts["input_tokens"], completion_tokens=counts["output_tokens"])


def _counted_by_openai(counts: Mapping[str, object] | None) -> Usage | None:
    prompt, completion = ((counts or {}).get(name) for name in ("prompt_tokens", "completion_tokens"))
    if not isinstance(prompt, int) or not isinstance(completion, int):
        return None
    return Usage(prompt_tokens=prompt, completion_tokens=completion)


def _estimated(messages: Sequence["BaseMessage"], replies: Sequence[Reply]) -> Usage:
    return Usage(
        prompt_tokens=guess_tokens(str(message.text) for message in messages),
        completion_tokens=guess_tokens(reply.text for reply in replies),
        is_estimate=True,
    )

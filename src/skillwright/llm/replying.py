"""What a reply must look like: its schema for the model, its validation, and what to tell a model that failed it."""

import json
import re
from collections.abc import Iterator
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from skillwright.core.errors import ModelRetry
from skillwright.llm.chat import Message, Question, Reply

__all__ = ["Refused", "read_reply", "repair_question", "schema_text"]

T = TypeVar("T", bound=BaseModel | str)

_FENCE: Final = re.compile(r"```[\w-]*[ \t]*\n(.*?)```", re.DOTALL)
_THOUGHT_END: Final = "</think>"
_MAX_PROBLEMS: Final = 12
_MAX_QUOTED_CUT: Final = 1000
"""Characters of a reply without an end that the model is shown again."""


class Refused(ModelRetry):
    """Says that a model would not answer; asking the same again would only cost."""


def schema_text(schema: type[T]) -> str | None:
    """Writes the JSON schema of a reply as canonical text; none: free text.

    Args:
        schema: class of the reply.
    """
    if not issubclass(schema, BaseModel):
        return None
    return json.dumps(schema.model_json_schema(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_reply(reply: Reply, schema: type[T]) -> T:
    """Reads a reply as a value of a class.

    JSON may stand in a fenced block, and after the thoughts of a model that thinks aloud.

    Args:
        reply: what the model said.
        schema: class of the value; ``str``: the text as it is.

    Raises:
        Refused: the model would not answer.
        ModelRetry: the reply is no such value; the text tells the model why.
    """
    if reply.finish == "refusal":
        raise Refused(f"the model refused: {_short(reply.text) or 'without a reason'}")
    if reply.finish == "length":
        raise ModelRetry("The reply reached the limit of tokens before its end. Reply again, much shorter.")
    text = reply.text.rpartition(_THOUGHT_END)[2].strip()
    if not text:
        raise ModelRetry("The reply was empty.")
    if not issubclass(schema, BaseModel):
        return schema(text)
    problem = ""
    for candidate in _candidates(text):
        try:
            return schema.model_validate_json(candidate)
        except ValidationError as error:
            problem = problem or _problems(error)
    raise ModelRetry(problem)


def repair_question(question: Question, reply: Reply, problem: ModelRetry) -> Question:
    """Makes the question that follows a reply which cannot be used.

    Args:
        question: what was asked.
        reply: what came back.
        problem: what is wrong with it.
    """
    quoted = reply.text if reply.finish == "stop" else f"{reply.text[:_MAX_QUOTED_CUT]}…"
    wanted = "" if question.reply_schema is None else f" It must be JSON of this schema: {question.reply_schema}"
    turn = (
        Message(role="assistant", text=quoted or "(nothing)"),
        Message(role="user", text=f"This reply cannot be used. {problem}\nGive the whole reply again.{wanted}"),
    )
    return question.model_copy(update={"messages": (*question.messages, *turn)})


def _candidates(text: str) -> Iterator[str]:
    """Lists what may be the JSON; fenced blocks come first, as a text that has some is no JSON by itself."""
    if text[0] in "{[":
        yield text
        return
    blocks = [block.strip() for block in _FENCE.findall(text)]
    yield from blocks or [text]


def _problems(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"- {'.'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}" for one in found[:_MAX_PROBLEMS]]
    if len(found) > _MAX_PROBLEMS:
        lines.append(f"- and {len(found) - _MAX_PROBLEMS} more")
    return "\n".join(["It does not follow the schema:", *lines])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:300]}…"

"""What a reply must look like: its schema for the model, its validation, and what to tell a model that failed it."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from skillwright.core.errors import BudgetExceeded, ModelRetry, ModelUnavailable
from skillwright.llm.chat import Message, Question, Reply
from skillwright.llm.loose_json import Block, blocks_in, values_in
from skillwright.llm.reply_forms import CodeField, WireSchema

__all__ = ["Refused", "read_reply", "repair_question", "schema_text"]

T = TypeVar("T", bound=BaseModel | str)

_THOUGHTS: Final = re.compile(r".*</(?:think|thinking|thought|thoughts|reasoning)>", re.DOTALL | re.IGNORECASE)
_DATA: Final = frozenset({"json", "json5", "jsonc", "yaml"})
"""Fenced blocks of these languages hold no program."""
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

    JSON may stand in a fenced block or between words, after the thoughts of a model that thinks aloud, and may be
    nearly right; a program may stand in a fenced block beside it (see ``PythonCode``).

    Args:
        reply: what the model said.
        schema: class of the value; ``str``: the text as it is.

    Raises:
        Refused: the model would not answer.
        ModelRetry: the reply is no such value; the text tells the model why.
        ModelUnavailable: it is the record of a request that failed.
        BudgetExceeded: it is the record of a request that a limit refused.
    """
    _refuse_unfinished(reply)
    text = _THOUGHTS.sub("", reply.text, count=1).strip()
    if not text:
        raise ModelRetry("The reply was empty.")
    if not issubclass(schema, BaseModel):
        return schema(text)
    wire = WireSchema(schema_text(schema) or "{}")
    problem = ""
    for candidate in values_in(text) if wire.code_field is None else _coded_values(text, wire, wire.code_field):
        try:
            return schema.model_validate_json(json.dumps(candidate))
        except ValidationError as error:
            problem = problem or _problems(error)
    raise ModelRetry(problem or _nothing_found(wire.code_field))


def repair_question(question: Question, reply: Reply, problem: ModelRetry) -> Question:
    """Makes the question that follows a reply which cannot be used.

    Args:
        question: what was asked.
        reply: what came back.
        problem: what is wrong with it.
    """
    quoted = reply.text if reply.finish == "stop" else f"{reply.text[:_MAX_QUOTED_CUT]}…"
    wanted = "" if question.reply_schema is None else f" {WireSchema(question.reply_schema).request}"
    turn = (
        Message(role="assistant", text=quoted or "(nothing)"),
        Message(role="user", text=f"This reply cannot be used. {problem}\nGive the whole reply again.{wanted}"),
    )
    return question.model_copy(update={"messages": (*question.messages, *turn)})


def _refuse_unfinished(reply: Reply) -> None:
    match reply.finish:
        case "refusal":
            raise Refused(f"the model refused: {_short(reply.text) or 'without a reason'}")
        case "length":
            raise ModelRetry("The reply reached the limit of tokens before its end. Reply again, much shorter.")
        case "failed":
            raise ModelUnavailable(reply.text)
        case "over_limit":
            raise BudgetExceeded(reply.text)
        case "stop":
            pass


def _coded_values(text: str, wire: WireSchema, code: CodeField) -> Iterator[JsonValue]:
    """Lists what a reply with a program may mean: the program is in the JSON, or in a block of its own."""
    blocks = [block for block in blocks_in(text) if block.language not in _DATA]
    program = _choose_program(blocks, code)
    beside = text
    for block in blocks:
        beside = beside.replace(block.whole, "")
    for value in values_in(text):
        written = value.get(code.name) if isinstance(value, dict) else None
        if isinstance(value, dict) and isinstance(written, str) and 2 * len(written) > len(program):
            yield {**value, code.name: _plain(written)}
    objects = [value for value in values_in(beside) if isinstance(value, dict) and value.keys() & wire.fields]
    if not program:
        yield from objects
        return
    yield from ({**one, code.name: program} for one in objects)
    prose, words = wire.prose_field, beside.strip()
    if prose and words:
        yield {prose: words[: wire.longest(prose)].rstrip(), code.name: program}
    yield {code.name: program}


def _choose_program(blocks: Sequence[Block], code: CodeField) -> str:
    """Chooses the last long block of the language; drafts come before the program, short examples after it."""
    programs = [block.text for block in blocks if block.language == code.language] or [block.text for block in blocks]
    longest = max(map(len, programs), default=0)
    return next((one for one in reversed(programs) if 2 * len(one) > longest), "")


def _plain(program: str) -> str:
    """Takes a program in JSON out of the fences, or the second layer of escapes, that some models add."""
    blocks = blocks_in(program)
    if len(blocks) == 1 and program.lstrip().startswith("```"):
        return blocks[0].text
    if "\n" not in program and "\\n" in program:
        return program.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')
    return program


def _nothing_found(code: CodeField | None) -> str:
    if code is not None:
        return f"It does not follow the schema:\n- {code.name}: there is no fenced block with the whole program in it"
    return "It does not follow the schema:\n- the whole: Invalid JSON: no object was found, or it has no end"


def _problems(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"- {'.'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}" for one in found[:_MAX_PROBLEMS]]
    if len(found) > _MAX_PROBLEMS:
        lines.append(f"- and {len(found) - _MAX_PROBLEMS} more")
    return "\n".join(["It does not follow the schema:", *lines])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:300]}…"

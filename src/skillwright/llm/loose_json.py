"""Reading JSON as language models write it: in prose or fenced blocks, and nearly right.

Models that write a program into a JSON string forget its escapes: they put real line breaks into it, quotes, or three
quotes around it. They leave a comma behind the last entry, and write ``True``. All this has one plain reading. What is
cut off has none, and is refused.
"""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from pydantic import JsonValue

__all__ = ["Block", "blocks_in", "values_in"]

_FENCE: Final = re.compile(r"```[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:```|\Z)", re.DOTALL)
_MOST_STARTS: Final = 50
"""Brackets of a text at which a value is looked for."""
_MOST_LOOSE_STARTS: Final = 10
"""Those of them at which one that is only nearly right is looked for, as that takes long."""
_DEEPEST: Final = 50
_LENIENT: Final = json.JSONDecoder(strict=False)
"""Takes line breaks in strings."""

_GAP: Final = re.compile(r"(?:\s|//[^\n]*|#[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_WORDS: Final[Mapping[str, bool | None]] = {
    "true": True, "True": True, "false": False, "False": False, "null": None, "None": None,
}  # fmt: skip
_OPENING: Final = re.compile(r"\"\"\"|'''|```|[\"'`]")
_ESCAPES: Final = {'"': '"', "'": "'", "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

_Place = Literal["key", "entry", "element"]
_AFTER: Final[Mapping[_Place, re.Pattern[str]]] = {
    "key": re.compile(r"\s*:"),
    "entry": re.compile(r"\s*(?:\}|,\s*(?:\}|[\"']?\w[\w .-]{0,60}[\"']?\s*:|//|/\*|#))"),
    "element": re.compile(r"\s*(?:\]|,)"),
}
"""What follows the end of a string; a quote before anything else belongs to the text."""


class Block(NamedTuple):
    """A fenced block of a text."""

    language: str
    """What is named after the fence, in small letters; may be empty."""
    text: str
    """What it holds."""
    whole: str
    """The same with its fences, as it stands in the text."""


def blocks_in(text: str) -> list[Block]:
    """Lists the fenced blocks of a text; the last one may lack its end.

    Args:
        text: any text.
    """
    return [Block(one[1].lower(), textwrap.dedent(one[2]).strip(), one[0]) for one in _FENCE.finditer(text)]


def values_in(text: str) -> Iterator[JsonValue]:
    """Lists the JSON values that a text may mean, likeliest first; some may come twice.

    Args:
        text: what a model said.
    """
    whole = text.strip()
    for place in (whole, *(block.text for block in blocks_in(whole))):
        yield from _whole_value(place)
    yield from _values_inside(whole)


def _whole_value(text: str) -> Iterator[JsonValue]:
    """Reads a text that is one value; a string that holds a value once more is that."""
    for read in (_LENIENT.decode, _read_loosely):
        try:
            value: JsonValue = read(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, str):
            yield from _values_inside(value)
        yield value
        return


def _values_inside(text: str) -> Iterator[JsonValue]:
    """Finds objects with text around them."""
    end = 0
    starts = [found.start() for found in re.finditer(r"\{", text)][:_MOST_STARTS]
    for number, start in enumerate(starts):
        if start < end:
            continue
        for read in (_LENIENT.raw_decode, _read_at)[: 1 + (number < _MOST_LOOSE_STARTS)]:
            try:
                value, end = read(text, start)
            except (ValueError, RecursionError):
                continue
            yield value
            break


def _read_loosely(text: str) -> JsonValue:
    value, end = _read_at(text, 0)
    if _skip(text, end) != len(text):
        raise ValueError("something follows the value")
    return value


def _read_at(text: str, start: int) -> tuple[JsonValue, int]:
    return _read_value(text, start, "element", _DEEPEST)


def _skip(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _read_value(text: str, at: int, place: _Place, depth: int) -> tuple[JsonValue, int]:
    at = _skip(text, at)
    if depth == 0:
        raise ValueError("nested too deeply")
    if text.startswith("{", at):
        return _read_object(text, at + 1, depth - 1)
    if text.startswith("[", at):
        return _read_array(text, at + 1, depth - 1)
    if _OPENING.match(text, at):
        return _read_string(text, at, place)
    if number := _NUMBER.match(text, at):
        return json.loads(number[0]), number.end()
    word = _WORD.match(text, at)
    if word and word[0] in _WORDS:
        return _WORDS[word[0]], word.end()
    raise ValueError(f"no value at {at}")


def _read_object(text: str, at: int, depth: int) -> tuple[JsonValue, int]:
    found: dict[str, JsonValue] = {}
    while not text.startswith("}", at := _skip(text, at)):
        key, at = _read_key(text, at)
        at = _skip(text, at)
        if not text.startswith(":", at):
            raise ValueError(f"no colon at {at}")
        found[key], at = _read_value(text, at + 1, "entry", depth)
        at = _next_entry(text, at, "}")
    return found, at + 1


def _read_key(text: str, at: int) -> tuple[str, int]:
    if word := _WORD.match(text, at):
        return word[0], word.end()
    return _read_string(text, at, "key")


def _read_array(text: str, at: int, depth: int) -> tuple[JsonValue, int]:
    found: list[JsonValue] = []
    while not text.startswith("]", at := _skip(text, at)):
        value, at = _read_value(text, at, "element", depth)
        found.append(value)
        at = _next_entry(text, at, "]")
    return found, at + 1


def _next_entry(text: str, at: int, end: str) -> int:
    at = _skip(text, at)
    if text.startswith(",", at):
        return at + 1
    if text.startswith(end, at):
        return at
    raise ValueError(f"neither a comma nor {end} at {at}")


def _read_string(text: str, at: int, place: _Place) -> tuple[str, int]:
    opening = _OPENING.match(text, at)
    if opening is None:
        raise ValueError(f"no string at {at}")
    quote, start = opening[0], opening.end()
    is_raw = quote not in ('"', "'")
    end = start
    while (end := text.find(quote, end)) >= 0:
        if (is_raw or not _is_escaped(text, start, end)) and _AFTER[place].match(text, end + len(quote)):
            inner = text[start:end]
            return (textwrap.dedent(inner) if is_raw else _unescaped(inner)), end + len(quote)
        end += 1
    raise ValueError(f"the string at {at} does not end")


def _is_escaped(text: str, start: int, at: int) -> bool:
    first = at
    while first > start and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1


def _unescaped(text: str) -> str:
    """Replaces the escapes of JSON; others, as in a regular expression, stay as they are."""
    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", _replaced, text, flags=re.DOTALL)


def _replaced(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return _ESCAPES.get(escape[2], escape[0])

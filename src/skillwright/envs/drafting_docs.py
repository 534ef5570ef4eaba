"""Reads what the docstring of a world's class says: Gymnasium's own hold sections and tables in Markdown."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

__all__ = ["Entry", "WorldPage", "read_page"]

_HEADING: Final = re.compile(r"#+ +(.+?)[: ]*$")
_BLOCK: Final = re.compile(r"```.*?```", re.DOTALL)
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS: Final = re.compile(r"\*\*|`|\$|(?<!\w)\*|\*(?!\w)")
_BULLET: Final = re.compile(r" *[-*] *(\d+): *(.+)")
_NUMBER: Final = re.compile(r"\d+")
_UNIT: Final = re.compile(r"\(([^()]*)\)\s*$")


class Entry(NamedTuple):
    """What a docstring says of one value of the observation, or of one part of the action."""

    text: str
    unit: str
    """As written, such as ``rad/s``; empty where nothing is said."""


class WorldPage(NamedTuple):
    """What a docstring says of a world."""

    description: str
    """Paragraphs with an empty line between them; empty where there is none."""
    observation: Mapping[int, Entry]
    """By position."""
    action: Mapping[int, Entry]
    """By position."""


def read_page(world: type) -> WorldPage:
    """Reads the docstring of a world's class.

    Args:
        world: the class.
    """
    text = inspect.getdoc(world) or ""
    sections = _sections(text)
    ends = "\n\n".join(body for title, body in sections.items() if title in _ENDS)
    about = sections.get("description") or sections.get("", "")
    return WorldPage(
        description="\n\n".join(part for part in (_plain(about), _plain(ends)) if part),
        observation=_entries(sections.get("observation space", "")),
        action=_entries(sections.get("action space", "")),
    )


_ENDS: Final = frozenset({"episode end", "episode termination", "termination"})


def _sections(text: str) -> dict[str, str]:
    """Cuts a page at its headings; what stands before the first one has the title ``""``."""
    found: dict[str, list[str]] = {"": []}
    title = ""
    for line in _BLOCK.sub("", text).splitlines():
        if heading := _HEADING.match(line):
            title = heading[1].lower()
            found.setdefault(title, [])
        else:
            found[title].append(line)
    return {name: "\n".join(lines) for name, lines in found.items()}


def _plain(text: str) -> str:
    """Leaves the words: no tables, pictures, links and marks."""
    paragraphs = re.split(r"\n\s*\n", text)
    lines = (" ".join(line.strip() for line in one.splitlines() if not _is_row(line)) for one in paragraphs)
    return "\n\n".join(filter(None, (_unmarked(line) for line in lines)))


def _unmarked(text: str) -> str:
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", text)).split())


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|")


def _entries(section: str) -> dict[int, Entry]:
    """Reads the table of a section, or else its list ``- 0: what it is``."""
    rows = dict(_rows(section))
    bullets = (_BULLET.match(line) for line in section.splitlines())
    return rows or {int(found[1]): Entry(_unmarked(found[2]), "") for found in bullets if found}


def _rows(section: str) -> Iterator[tuple[int, Entry]]:
    heads: list[str] = []
    for line in filter(_is_row, section.splitlines()):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0].lower() == "num":
            heads = [cell.lower() for cell in cells]
        elif heads and len(cells) == len(heads) and _NUMBER.fullmatch(cells[0]):
            yield int(cells[0]), Entry(_unmarked(cells[1]), _unit(dict(zip(heads, cells, strict=True))))


def _unit(row: Mapping[str, str]) -> str:
    """Finds ``angle (rad)`` in the column of units, and gives what stands in the brackets."""
    written = next((cell for head, cell in row.items() if "unit" in head), "")
    found = _UNIT.search(written)
    return found[1].strip() if found else ""

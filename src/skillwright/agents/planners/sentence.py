"""Takes a sentence that asks for several things one after the other apart."""

import re
from typing import Final

__all__ = ["split_sentence"]

_ITEM: Final = re.compile(r"(?:^|\n|(?<=[.;:,])\s|\s)\s*(?:\(?\d{1,2}[.)]|[-*•])\s+(?=\S)")
_BETWEEN: Final = re.compile(
    r"""\s*[;\n]+\s*(?:and\s+)?(?:then\b)?[\s,:]*
    |\s*[,.]?\s*(?:\band\s+)?(?<!until\s)(?<!since\s)(?<!now\sand\s)(?<!by\s)(?<!even\s)\bthen\b[\s,:]*
    |\s*[,.]?\s*(?:\band\s+)?\bafter\s+(?:that|which)\b[\s,:]*
    |\s*[,.]?\s*(?:\band\s+)?\bafterwards\b[\s,:]*""",
    re.IGNORECASE | re.VERBOSE,
)
_CONDITION: Final = re.compile(r"\s*(?:if|when|whenever|as soon as|once)\b", re.IGNORECASE)
_EDGES: Final = " \t\r\n,;:"


def split_sentence(text: str) -> list[str]:
    """Splits at ``then``, ``and then``, ``after that``, ``afterwards``, semicolons, new lines and numbered items.

    ``then`` after a condition (``if it tilts, then right it``) and in ``until then`` splits nothing.

    Args:
        text: the sentence as a person typed it.

    Returns:
        The parts in their order; the one part that is the whole if there is nothing to split at.

    Example:
        >>> split_sentence("Hover, then move over the pad, and then land")
        ['Hover', 'move over the pad', 'land']
    """
    items = _ITEM.split(text) if len(_ITEM.findall(text)) > 1 else [text]
    parts = [part for item in items for part in _split_item(item)]
    kept = [part.strip(_EDGES) for part in parts if re.search(r"\w", part)]
    return kept if len(kept) > 1 else [text]


def _split_item(item: str) -> list[str]:
    parts: list[str] = []
    begin = 0
    for match in _BETWEEN.finditer(item):
        if "then" in match.group().casefold() and _CONDITION.match(item[begin : match.start()]):
            continue
        parts.append(item[begin : match.start()])
        begin = match.end()
    return [*parts, item[begin:]]

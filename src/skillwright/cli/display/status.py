"""The colours of a status, the same in every listing."""

from typing import Final

from rich.text import Text

__all__ = ["status_text"]

_STYLES: Final = {
    "verified": "green",
    "finished": "green",
    "failed": "red",
    "interrupted": "yellow",
    "running": "cyan",
}


def status_text(status: str) -> Text:
    """Colours a status.

    Args:
        status: of a skill or a run.
    """
    return Text(status, style=_STYLES.get(status, ""))

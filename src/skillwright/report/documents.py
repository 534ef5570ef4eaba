"""HTML documents from templates, each one file that needs nothing beside it."""

import base64
import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from skillwright.core.errors import storage_errors
from skillwright.report import formatting
from skillwright.report.candidates import NUM_BANDS, SORT_KEYS
from skillwright.report.markup import highlighted

if TYPE_CHECKING:
    import jinja2

__all__ = ["data_uri", "render", "write_page"]


def render(template: str, **values: object) -> str:
    """Fills a template in; all text in the values arrives as text.

    Args:
        template: name of its file.
        values: what it names.
    """
    return _templates().get_template(template).render(**values)


def write_page(page: str, path: Path) -> None:
    """Writes a document; the file appears whole or not at all.

    Args:
        page: the document.
        path: where the file goes; an older one is replaced.

    Raises:
        StorageError: the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.write_bytes(page.encode("utf-8", "replace"))
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)


def data_uri(video: bytes) -> str:
    """Writes a video down as a link that holds it.

    Args:
        video: MP4.
    """
    return "data:video/mp4;base64," + base64.b64encode(video).decode("ascii")


def _templates() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("skillwright.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: getattr(formatting, name) for name in formatting.__all__}
    environment.filters["highlighted"] = highlighted
    environment.globals |= {
        "style_sheet": _style_sheet(),
        "sort_keys": list(SORT_KEYS),
        "num_bands": NUM_BANDS,
    }
    return environment


def _style_sheet() -> Markup:
    folder = resources.files("skillwright.report") / "templates"
    return Markup((folder / "report.css").read_text(encoding="utf-8"))

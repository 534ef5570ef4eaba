"""Renders the templates of the root folder ``prompts/``: Markdown with Jinja; a missing variable is an error."""

import hashlib
import traceback
from pathlib import Path
from typing import NamedTuple

from skillwright.core import ConfigError, NotFound, find_content

__all__ = ["RenderedPrompt", "render_prompt"]


class RenderedPrompt(NamedTuple):
    """A prompt ready to send."""

    text: str
    template: str
    """SHA-256 of the template's text, and of those it includes."""


def render_prompt(name: str, /, **variables: object) -> RenderedPrompt:
    """Renders a template.

    Args:
        name: its path below ``prompts/``, such as ``reflection.md``; a person's own project wins over the built-in.
            It may include others by their path.
        **variables: what the template names.

    Returns:
        The text, and the hash of the templates it came from.

    Raises:
        NotFound: there is no such template.
        ConfigError: the template is broken, or names what was not given.
    """
    from jinja2 import FunctionLoader, StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    path = find_content("prompts", name)
    sources: dict[str, str] = {}

    def load(wanted: str) -> tuple[str, str, None]:
        found = find_content("prompts", wanted)
        sources[wanted] = _read(found)
        return sources[wanted], str(found), None

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    try:
        text = environment.get_template(name).render(**variables)
    except (TemplateError, ArithmeticError, AttributeError, LookupError, NotFound, TypeError, ValueError) as error:
        raise ConfigError(f"{_place_of(error, path)}: the template cannot be rendered: {error}") from error
    return RenderedPrompt(text, hashlib.sha256("\0".join(sources.values()).encode()).hexdigest())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the template cannot be read: {error}") from error


def _place_of(error: BaseException, path: Path) -> str:
    """Says in which template and line an error was raised; Jinja writes the templates' lines into the traceback."""
    templates = [
        (frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename.endswith(path.suffix)
    ]
    line = getattr(error, "lineno", None)
    if line is not None:
        return f"{getattr(error, 'filename', None) or path}:{line}"
    return f"{templates[-1][0]}:{templates[-1][1]}" if templates else str(path)

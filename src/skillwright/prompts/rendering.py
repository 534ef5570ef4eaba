"""Renders the templates of the root folder ``prompts/``: Markdown with Jinja; a missing variable is an error."""

import hashlib
import traceback
from typing import NamedTuple

from skillwright.core import ConfigError, find_content

__all__ = ["RenderedPrompt", "render_prompt"]


class RenderedPrompt(NamedTuple):
    """A prompt ready to send."""

    text: str
    template: str
    """SHA-256 of the template's text."""


def render_prompt(name: str, /, **variables: object) -> RenderedPrompt:
    """Renders a template.

    Args:
        name: its path below ``prompts/``, such as ``reflection.md``; a person's own project wins over the built-in.
        **variables: what the template names.

    Returns:
        The text, and the hash of the template it came from.

    Raises:
        NotFound: there is no such template.
        ConfigError: the template is broken, or names what was not given.
    """
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    path = find_content("prompts", name)
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the template cannot be read: {error}") from error
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    try:
        text = environment.from_string(source).render(**variables)
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        line = getattr(error, "lineno", None) or _line_of(error)
        where = f"{path}:{line}" if line else str(path)
        raise ConfigError(f"{where}: the template cannot be rendered: {error}") from error
    return RenderedPrompt(text, hashlib.sha256(source.encode()).hexdigest())


def _line_of(error: BaseException) -> int | None:
    """Finds where in a template an error was raised; Jinja writes the template's lines into the traceback."""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == "<template>"]
    return lines[-1] if lines else None

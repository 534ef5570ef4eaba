"""Untrusted text as safe HTML: programs highlighted, Markdown without raw HTML, links or pictures."""

from markupsafe import Markup

__all__ = ["highlighted", "plain_markdown"]

_SWITCHED_OFF = ["html_block", "html_inline", "link", "image", "autolink", "reference"]
_HEADINGS_BELOW = 3


def highlighted(source: str) -> Markup:
    """Colours Python source.

    Args:
        source: the program, by whomever.

    Returns:
        Spans with Pygments' short class names, everything else escaped.
    """
    from pygments import highlight  # type: ignore[import-untyped]  # ships no types
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

    return Markup(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)))


def plain_markdown(text: str) -> Markup:
    """Renders Markdown whose author is not trusted.

    Args:
        text: Markdown; raw HTML, links and pictures in it stay the text they are.

    Returns:
        HTML of headings (from level 4 down), paragraphs, lists, tables, quotes and code.
    """
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(_SWITCHED_OFF)
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + _HEADINGS_BELOW, 6)}"
    return Markup(reader.renderer.render(tokens, reader.options, {}))

import pytest

from skillwright.report.markup import highlighted, plain_markdown


def test_source_keeps_its_text_and_gains_colours() -> None:
    html = highlighted("def reward(s, a, n):\n    return {'x': 1.0}\n")
    assert '<span class="k">def</span>' in html
    assert html.striptags().startswith("def reward(s, a, n):")


def test_source_is_escaped() -> None:
    assert "<script" not in highlighted('"<script>alert(1)</script>"')


def test_headings_of_a_reflection_fit_below_the_pages() -> None:
    assert plain_markdown("# What happened") == "<h4>What happened</h4>\n"


def test_tables_and_emphasis_are_rendered() -> None:
    html = plain_markdown("| a |\n|---|\n| **b** |\n")
    assert "<td><strong>b</strong></td>" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](https://example.org)",
        "![picture](https://example.org/x.png)",
        "<https://example.org>",
        "[a]\n\n[a]: https://example.org",
    ],
)
def test_nothing_in_a_reflection_becomes_a_link_a_picture_or_html(text: str) -> None:
    html = plain_markdown(text)
    assert not any(tag in html for tag in ("<script", "<img", "<a "))

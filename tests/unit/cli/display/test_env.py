"""How a card looks in a terminal."""

import io

from rich.console import Console

from skillwright.cli.display.env import show_card
from skillwright.envs.catalog import find_card


def shown(width: int) -> str:
    out = io.StringIO()
    show_card(Console(file=out, width=width, force_terminal=True, color_system=None), find_card("LunarLander-v3"))
    return out.getvalue()


def test_a_terminal_gets_tables_instead_of_markdown() -> None:
    text = shown(120)
    assert "| ---" not in text
    assert "right_contact" in text


def test_no_line_is_wider_than_the_terminal() -> None:
    assert max(map(len, shown(70).splitlines())) <= 70


def test_every_meaning_is_there() -> None:
    words = shown(120).split()
    meanings = [field.meaning for field in find_card("LunarLander-v3").fields.values()]
    assert [word for meaning in meanings for word in meaning.split() if word not in words] == []

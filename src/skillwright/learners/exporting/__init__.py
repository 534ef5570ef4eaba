"""Policies in other programs' formats."""

__all__: list[str] = []

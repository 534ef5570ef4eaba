"""How things look in a terminal: one module per thing shown."""

__all__: list[str] = []

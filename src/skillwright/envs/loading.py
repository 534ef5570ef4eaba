"""Reading an env card from its file; every mistake is named with its line."""

from pathlib import Path

from skillwright.core.errors import CardError
from skillwright.core.yaml_file import YamlMistake, read_yaml
from skillwright.envs.card import EnvCard
from skillwright.envs.inheriting import CardFile

__all__ = ["load_card"]


def load_card(path: Path) -> EnvCard:
    """Reads an env card.

    Args:
        path: a YAML file.

    Returns:
        The card. Its programs are not looked at; the sandbox checks them.

    Raises:
        CardError: the file cannot be read, is not YAML, or is not a card; with the line of the first mistake.
    """
    try:
        return read_yaml(path, CardFile, what="the card")
    except YamlMistake as mistake:
        raise CardError(mistake.path, mistake.line, mistake.problem) from None

"""Finding env cards by name: a person's project first, then ours, then any world Gymnasium knows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from skillwright.core.content import find_content, list_content
from skillwright.core.errors import CardError, ConfigError, MissingExtra, NotFound
from skillwright.envs.card import EnvCard, TaskSpec
from skillwright.envs.generation import FAMILY, generate_card, registered_ids
from skillwright.envs.loading import load_card

__all__ = ["find_card", "list_cards", "read_reference"]

_SUFFIX: Final = ".yaml"


def find_card(env_id: str) -> EnvCard:
    """Finds the card of a world; only the card asked for is read, so a broken one stops nobody else.

    Args:
        env_id: a card's id (``box2d/LunarLander-v3``); its part after the last slash (``LunarLander-v3``), if
            only one card has it; or an id registered with Gymnasium, for which a card is generated.

    Raises:
        CardError: the card has a mistake.
        ConfigError: several cards end in this name, or Gymnasium's world is of a kind that cannot be used.
        NotFound: nothing has this name.
    """
    files = _card_files()
    named = [env_id] if env_id in files else [card_id for card_id in files if _short(card_id) == env_id]
    if len(named) > 1:
        raise ConfigError(f"{env_id!r} is the name of {len(named)} environments; say which: {', '.join(named)}")
    if named:
        return _load(named[0], files[named[0]])
    gymnasium_id = env_id.removeprefix(f"{FAMILY}/")
    try:
        registered = registered_ids()
    except MissingExtra as error:
        raise NotFound("environment", env_id, _names(files), hint=f"for Gymnasium's own, {error}") from None
    if gymnasium_id in registered:
        return generate_card(gymnasium_id)
    raise NotFound("environment", env_id, _names(files, registered))


def list_cards() -> list[EnvCard]:
    """Lists all cards, by id; worlds without a card are not listed.

    Raises:
        CardError: one of the cards has a mistake; a listing without it would hide that.
    """
    return [_load(card_id, path) for card_id, path in _card_files().items()]


def read_reference(task: TaskSpec) -> str | None:
    """Reads the reward program a person wrote for a task.

    Args:
        task: a task of a card.

    Returns:
        Its source; none if the task names none.

    Raises:
        NotFound: the file it names is in no content folder.
        ConfigError: the file cannot be read.
    """
    if task.reference is None:
        return None
    path = find_content("rewards", task.reference)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the reference reward {path} cannot be read: {error}") from None


def _card_files() -> dict[str, Path]:
    """Lists the files of cards; one whose name begins with ``_`` is only there for others to extend."""
    files = {name.removesuffix(_SUFFIX): path for name, path in list_content("envs", _SUFFIX).items()}
    return {card_id: path for card_id, path in files.items() if not _short(card_id).startswith("_")}


def _short(card_id: str) -> str:
    return card_id.rpartition("/")[2]


def _names(files: Mapping[str, Path], registered: frozenset[str] = frozenset()) -> list[str]:
    """Returns everything an environment can be called, short names rather than long ones."""
    return sorted({_short(card_id) for card_id in files} | registered) + list(files)


def _load(card_id: str, path: Path) -> EnvCard:
    card = load_card(path)
    if card.id != card_id:
        raise CardError(path, None, f"the id is {card.id!r}, but by its place the file is the card of {card_id!r}")
    return card

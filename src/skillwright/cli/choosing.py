"""A person chooses between two clips: a player shows them, the arrow keys answer."""

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text

from skillwright.core.errors import ConfigError
from skillwright.rewards.preferences.records import Choice, Pair, Preferred

if TYPE_CHECKING:
    from rich.console import Console

    from skillwright.envs import EnvCard
    from skillwright.rewards.preferences.episodes import Shelf

__all__ = ["TerminalChooser", "player_command", "read_key", "require_terminal"]

_ANSWERS: Final[Mapping[str, Preferred]] = {
    "left": "a", "a": "a", "right": "b", "b": "b", "down": "equal", "e": "equal", "s": "skip",
}  # fmt: skip
_STOP: Final = frozenset({"q", ""})
_AGAIN: Final = frozenset({"r", "up"})
_ARROWS: Final = {"A": "up", "B": "down", "C": "right", "D": "left"}
_ESCAPE: Final = "\x1b"
_REST_OF_A_KEY_S: Final = 0.05
"""An arrow key is several characters that come at once; a lone Escape is followed by none."""
_LEGEND: Final = "← A   → B   ↓ equal   s cannot tell   r again   q stop"
_SAID: Final[Mapping[Preferred, str]] = {"a": "A", "b": "B", "equal": "equal", "skip": "skipped"}


class TerminalChooser:
    """Films both clips of a pair side by side, opens a player, and takes a key.

    Args:
        card: the world.
        shelf: holds the episodes.
        folder: where the videos go.
        console: where the questions go.
        num_pairs: how many there will be in all.
    """

    def __init__(self, card: "EnvCard", shelf: "Shelf", folder: Path, console: "Console", *, num_pairs: int) -> None:
        self._card = card
        self._shelf = shelf
        self._folder = folder
        self._console = console
        self._num_pairs = num_pairs
        self._players: list[subprocess.Popen[bytes]] = []

    def choose(self, pair: Pair) -> Choice | None:
        """Shows a pair and waits for a key; see ``Chooser.choose``.

        Raises:
            EnvError: the world cannot be drawn, or does not go the same way twice.
            MissingExtra: what drawing or encoding needs is not installed.
            StorageError: the video cannot be written.
        """
        place = self._film(pair)
        self._show(place)
        self._console.print(Text(f"{int(pair.id) + 1} of {self._num_pairs}   {_LEGEND}", style="bold"))
        while (key := read_key()) not in _ANSWERS:
            if key in _STOP:
                return None
            if key in _AGAIN:
                self._show(place)
        preferred = _ANSWERS[key]
        self._console.print(Text(f"    {_SAID[preferred]}"))
        return Choice(pair=pair, preferred=preferred, chooser="person")

    def _film(self, pair: Pair) -> Path:
        from skillwright.rewards.preferences.filming import film_pair

        place = self._folder / f"pair-{pair.id}.mp4"
        if not place.is_file():
            with self._console.status("filming"):
                film_pair(self._card, self._shelf, pair, place)
        return place

    def _show(self, video: Path) -> None:
        """Opens the player, and says where the video is for whoever has none."""
        self._players = [player for player in self._players if player.poll() is None]
        command = player_command(sys.platform, os.environ)
        if command is not None:
            quiet = subprocess.DEVNULL
            self._players.append(
                subprocess.Popen(
                    [*command, str(video)], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
                )
            )
        self._console.print(Text(f"{'' if command else 'Watch '}{video}"), soft_wrap=True)


def require_terminal() -> None:
    """Refuses to ask where nobody can press a key.

    Raises:
        ConfigError: standard input is no terminal.
    """
    if not sys.stdin.isatty():
        raise ConfigError(
            "choosing needs a terminal, because arrow keys answer; run this command in one, without a pipe"
        )


def player_command(platform: str, environment: Mapping[str, str]) -> list[str] | None:
    """Finds what opens a video.

    Args:
        platform: as ``sys.platform`` names it.
        environment: of this process.

    Returns:
        The command, to be followed by the path; none where there is no display, or nothing that opens files.
    """
    if platform == "win32":
        return ["cmd", "/c", "start", ""]
    if platform == "darwin":
        return ["open"]
    has_display = bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
    opener = shutil.which("xdg-open", path=environment.get("PATH"))
    return [opener] if has_display and opener else None


def read_key() -> str:
    """Waits for one key; what was typed before does not count, so that nobody answers unseen questions.

    Returns:
        ``left``, ``right``, ``up``, ``down``, or the character in lower case; empty at the end of the input.

    Raises:
        KeyboardInterrupt: it was Ctrl-C.
        ConfigError: this platform's terminal gives no single keys.
    """
    try:
        import termios
        import tty
    except ImportError:
        raise ConfigError("choosing by single keys needs a POSIX terminal (Linux, macOS, or WSL on Windows)") from None
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        return _named(_read_characters(descriptor))
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _read_characters(descriptor: int) -> str:
    read = os.read(descriptor, 1).decode(errors="replace")
    if read == _ESCAPE and select.select([descriptor], [], [], _REST_OF_A_KEY_S)[0]:
        read += os.read(descriptor, 8).decode(errors="replace")
    return read


def _named(characters: str) -> str:
    if characters.startswith((_ESCAPE + "[", _ESCAPE + "O")):
        return _ARROWS.get(characters[2:3], _ESCAPE)
    return characters[:1].lower()

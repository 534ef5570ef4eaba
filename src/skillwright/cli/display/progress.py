"""How a run looks while it works: a moving bar in a terminal, a line now and then anywhere else."""

import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from skillwright.cli.display.numbers import compact, duration, number, percent
from skillwright.cli.display.terminal import print_lines
from skillwright.rewards.progress import Observer, Progress

__all__ = ["LinesObserver", "LiveObserver", "watching"]

_REFRESHES_PER_SECOND: Final = 4
_SECONDS_BETWEEN_LINES: Final = 15.0
_WIDEST_BAR: Final = 60
_SECONDS_OF_SILENCE: Final = 3.0
"""After which a model counts as not writing."""
_NUM_PIECES: Final = 400
_SEPARATOR: Final = " · "


@contextmanager
def watching(console: Console) -> Iterator[Observer]:
    """Shows a run's progress while the block works.

    Args:
        console: where.
    """
    if console.is_interactive and console.file.isatty():
        with LiveObserver(console) as observer:
            yield observer
    else:
        yield LinesObserver(console)


class Writing:
    """The end of what a language model is writing, for as long as it writes; pieces come from other threads."""

    def __init__(self) -> None:
        self._pieces: deque[str] = deque(maxlen=_NUM_PIECES)
        self._num_characters = 0
        self._heard_at = -math.inf

    def add(self, piece: str) -> None:
        """Takes the next piece.

        Args:
            piece: of a reply.
        """
        now = time.monotonic()
        if now - self._heard_at > _SECONDS_OF_SILENCE:
            self._num_characters = 0
            self._pieces.clear()
        self._heard_at = now
        self._num_characters += len(piece)
        self._pieces.append(piece)

    def line(self, width: int) -> list[Text]:
        """Gives the line to show; none once the model has been silent for a while.

        Args:
            width: characters there is room for.
        """
        if time.monotonic() - self._heard_at > _SECONDS_OF_SILENCE:
            return []
        label = f"the model writes, {self._num_characters:,} characters: "
        tail = " ".join("".join(tuple(self._pieces)).split())[-max(0, width - len(label)) :]
        return [Text(label + tail, style="dim", no_wrap=True, overflow="ellipsis")]


class LiveObserver:
    """Keeps a bar at the bottom of a terminal; what is said scrolls by above it.

    Args:
        console: a terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._spinner = Spinner("dots", "getting ready")
        self._progress: Progress | None = None
        self._heard_at = 0.0
        self._writing = Writing()
        self._live = Live(self, console=console, refresh_per_second=_REFRESHES_PER_SECOND, transient=True)

    def __enter__(self) -> "LiveObserver":
        self._live.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._live.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Takes the bar away while the block has the terminal to itself."""
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def said(self, line: str) -> None:
        """Prints a line above the bar.

        Args:
            line: what happened.
        """
        self._console.print(Text(line))

    def heard(self, piece: str) -> None:
        """Shows the end of what a model is writing.

        Args:
            piece: of its reply.
        """
        self._writing.add(piece)

    def progressed(self, progress: Progress) -> None:
        """Shows the state at the next refresh.

        Args:
            progress: where the run stands.
        """
        self._progress, self._heard_at = progress, time.monotonic()

    def __rich__(self) -> RenderableType:
        width = self._console.width
        writing = self._writing.line(width)
        if self._progress is None:
            return Group(self._spinner, *writing)
        left = _seconds_left(self._progress)
        if left is not None:
            left = max(0.0, left - (time.monotonic() - self._heard_at))
        headline, *facts = _parts(self._progress, left)
        return Group(
            Text(headline, style="bold", no_wrap=True, overflow="ellipsis"),
            _bar(self._progress, width),
            *(Text(line, no_wrap=True, overflow="ellipsis") for line in _flow(facts, width)),
            *writing,
        )


class LinesObserver:
    """Prints one line when a stage or generation begins, and one about every quarter of a minute.

    Args:
        console: a file, a pipe, or a terminal that cannot move its cursor.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._printed: tuple[str, int] | None = None
        self._printed_at = 0.0

    def said(self, line: str) -> None:
        """Prints a line.

        Args:
            line: what happened.
        """
        print_lines(self._console, line)

    def heard(self, piece: str) -> None:
        """Keeps quiet: a reply is no line.

        Args:
            piece: of a reply.
        """

    def progressed(self, progress: Progress) -> None:
        """Prints the state if it is news.

        Args:
            progress: where the run stands.
        """
        now = time.monotonic()
        part = (progress.stage, progress.generation)
        if part == self._printed and now - self._printed_at < _SECONDS_BETWEEN_LINES:
            return
        self._printed, self._printed_at = part, now
        headline, *facts = _parts(progress, _seconds_left(progress))
        line = _SEPARATOR.join([headline, percent(_share_done(progress)), *facts])
        print_lines(self._console, f"[{duration(now - self._began)}] {line}")


def _parts(progress: Progress, seconds_left: float | None) -> list[str]:
    """Says where a run stands: what is going on, then the facts."""
    facts = [
        _headline(progress),
        f"{compact(progress.timesteps)} of {compact(progress.total_timesteps)} steps",
    ]
    if progress.steps_per_second > 0:
        facts.append(f"{compact(progress.steps_per_second)} steps/s")
    if progress.best_fitness is not None:
        facts.append(f"best fitness {number(progress.best_fitness)}")
    if seconds_left is not None:
        facts.append(f"{duration(seconds_left)} left")
    return facts


def _headline(progress: Progress) -> str:
    generation = f"generation {progress.generation + 1}/{progress.num_generations}"
    match progress.stage:
        case "proposing":
            return f"{generation}: {progress.num_candidates} rewards are written and screened"
        case "search":
            return f"{generation}: {progress.num_candidates} candidates in training"
        case "finals":
            return f"finals: {progress.num_candidates} policies in training on fresh seeds"
        case "judging":
            return "judging on held-out episodes"


def _share_done(progress: Progress) -> float:
    return min(1.0, progress.timesteps / max(1, progress.total_timesteps))


def _seconds_left(progress: Progress) -> float | None:
    """Estimates how long training still takes; none before it began and after it ended."""
    steps = progress.total_timesteps - progress.timesteps
    if progress.steps_per_second <= 0 or steps <= 0:
        return None
    return steps / progress.steps_per_second


def _bar(progress: Progress, width: int) -> RenderableType:
    share = _share_done(progress)
    bar_width = min(_WIDEST_BAR, max(4, width - 8))
    line = Table.grid(padding=(0, 1))
    line.add_row(ProgressBar(total=1.0, completed=share, width=bar_width, complete_style="cyan"), percent(share))
    return line


def _flow(parts: Sequence[str], width: int) -> list[str]:
    """Sets parts side by side and breaks lines only between them."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(_SEPARATOR) + len(part) <= width:
            lines[-1] += _SEPARATOR + part
        else:
            lines.append(part)
    return lines

"""Films two clips side by side, with A and B above them."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import Final

import numpy as np

from skillwright.envs import EnvCard
from skillwright.envs.rendering import Frame, encode_mp4, frames_per_second
from skillwright.rewards.preferences.episodes import Shelf
from skillwright.rewards.preferences.records import Clip, Pair
from skillwright.rewards.preferences.replaying import draw_clip

__all__ = ["film_pair", "side_by_side"]

_LETTERS: Final = {
    "A": (".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"),
    "B": ("####.", "#...#", "#...#", "####.", "#...#", "#...#", "####."),
}
"""Five by seven pixels each, so that no font is needed."""
_PIXEL: Final = 4
_MARGIN: Final = 8
_GAP: Final = 16
_PAPER: Final = 225
_INK: Final = 20
_SHOWN_TIMES: Final = 2
_PAUSE_S: Final = 0.6


def film_pair(card: EnvCard, shelf: Shelf, pair: Pair, place: Path) -> None:
    """Writes both clips of a pair as one video that shows them twice.

    Args:
        card: the world.
        shelf: holds the episodes.
        pair: the clips.
        place: where the mp4 goes.

    Raises:
        EnvError: the world cannot be drawn, or does not go the same way twice.
        MissingExtra: what drawing or encoding needs is not installed.
        StorageError: the video cannot be written.
    """

    def drawn(clip: Clip) -> list[Frame]:
        return draw_clip(card, shelf.episode(clip.episode), clip.start, clip.stop)

    rate = frames_per_second(card)
    shown = list(side_by_side(drawn(pair.a), drawn(pair.b)))
    once = [*shown, *repeat(shown[-1], round(rate * _PAUSE_S))]
    encode_mp4(chain.from_iterable(repeat(once, _SHOWN_TIMES)), frames_per_second=rate, path=place)


def side_by_side(a: Sequence[Frame], b: Sequence[Frame]) -> Iterator[Frame]:
    """Sets the frames of two clips side by side below their letters; the shorter one stands still at its end.

    Args:
        a: at least one frame.
        b: at least one frame of the same shape.
    """
    sides = [_header(letter, clip[0].shape[1]) for letter, clip in (("A", a), ("B", b))]
    height = sides[0].shape[0] + a[0].shape[0]
    gap = np.full((height, _GAP, 3), _PAPER, np.uint8)
    for position in range(max(len(a), len(b))):
        left, right = (
            np.concatenate([header, clip[min(position, len(clip) - 1)]])
            for header, clip in zip(sides, (a, b), strict=True)
        )
        yield np.concatenate([left, gap, right], axis=1)


def _header(letter: str, width: int) -> Frame:
    """Draws a letter in the middle of a strip as wide as a clip."""
    pixels = np.array([[dot == "#" for dot in row] for row in _LETTERS[letter]])
    ink = np.where(pixels, _INK, _PAPER).astype(np.uint8).repeat(_PIXEL, axis=0).repeat(_PIXEL, axis=1)
    strip = np.full((ink.shape[0] + 2 * _MARGIN, max(width, ink.shape[1]), 3), _PAPER, np.uint8)
    left = (strip.shape[1] - ink.shape[1]) // 2
    strip[_MARGIN : _MARGIN + ink.shape[0], left : left + ink.shape[1]] = ink[:, :, None]
    return strip[:, :width]

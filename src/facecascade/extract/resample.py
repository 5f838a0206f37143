"""Parts of a picture on a grid of another pitch, anywhere and of any size, with colour where the picture ends."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import SettingsError

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

BLACK: Final[Colour] = (0, 0, 0)
FILTER_REACH: Final = 3.0
"""How far the widest filter (Lanczos) looks to each side, in pixels of the picture or of a coarser grid."""
REDUCING_GAP: Final = 3.0
"""Whole pixels are averaged first as long as the grid stays this many times coarser than what that leaves."""
LEAST_SHOWN: Final = 4.0
"""A crop in which the whole picture would be smaller than this many pixels shows nothing, and stays empty."""


class Span(NamedTuple):
    """One axis of a grid: its pixels `first` to `last` touch the picture; they see `start` to `stop` of it."""

    first: int
    last: int
    start: int
    stop: int
    offset: float
    """Where grid pixel `first` begins, in pixels after `start`."""
    length: float
    """What grid pixels `first` to `last` cover, in pixels of the picture."""

    @property
    def empty(self) -> bool:
        """Whether the grid sees nothing of the picture."""
        return self.first >= self.last


def span(begin: float, pitch: float, *, size: int, length: int) -> Span:
    """Which pixels of a grid see the picture at all; the others need no work, nor memory for what is around it.

    Args:
        begin: where the grid begins, in pixels from the picture's edge.
        pitch: of the grid, in pixels of the picture.
        size: pixels of the grid.
        length: pixels of the picture along this axis.
    """
    reach = FILTER_REACH * max(pitch, 1.0)
    first = min(max(math.floor((-reach - begin) / pitch), 0), size)
    last = min(max(math.ceil((length + reach - begin) / pitch), 0), size)
    seen_from, seen_to = begin + first * pitch, begin + last * pitch
    start, stop = math.floor(seen_from - reach), math.ceil(seen_to + reach)
    return Span(first, last, start, stop, seen_from - start, seen_to - seen_from)


def resampled(
    picture: Pixels, rows: Span, columns: Span, *, fill: Colour = BLACK, sharp: bool = False, gap: float | None = None
) -> Pixels:
    """The pixels `first` to `last` of a grid whose axes are those of the picture, antialiased.

    Args:
        picture: (h, w, 3) uint8.
        rows: of the grid; not empty.
        columns: of the grid; not empty.
        fill: colour around the picture.
        sharp: Lanczos' filter, which passes more detail than the bicubic one.
        gap: average whole pixels first as long as the grid stays so many times coarser than what that leaves, which
            is faster where it is much coarser; by default never.
    """
    from PIL import Image

    seen = Image.fromarray(_window(picture, rows, columns, fill))
    # Pillow's filter looks beyond `box` into the rest of the window, so the edge is as exact as the middle.
    box = (columns.offset, rows.offset, columns.offset + columns.length, rows.offset + rows.length)
    wanted = (columns.last - columns.first, rows.last - rows.first)
    method = Image.Resampling.LANCZOS if sharp else Image.Resampling.BICUBIC
    return np.asarray(seen.resize(wanted, method, box=box, reducing_gap=gap))


def filled(height: int, width: int, fill: Colour) -> Pixels:
    """(height, width, 3) uint8 of one colour."""
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = fill
    return canvas


def colour(name: str) -> Colour:
    """Red, green and blue, 0 to 255, of a colour's name or of its code, such as "grey" or "#808080".

    Raises:
        SettingsError: nobody knows it.
    """
    from PIL import ImageColor

    try:
        red, green, blue = ImageColor.getrgb(name)[:3]
    except ValueError:
        raise SettingsError(f'expected a colour such as "black" or "#808080", got {name!r}') from None
    return red, green, blue


def check_picture(picture: Pixels) -> None:
    """Raises ValueError for an array that is no RGB picture of bytes."""
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError(f"expected a picture of shape (h, w, 3) and dtype uint8, got {picture.shape} {picture.dtype}")


def check_fill(fill: Any) -> None:
    """Raises SettingsError for a colour that is not three levels from 0 to 255."""
    levels = tuple(fill) if isinstance(fill, tuple | list) else ()
    if len(levels) != 3 or not all(type(level) is int and 0 <= level <= 255 for level in levels):
        raise SettingsError(f"expected a colour of three levels from 0 to 255, got {fill!r}")


def _window(picture: Pixels, rows: Span, columns: Span, fill: Colour) -> Pixels:
    """The part of the picture that the spans see, filled up where the picture ends."""
    height, width = picture.shape[:2]
    top, bottom = max(rows.start, 0), min(rows.stop, height)
    left, right = max(columns.start, 0), min(columns.stop, width)
    inside = picture[top:bottom, left:right]
    if (top, bottom, left, right) == (rows.start, rows.stop, columns.start, columns.stop):
        return np.ascontiguousarray(inside)
    window = filled(rows.stop - rows.start, columns.stop - columns.start, fill)
    window[top - rows.start : bottom - rows.start, left - columns.start : right - columns.start] = inside
    return window

"""Faces cut out of their picture: squares of one size, sampled where the boxes really lie."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.faces import Face, Faces

Pixels = NDArray[np.uint8]

DEFAULT_SIZE: Final = 160
"""Side of a crop in pixels: what FaceNet and most networks that recognise faces were trained on."""
DEFAULT_MARGIN: Final = 0.2
"""Share of the box's longer side added on each of the four sides: enough for hair, chin and ears."""
MAX_SIZE: Final = 4096
MAX_MARGIN: Final = 10.0

FILTER_REACH: Final = 2.0
"""How far the bicubic filter looks to each side, in pixels of the picture, or of the crop where that is coarser."""
LEAST_SHOWN: Final = 4.0
"""A crop in which the whole picture would be smaller than this many pixels shows nothing, and stays black."""


class Span(NamedTuple):
    """One axis of a crop: output pixels `first` to `last` touch the picture; they see `start` to `stop` of it."""

    first: int
    last: int
    start: int
    stop: int
    offset: float
    """Where output pixel `first` begins, in pixels after `start`."""
    length: float
    """What output pixels `first` to `last` cover, in pixels of the picture."""


def crop_faces(picture: Pixels, faces: Faces, *, size: int = DEFAULT_SIZE, margin: float = DEFAULT_MARGIN) -> Pixels:
    """A square crop around each face, in the order of `faces`.

    The square has the box's centre and its longer side, and grows by the margin; it may have any position and size in
    fractions of a pixel. Nothing is stretched or shifted: where the picture ends, the crop is black. Shrinking averages
    all pixels of the picture (an antialiased bicubic filter). A box without area, or so large that the whole picture
    would be a dot of less than 4 pixels in its crop, gives a black crop.

    Args:
        picture: (h, w, 3) uint8, RGB; it is not changed.
        faces: in pixels of that picture.
        size: side of each crop in pixels, 1 to 4096.
        margin: added on each side of the box, as a share of its longer side, 0 to 10.

    Returns:
        (n, size, size, 3) uint8.

    Raises:
        ValueError: `picture` has another shape or dtype.
        SettingsError: `size` or `margin` is out of range.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError(f"expected a picture of shape (h, w, 3) and dtype uint8, got {picture.shape} {picture.dtype}")
    check_crop(size=size, margin=margin)
    crops = np.zeros((len(faces), size, size, 3), np.uint8)
    for crop, face in zip(crops, faces, strict=True):
        _fill(crop, picture, face, margin)
    return crops


def check_crop(*, size: int, margin: float) -> None:
    """Raises SettingsError for a crop size or margin that cannot work."""
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_SIZE:
        raise SettingsError(f"expected a crop size of 1 to {MAX_SIZE} whole pixels, got {size!r}")
    if not 0 <= margin <= MAX_MARGIN:
        raise SettingsError(f"expected a margin of 0 to {MAX_MARGIN:g} box sides, got {margin!r}")


def square_around(face: Face, *, margin: float) -> tuple[float, float, float]:
    """Left, top and side in pixels of the square that `crop_faces` shows."""
    side = max(face.width, face.height) * (1 + 2 * margin)
    x, y = face.centre
    return x - side / 2, y - side / 2, side


def _fill(crop: Pixels, picture: Pixels, face: Face, margin: float) -> None:
    left, top, side = square_around(face, margin=margin)
    size = len(crop)
    if not (math.isfinite(left + top + side) and face.width > 0 and face.height > 0):
        return
    if max(picture.shape[:2]) * size < LEAST_SHOWN * side:
        return
    columns = _span(left, side / size, size=size, length=picture.shape[1])
    rows = _span(top, side / size, size=size, length=picture.shape[0])
    if columns.first < columns.last and rows.first < rows.last:
        crop[rows.first : rows.last, columns.first : columns.last] = _resample(picture, rows, columns)


def _span(begin: float, scale: float, *, size: int, length: int) -> Span:
    """Which output pixels see the picture at all; the others need no work, nor memory for the black around it."""
    reach = FILTER_REACH * max(scale, 1.0)
    first = min(max(math.floor((-reach - begin) / scale), 0), size)
    last = min(max(math.ceil((length + reach - begin) / scale), 0), size)
    seen_from, seen_to = begin + first * scale, begin + last * scale
    start, stop = math.floor(seen_from - reach), math.ceil(seen_to + reach)
    return Span(first, last, start, stop, seen_from - start, seen_to - seen_from)


def _resample(picture: Pixels, rows: Span, columns: Span) -> Pixels:
    from PIL import Image

    seen = Image.fromarray(_window(picture, rows, columns))
    # Pillow's filter looks beyond `box` into the rest of the window, so the crop's edge is as exact as its middle.
    box = (columns.offset, rows.offset, columns.offset + columns.length, rows.offset + rows.length)
    wanted = (columns.last - columns.first, rows.last - rows.first)
    return np.asarray(seen.resize(wanted, Image.Resampling.BICUBIC, box=box))


def _window(picture: Pixels, rows: Span, columns: Span) -> Pixels:
    """The part of the picture that the spans see, black where the picture ends."""
    height, width = picture.shape[:2]
    top, bottom = max(rows.start, 0), min(rows.stop, height)
    left, right = max(columns.start, 0), min(columns.stop, width)
    inside = picture[top:bottom, left:right]
    if (top, bottom, left, right) == (rows.start, rows.stop, columns.start, columns.stop):
        return np.ascontiguousarray(inside)
    window = np.zeros((rows.stop - rows.start, columns.stop - columns.start, 3), np.uint8)
    window[top - rows.start : bottom - rows.start, left - columns.start : right - columns.start] = inside
    return window

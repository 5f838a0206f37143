"""What a crop shows of a picture, antialiased, with colour where the picture ends."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.engines.core import native
from facecascade.errors import SettingsError

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]
Colour = tuple[int, int, int]

BLACK: Final[Colour] = (0, 0, 0)
LEAST_SHOWN: Final = 4.0
"""A crop in which the whole picture would be smaller than this many pixels shows nothing, and stays empty."""


def shown(picture: Pixels, back: Matrix, *, height: int, width: int, fill: Colour) -> Pixels:
    """(height, width, 3) uint8: what a crop shows of a picture; the fill where it shows nothing.

    Args:
        picture: (h, w, 3) uint8, strides of any kind.
        back: (2, 3), from points of the crop to points of the picture, both counted from their edges; it turns and
            scales. NaN and infinity show nothing.
        height: of the crop in pixels.
        width: of the crop in pixels.
        fill: colour around the picture.
    """
    (a, b, _), (c, d, _) = back.tolist()
    pitch = math.sqrt(abs(a * d - b * c))
    if not max(picture.shape[:2]) >= LEAST_SHOWN * pitch:
        return filled(height, width, fill)
    return native.warp(picture, np.ascontiguousarray(back), height, width, fill)


def filled(height: int, width: int, fill: Colour) -> Pixels:
    """(height, width, 3) uint8 of one colour."""
    return np.frombuffer(bytearray(fill) * (height * width), np.uint8).reshape(height, width, 3)


def colour(name: str) -> Colour:
    """Red, green and blue, 0 to 255, of a colour's name or of its code, such as "grey" or "#808080".

    Raises:
        SettingsError: nobody knows it.
    """
    if name == "black":  # which is asked for each time, and not worth loading Pillow
        return BLACK
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

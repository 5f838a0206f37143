"""Faces cut out of their picture along its rows: one size, sampled where the boxes really lie."""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple, get_args

import numpy as np

from facecascade.errors import SettingsError
from facecascade.extract.resample import (
    BLACK,
    Colour,
    Matrix,
    Pixels,
    check_fill,
    check_picture,
    shown,
)
from facecascade.faces import Face, Faces

Shape = Literal["square", "box"]

DEFAULT_SIZE: Final = 160
"""Side of a crop in pixels: what FaceNet and most networks that recognise faces were trained on."""
DEFAULT_MARGIN: Final = 0.2
"""Share of the box's longer side added on each of the four sides: enough for hair, chin and ears."""
MAX_SIZE: Final = 4096
MAX_MARGIN: Final = 10.0


class Window(NamedTuple):
    """What a crop shows: so many pixels of this pitch, from a point of the picture on."""

    left: float
    """In pixels from the picture's edge."""
    top: float
    pitch: float
    """Pixels of the picture for one of the crop."""
    width: int
    """Of the crop, in pixels."""
    height: int

    @property
    def matrix(self) -> Matrix:
        """(2, 3) float64: from points of the picture to points of the crop, both counted by pixel centres."""
        if not self.determined:
            return np.full((2, 3), np.nan)
        scale = 1 / self.pitch
        shift_x, shift_y = ((0.5 - begin) * scale - 0.5 for begin in (self.left, self.top))
        return np.array([[scale, 0, shift_x], [0, scale, shift_y]])

    @property
    def back(self) -> Matrix:
        """(2, 3) float64: from points of the crop to points of the picture, both counted from their edges."""
        if not self.determined:
            return np.full((2, 3), np.nan)
        return np.array([[self.pitch, 0, self.left], [0, self.pitch, self.top]])

    @property
    def determined(self) -> bool:
        """Whether there is an area to show."""
        return math.isfinite(self.left + self.top + self.pitch) and self.pitch > 0


def crop_faces(
    picture: Pixels, faces: Faces, *, size: int = DEFAULT_SIZE, margin: float = DEFAULT_MARGIN, fill: Colour = BLACK
) -> Pixels:
    """A square crop around each face, in the order of `faces`.

    The square has the box's centre and its longer side, and grows by the margin; it may have any position and size in
    fractions of a pixel. Nothing is stretched or shifted: where the picture ends, the crop is filled up. Shrinking
    averages all pixels of the picture (an antialiased bicubic filter). A box without area, or so large that the whole
    picture would be a dot of less than 4 pixels in its crop, gives an empty crop.

    Args:
        picture: (h, w, 3) uint8, RGB; it is not changed.
        faces: in pixels of that picture.
        size: side of each crop in pixels, 1 to 4096.
        margin: added on each side of the box, as a share of its longer side, 0 to 10.
        fill: colour around the picture, three levels from 0 to 255.

    Returns:
        (n, size, size, 3) uint8.

    Raises:
        ValueError: `picture` has another shape or dtype.
        SettingsError: `size`, `margin` or `fill` is out of range.
    """
    crops = box_crops(picture, faces, size=size, margin=margin, shape="square", fill=fill)
    return np.stack(crops) if crops else np.zeros((0, size, size, 3), np.uint8)


def box_crops(
    picture: Pixels,
    faces: Faces,
    *,
    size: int = DEFAULT_SIZE,
    margin: float = DEFAULT_MARGIN,
    shape: Shape = "box",
    fill: Colour = BLACK,
) -> list[Pixels]:
    """A crop around each face that keeps the shape of its box, or the squares of `crop_faces`; see there.

    Args:
        picture: (h, w, 3) uint8, RGB; it is not changed.
        faces: in pixels of that picture.
        size: longer side of each crop in pixels, 1 to 4096; the shorter one follows, at least 1.
        margin: added on each side, 0 to 10: as a share of the box's longer side for a square, else as a share of its
            width to the left and right and of its height above and below, so that the shape stays.
        shape: "box" or "square".
        fill: colour around the picture.

    Returns:
        n arrays (height, width, 3) uint8, the longer side being `size`.

    Raises:
        ValueError: `picture` has another shape or dtype.
        SettingsError: an argument is out of range.
    """
    check_picture(picture)
    check_crop(size=size, margin=margin, shape=shape)
    check_fill(fill)
    return [cut_out(picture, window_around(face, size=size, margin=margin, shape=shape), fill=fill) for face in faces]


def check_crop(*, size: int, margin: float, shape: Shape = "square") -> None:
    """Raises SettingsError for a crop size, margin or shape that cannot work."""
    check_size(size)
    if not 0 <= margin <= MAX_MARGIN:
        raise SettingsError(f"expected a margin of 0 to {MAX_MARGIN:g} box sides, got {margin!r}")
    if shape not in get_args(Shape):
        raise SettingsError(f'expected shape "square" or "box", got {shape!r}')


def check_size(size: int) -> None:
    """Raises SettingsError for a crop size that cannot work."""
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_SIZE:
        raise SettingsError(f"expected a crop size of 1 to {MAX_SIZE} whole pixels, got {size!r}")


def square_around(face: Face, *, margin: float) -> tuple[float, float, float]:
    """Left, top and side in pixels of the square that `crop_faces` shows."""
    side = max(face.width, face.height) * (1 + 2 * margin)
    x, y = face.centre
    return x - side / 2, y - side / 2, side


def window_around(face: Face, *, size: int, margin: float, shape: Shape) -> Window:
    """What the crop of a face shows; for a box without area a square that is not determined."""
    longer, shorter = max(face.width, face.height), min(face.width, face.height)
    if not (math.isfinite(sum(face.box)) and shorter > 0):
        return Window(math.nan, math.nan, math.nan, size, size)
    pitch = longer * (1 + 2 * margin) / size
    less = size if shape == "square" else max(round(size * shorter / longer), 1)
    width, height = (size, less) if face.width == longer else (less, size)
    x, y = face.centre
    return Window(x - width * pitch / 2, y - height * pitch / 2, pitch, width, height)


def cut_out(picture: Pixels, window: Window, *, fill: Colour = BLACK) -> Pixels:
    """(window.height, window.width, 3) uint8: what the window shows of the picture."""
    return shown(picture, window.back, height=window.height, width=window.width, fill=fill)

"""Faces hidden in a copy of their picture, so that nobody can be recognised: `redact_faces`.

A blur as editors know it, a convolution, leaves what it smooths in the picture, only smaller: an inverse filter brings
much of it back. Here nothing is there to be brought back. Whatever the style, the pixels of a face are first replaced
by the averages of a few cells, `Redaction.cells` across the face, and only these are shown, as squares or smoothly.
What a face can still tell is the averages: at the default 9 colours, and some around them. That is less than anyone
needs to know a stranger, but a program that has photographs of a few hundred candidates may guess better than chance,
and many frames of one video tell more than one. "cover" tells nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.faces import Face, Faces

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]
Colour = tuple[int, int, int]
Style = Literal["blur", "pixelate", "cover"]
Outline = Literal["ellipse", "box"]

DEFAULT_MARGIN: Final = 0.2
"""With it the ellipse touches the corners of the box, which it would cut off without: .5 * sqrt 2 is .7."""
DEFAULT_CELLS: Final = 3
"""Each eye shares a cell with its brow and cheek, and the mouth has one with the chin: no part of a face has a size, a
shape or a colour of its own any more. At 5, shown smoothly, people who know a face recognise it."""
MOST_CELLS: Final = 16
"""Published attacks put names to faces of as many cells in more than half of the cases."""
MAX_MARGIN: Final = 10.0
FEATHER: Final = 0.1
"""Of the way from the edge to the centre of a blurred shape: where the picture fades into it. It lies in the margin."""


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """How faces are hidden.

    Attributes:
        style: "blur" and "pixelate" show the averages of a few cells, smoothly or as squares; "cover" one colour.
        shape: "ellipse" or "box".
        margin: added on each side of the box, as a share of its width and height, 0 to 10.
        cells: across the shorter side of the box, 1 to 16: the fewer, the less is left of the face.
        colour: of "cover", three levels from 0 to 255.

    Raises:
        SettingsError: a value cannot work.
    """

    style: Style = "blur"
    shape: Outline = "ellipse"
    margin: float = DEFAULT_MARGIN
    cells: int = DEFAULT_CELLS
    colour: Colour = (0, 0, 0)

    def __post_init__(self) -> None:
        if self.style not in get_args(Style):
            raise SettingsError(f'expected style "blur", "pixelate" or "cover", got {self.style!r}')
        if self.shape not in get_args(Outline):
            raise SettingsError(f'expected shape "ellipse" or "box", got {self.shape!r}')
        if not 0 <= self.margin <= MAX_MARGIN:
            raise SettingsError(f"expected a margin of 0 to {MAX_MARGIN:g} box sides, got {self.margin!r}")
        if isinstance(self.cells, bool) or not isinstance(self.cells, int) or not 1 <= self.cells <= MOST_CELLS:
            raise SettingsError(
                f"expected 1 to {MOST_CELLS} cells across a face, got {self.cells!r}: with more it could be recognised"
            )
        if len(self.colour) != 3 or not all(0 <= level <= 255 for level in self.colour):
            raise SettingsError(f"expected a colour of three levels from 0 to 255, got {self.colour!r}")


DEFAULT: Final = Redaction()


class _Area(NamedTuple):
    """What is hidden of one face: the shape's edges, and the whole pixels of the picture that it touches."""

    edges: tuple[float, float, float, float]
    left: int
    top: int
    right: int
    bottom: int

    @property
    def empty(self) -> bool:
        return self.left >= self.right or self.top >= self.bottom


def redact_faces(picture: Pixels, faces: Faces, *, redaction: Redaction = DEFAULT) -> Pixels:
    """A copy of the picture in which the faces cannot be recognised.

    Outside the shapes every pixel keeps its bits. Boxes may overlap and go beyond the picture; a box without area, or
    with a number that is not finite, hides nothing.

    Args:
        picture: (h, w, 3) uint8, RGB; it is not changed.
        faces: in pixels of that picture.
        redaction: how they are hidden.

    Returns:
        (h, w, 3) uint8.

    Raises:
        ValueError: `picture` has another shape or dtype.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError(f"expected a picture of shape (h, w, 3) and dtype uint8, got {picture.shape} {picture.dtype}")
    canvas = picture.copy()
    # The coarsest cells come on top: a small box inside a large face would show more of it than the large one.
    for face in reversed(list(faces.sorted("size"))):
        area = _area(face, redaction.margin, picture.shape)
        if not area.empty:
            _hide(canvas, picture, face, area, redaction)
    return canvas


def _area(face: Face, margin: float, shape: tuple[int, ...]) -> _Area:
    x1, y1, x2, y2 = face.box
    if not (math.isfinite(sum(face.box)) and x2 > x1 and y2 > y1):
        return _Area(face.box, 0, 0, 0, 0)
    across, down = margin * (x2 - x1), margin * (y2 - y1)
    edges = (x1 - across, y1 - down, x2 + across, y2 + down)
    height, width = shape[:2]
    left, right = math.floor(min(max(edges[0], 0), width)), math.ceil(min(max(edges[2], 0), width))
    top, bottom = math.floor(min(max(edges[1], 0), height)), math.ceil(min(max(edges[3], 0), height))
    return _Area(edges, left, top, right, bottom)


def _hide(canvas: Pixels, picture: Pixels, face: Face, area: _Area, redaction: Redaction) -> None:
    inside = (slice(area.top, area.bottom), slice(area.left, area.right))
    hidden = _hidden(picture[inside], face, redaction)
    opacity = _opacity(area, redaction)[..., np.newaxis]
    tile = canvas[inside]
    mixed = tile + (hidden - tile.astype(np.float32)) * opacity
    tile[...] = np.where(opacity > 0, np.rint(mixed), tile).astype(np.uint8)


def _hidden(tile: Pixels, face: Face, redaction: Redaction) -> Plane:
    """What is shown in place of the tile."""
    if redaction.style == "cover":
        return np.array(redaction.colour, np.float32).reshape(1, 1, 3)
    from PIL import Image

    height, width = tile.shape[:2]
    cell = min(face.width, face.height) / redaction.cells
    grid = (max(1, round(width / cell)), max(1, round(height / cell)))
    averages = Image.fromarray(np.ascontiguousarray(tile)).resize(
        (min(grid[0], width), min(grid[1], height)), Image.Resampling.BOX
    )
    smooth = redaction.style == "blur"
    shown = averages.resize((width, height), Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST)
    return np.asarray(shown).astype(np.float32)


def _opacity(area: _Area, redaction: Redaction) -> Plane:
    """How much of what is hidden shows, (rows, columns): 0 outside the shape, 1 in it but for a blur's soft edge."""
    x1, y1, x2, y2 = area.edges
    # Centres of the pixels, -1 to 1 from edge to edge; in float64, since boxes may be far larger than the picture.
    x = (np.arange(area.left, area.right) + 0.5 - (x1 + x2) / 2) / ((x2 - x1) / 2)
    y = (np.arange(area.top, area.bottom) + 0.5 - (y1 + y2) / 2) / ((y2 - y1) / 2)
    across, down = np.abs(x)[np.newaxis, :], np.abs(y)[:, np.newaxis]
    out = np.hypot(across, down) if redaction.shape == "ellipse" else np.maximum(across, down)
    if redaction.style == "blur":
        # No wider than the margin: a pixel of the box's middle must not shine through.
        feather = min(FEATHER, redaction.margin / (1 + 2 * redaction.margin))
        if feather > 0:
            soft: Plane = np.clip((1 - out) / feather, 0, 1).astype(np.float32)
            return soft
    hard: Plane = (out < 1).astype(np.float32)
    return hard

"""Faces drawn into a copy of their picture: a box and five points a face.

Lines and points are antialiased by their distance to the ideal shape, so that boxes lie where the detector put them, to
a fraction of a pixel, and their weight follows the size of the picture and of the face.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.faces import Face, Faces

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]

BOX_COLOUR: Final[Colour] = (60, 255, 130)
"""Spring green: rare in skin, hair, cloth and sky, and light enough to be read by the colour-blind."""
POINT_COLOUR: Final[Colour] = (255, 235, 60)
"""Yellow, so that the points of a small face do not melt into its box."""
OUTLINE_COLOUR: Final[Colour] = (12, 16, 20)
"""Nearly black, around every line and point: one of the two stands out on any background."""
OUTLINE_OPACITY: Final = 0.7


class _Style(NamedTuple):
    """Sizes in pixels of what is drawn for one face."""

    line: float
    outline: float
    point: float
    corner: float


@dataclass(frozen=True)
class _RoundedBox:
    """A rectangle with round corners; `distance` is negative inside it."""

    box: tuple[float, float, float, float]
    radius: float

    def distance(self, x: Plane, y: Plane) -> Plane:
        """Signed distance in pixels of each (x, y) from the edge, (rows, columns)."""
        x1, y1, x2, y2 = self.box
        across = np.abs(x - (x1 + x2) / 2) - ((x2 - x1) / 2 - self.radius)
        down = np.abs(y - (y1 + y2) / 2) - ((y2 - y1) / 2 - self.radius)
        outside = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
        distance: Plane = outside + np.minimum(np.maximum(across, down), 0) - np.float32(self.radius)
        return distance


def draw_faces(
    picture: Pixels,
    faces: Faces,
    *,
    scores: bool = False,
    box_colour: Colour = BOX_COLOUR,
    point_colour: Colour = POINT_COLOUR,
) -> Image.Image:
    """A copy of the picture with a box around each face and a point on each of its landmarks.

    Args:
        picture: (h, w, 3) uint8, RGB; it is not changed.
        faces: in pixels of that picture; what lies outside it is left out.
        scores: whether to write the score of each face beside its box.
        box_colour: RGB of the boxes and scores, 0 to 255.
        point_colour: RGB of the landmarks, 0 to 255.

    Returns:
        An RGB picture of the same size.

    Raises:
        ValueError: `picture` has another shape or dtype.
    """
    from PIL import Image

    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ValueError(f"expected a picture of shape (h, w, 3) and dtype uint8, got {picture.shape} {picture.dtype}")
    canvas = picture.copy()
    drawn = [(face, _style(face, picture.shape)) for face in faces if np.isfinite(face.box).all()]
    drawn.reverse()  # the best face comes first in `faces`, and so on top here
    for face, style in drawn:
        _draw_box(canvas, face, style, box_colour)
    for face, style in drawn:
        _draw_points(canvas, face, style, point_colour)
    image = Image.fromarray(canvas)
    if scores:
        for face, style in drawn:
            _draw_score(image, face, style, box_colour)
    return image


def drawn_faces(picture: Pixels, faces: Faces, *, scores: bool = False) -> Pixels:
    """The same as pixels, (h, w, 3) uint8; see `draw_faces`."""
    return np.asarray(draw_faces(picture, faces, scores=scores))


def _style(face: Face, shape: tuple[int, ...]) -> _Style:
    """Weights that look alike when pictures of any size are shown at one size, and that leave small faces visible."""
    scale = math.sqrt(shape[0] * shape[1])
    side = max(min(face.width, face.height), 0.0)
    line = max(min(max(side / 24, scale / 900), scale / 320), 1.4)
    point = max(min(max(side / 30, scale / 900), scale / 150), 1.3)
    return _Style(line=line, outline=max(line * 0.33, 0.9), point=point, corner=min(side * 0.06, side / 2))


def _draw_box(canvas: Pixels, face: Face, style: _Style, colour: Colour) -> None:
    x1, y1, x2, y2 = face.box
    shape = _RoundedBox((x1, y1, x2, y2), style.corner)
    # Only the frame is visited, in four strips that do not overlap: the inside of a large face is most of a picture.
    reach = style.line / 2 + style.outline + style.corner + 1
    middle_top, middle_bottom = min(y1 + reach, (y1 + y2) / 2), max(y2 - reach, (y1 + y2) / 2)
    middle_left, middle_right = min(x1 + reach, (x1 + x2) / 2), max(x2 - reach, (x1 + x2) / 2)
    for strip in (
        (x1 - reach, y1 - reach, x2 + reach, middle_top),
        (x1 - reach, middle_top, middle_left, middle_bottom),
        (middle_right, middle_top, x2 + reach, middle_bottom),
        (x1 - reach, middle_bottom, x2 + reach, y2 + reach),
    ):
        _stroke(canvas, shape, strip, style, colour)


def _stroke(
    canvas: Pixels,
    shape: _RoundedBox,
    strip: tuple[float, float, float, float],
    style: _Style,
    colour: Colour,
) -> None:
    tile, x, y = _tile(canvas, strip)
    if tile.size:
        distance = np.abs(shape.distance(x, y)) - np.float32(style.line / 2)
        _paint(tile, distance, style.outline, colour)


def _draw_points(canvas: Pixels, face: Face, style: _Style, colour: Colour) -> None:
    if face.landmarks is None:
        return
    reach = style.point + style.outline + 1
    for px, py in face.landmarks.tolist():
        if math.isfinite(px) and math.isfinite(py):
            tile, x, y = _tile(canvas, (px - reach, py - reach, px + reach, py + reach))
            _paint(
                tile, np.hypot(x - np.float32(px), y - np.float32(py)) - np.float32(style.point), style.outline, colour
            )


def _tile(canvas: Pixels, area: tuple[float, float, float, float]) -> tuple[Pixels, Plane, Plane]:
    """The part of the canvas whose pixel centres lie in the area, and these centres: x (1, columns), y (rows, 1)."""
    height, width = canvas.shape[:2]
    left, right = (round(min(max(value, 0), width)) for value in (area[0], area[2]))
    top, bottom = (round(min(max(value, 0), height)) for value in (area[1], area[3]))
    x = np.arange(left, right, dtype=np.float32) + np.float32(0.5)
    y = np.arange(top, bottom, dtype=np.float32) + np.float32(0.5)
    return canvas[top:bottom, left:right], x[np.newaxis, :], y[:, np.newaxis]


def _paint(tile: Pixels, distance: Plane, outline: float, colour: Colour) -> None:
    """Colours what has a negative distance, and darkens `outline` pixels around it; both with soft edges."""
    dark = np.clip(0.5 - (distance - np.float32(outline)), 0, 1) * np.float32(OUTLINE_OPACITY)
    bright = np.clip(0.5 - distance, 0, 1)
    mixed = _blend(_blend(tile.astype(np.float32), OUTLINE_COLOUR, dark), colour, bright)
    tile[...] = np.rint(mixed).astype(np.uint8)


def _blend(pixels: Plane, colour: Colour, opacity: Plane) -> Plane:
    return pixels + (np.array(colour, np.float32) - pixels) * opacity[..., np.newaxis]


def _draw_score(image: Image.Image, face: Face, style: _Style, colour: Colour) -> None:
    """Writes the score on a dark plate above the box, or below its upper edge where the picture ends."""
    from PIL import Image, ImageDraw

    font = _font(max(9.0, min(face.height / 6, math.sqrt(image.width * image.height) / 50)))
    text = f"{face.score:.3f}"
    left, top, right, bottom = font.getbbox(text)
    pad = max(2, round((bottom - top) * 0.25))
    width, height = math.ceil(right - left) + 2 * pad, math.ceil(bottom - top) + 2 * pad
    edge = style.line / 2 + style.outline
    x, y = face.box[0] - edge, face.box[1] - edge - height
    if y < 0:
        y = face.box[1] + edge
    corner = (round(min(max(x, 0), max(image.width - width, 0))), round(min(max(y, 0), max(image.height - height, 0))))
    plate = Image.new("RGB", (width, height), OUTLINE_COLOUR)
    image.paste(plate, corner, Image.new("L", plate.size, round(255 * OUTLINE_OPACITY)))
    ImageDraw.Draw(image).text((corner[0] + pad - left, corner[1] + pad - top), text, fill=colour, font=font)


def _font(size: float) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)

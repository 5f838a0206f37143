"""The stages of the cascade as pictures: a `Study` drawn.

    study = detector.study(picture)
    draw_pyramid(study).save("pyramid.png")
    draw_heat(study).save("heat.png")
    draw_windows(picture, study.windows).save("windows.png")
    draw_look(study.rnet).save("rnet.png")

Scores have one scale of colours everywhere, from dark violet at 0 to light yellow at 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.draw import BOX_COLOUR, POINT_COLOUR
from facecascade.extract.labels import Lettering
from facecascade.faces import Faces
from facecascade.settings import CELL, STRIDE
from facecascade.study import Level, Look, Study

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageDraw import ImageDraw

Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]

BACKGROUND: Final[Colour] = (26, 28, 31)
TEXT: Final[Colour] = (205, 208, 212)
REFUSED: Final[Colour] = (240, 90, 90)
"""Frame of a crop that does not pass; one that passes has the green of boxes."""
SCALE: Final = np.array([[30, 22, 70], [108, 38, 128], [212, 72, 90], [252, 160, 50], [255, 246, 170]], np.float64)
"""Colours of scores 0, 1/4, ... 1: they grow lighter all the way, so that they can be told apart without hues too."""
GAP: Final = 10
LETTERS: Final = 15
LINE: Final = 20
"""Height of a line of letters, in pixels."""
ZOOM: Final = 5
"""Side of a pixel of a level's best window, as it is drawn."""
FINE: Final = 3
"""Lines are drawn at this many times the size and then shrunk, which makes them smooth."""


def score_colours(scores: NDArray[np.float32]) -> Pixels:
    """Colour of each score, (..., 3) uint8 RGB; scores (...), 0 to 1."""
    place = np.clip(scores, 0, 1) * (len(SCALE) - 1)
    channels = [np.interp(place, np.arange(len(SCALE)), channel) for channel in SCALE.T]
    colours: Pixels = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return colours


def draw_pyramid(study: Study) -> Image.Image:
    """The levels of the image pyramid at their size, and below each the pixels of P-Net's best window in it, enlarged.

    Returns:
        An RGB picture. Below each level stands which side of a face, in pixels of the picture, its window is looking
        for; below the window its score.
    """
    from PIL import Image

    if not study.levels:
        return _said("no level: the picture is smaller than min_face_size")
    columns = [_column(level, height=study.levels[0].pixels.shape[0]) for level in study.levels]
    size = (GAP + sum(column.width + GAP for column in columns), columns[0].height + GAP)
    sheet = Image.new("RGB", size, BACKGROUND)
    left = GAP
    for column in columns:
        sheet.paste(column, (left, GAP))
        left += column.width + GAP
    return sheet


def draw_heat(study: Study, *, columns: int = 4, levels: int = 8, width: int = 240) -> Image.Image:
    """P-Net's map of each level over the level: each place has the colour of the window around it.

    Args:
        study: what to draw.
        columns: levels in one row.
        levels: how many are drawn, the largest first.
        width: of each in pixels.
    """
    from PIL import Image

    plates = []
    for level in study.levels[:levels]:
        height = round(width * level.pixels.shape[0] / level.pixels.shape[1])
        shown = Image.fromarray(_heated(level)).resize((width, height), Image.Resampling.NEAREST)
        plates.append((shown, f"{CELL / level.scale:.0f} px: {len(level.windows)} windows"))
    return side_by_side(plates, columns=columns) if plates else _said("no level")


def draw_windows(picture: Pixels, faces: Faces, *, width: int | None = None) -> Image.Image:
    """The picture, dimmed, with boxes in the colours of their scores, the best on top, and the landmarks if there are.

    Args:
        picture: (h, w, 3) uint8 RGB.
        faces: boxes of any stage, in pixels of that picture.
        width: of the result in pixels; by default that of the picture.
    """
    from PIL import Image, ImageDraw

    scale = 1.0 if width is None else width / picture.shape[1]
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    dim = Image.fromarray((picture.astype(np.float32) * 0.55).astype(np.uint8))
    image = dim.resize((size[0] * FINE, size[1] * FINE), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    worst_first = np.argsort(faces.scores, kind="stable")
    for box, colour in zip(faces.boxes[worst_first], score_colours(faces.scores[worst_first]), strict=True):
        corners = [float(value) * scale * FINE for value in box]
        if corners[0] < corners[2] and corners[1] < corners[3]:
            pen.rectangle(corners, outline=_rgb(colour), width=round(1.5 * FINE))
    if faces.landmarks is not None:
        for x, y in (faces.landmarks.reshape(-1, 2) + 0.5).tolist():  # points count from the centre of a pixel
            _dot(pen, x * scale * FINE, y * scale * FINE, radius=2.5 * FINE)
    return image.resize(size, Image.Resampling.LANCZOS)


def draw_look(look: Look, *, limit: int = 40, columns: int = 10, side: int = 88) -> Image.Image:
    """Crops as a network saw them, best score first, with their scores; framed in green where they passed, else in red.

    Args:
        look: of R-Net or O-Net; O-Net's landmarks are drawn.
        limit: how many crops at the most; of more, evenly spaced ones by rank, the best and the worst among them.
        columns: crops in one row.
        side: of a crop in pixels, as drawn.
    """
    ranked = np.argsort(-look.squares.scores, kind="stable")
    if len(ranked) > limit:
        ranked = ranked[np.linspace(0, len(ranked) - 1, limit).round().astype(int)]
    plates = [(_framed(look, int(k), side=side), f"{look.squares.scores[k]:.3f}") for k in ranked]
    return side_by_side(plates, columns=columns) if plates else _said("no crops")


def side_by_side(plates: Sequence[tuple[Image.Image, str]], *, columns: int) -> Image.Image:
    """Pictures in rows on a dark sheet, each with a line below it; cells have the size of the largest picture.

    Raises:
        ValueError: there are no pictures.
    """
    from PIL import Image, ImageDraw

    if not plates:
        raise ValueError("expected at least one picture, got none")
    columns = min(columns, len(plates))
    width, height = (max(getattr(image, side) for image, _ in plates) for side in ("width", "height"))
    rows = math.ceil(len(plates) / columns)
    size = (GAP + columns * (width + GAP), GAP + rows * (height + LINE + GAP))
    sheet = Image.new("RGB", size, BACKGROUND)
    pen = ImageDraw.Draw(sheet)
    for place, (image, text) in enumerate(plates):
        row, column = divmod(place, columns)
        left, top = GAP + column * (width + GAP), GAP + row * (height + LINE + GAP)
        sheet.paste(image, (left + (width - image.width) // 2, top + (height - image.height) // 2))
        _write(pen, text, middle=(left + width // 2, top + height + LINE // 2 + 2))
    return sheet


def best_window(level: Level) -> tuple[int, int]:
    """Row and column of the highest probability in P-Net's map of this level."""
    row, column = np.unravel_index(np.argmax(level.probability), level.probability.shape)
    return int(row), int(column)


def _column(level: Level, *, height: int) -> Image.Image:
    """A level at the foot of `height` pixels, its face size, its best window and that one's score."""
    from PIL import Image, ImageDraw

    side = CELL * ZOOM
    width = max(level.pixels.shape[1], side)
    column = Image.new("RGB", (width, height + side + 2 * LINE + GAP), BACKGROUND)
    pen = ImageDraw.Draw(column)
    place, (y, x) = best_window(level), (STRIDE * step for step in best_window(level))
    left, top = (width - level.pixels.shape[1]) // 2, height - level.pixels.shape[0]
    column.paste(Image.fromarray(level.pixels), (left, top))
    pen.rectangle((left + x - 1, top + y - 1, left + x + CELL, top + y + CELL), outline=BOX_COLOUR)
    seen = Image.fromarray(level.pixels[y : y + CELL, x : x + CELL]).resize((side, side), Image.Resampling.NEAREST)
    column.paste(seen, ((width - side) // 2, height + LINE + GAP))
    _write(pen, f"{CELL / level.scale:.0f} px", middle=(width // 2, height + (LINE + GAP) // 2))
    _write(pen, f"{level.probability[place]:.3f}", middle=(width // 2, column.height - LINE // 2))
    return column


def _heated(level: Level) -> Pixels:
    """The level in grey, coloured where P-Net sees a face: each of its windows colours the stride around its middle."""
    grey = level.pixels.astype(np.float32).mean(axis=2, keepdims=True) * 0.6
    height, width = level.pixels.shape[:2]
    first = (CELL - STRIDE) // 2
    heat = np.zeros((height, width), np.float32)
    spread = level.probability.repeat(STRIDE, axis=0).repeat(STRIDE, axis=1)[: height - first, : width - first]
    heat[first : first + spread.shape[0], first : first + spread.shape[1]] = spread
    opacity = np.sqrt(heat)[..., None]
    mixed: Pixels = np.rint(grey * (1 - opacity) + score_colours(heat) * opacity).astype(np.uint8)
    return mixed


def _framed(look: Look, k: int, *, side: int) -> Image.Image:
    from PIL import Image, ImageDraw

    crop = Image.fromarray(look.crops[k]).resize((side * FINE, side * FINE), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(crop)
    if look.squares.landmarks is not None:
        x1, y1, x2, _ = look.squares.boxes[k]
        for x, y in ((look.squares.landmarks[k] + 0.5 - (x1, y1)) / (x2 - x1) * side * FINE).tolist():
            _dot(pen, x, y, radius=max(2.5, side / 60) * FINE)
    colour = BOX_COLOUR if look.passed[k] else REFUSED
    pen.rectangle((0, 0, crop.width - 1, crop.height - 1), outline=colour, width=2 * FINE)
    return crop.resize((side, side), Image.Resampling.LANCZOS)


def _dot(pen: ImageDraw, x: float, y: float, *, radius: float) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=POINT_COLOUR, outline=(12, 16, 20), width=FINE)


def _write(pen: ImageDraw, text: str, *, middle: tuple[int, int]) -> None:
    pen.text(middle, text, fill=TEXT, font=Lettering(size=LETTERS).font, anchor="mm")


def _said(text: str) -> Image.Image:
    """A small picture that says why there is nothing to see."""
    from PIL import Image, ImageDraw

    sheet = Image.new("RGB", (2 * GAP + round(Lettering(size=LETTERS).width(text)), 2 * GAP + LINE), BACKGROUND)
    _write(ImageDraw.Draw(sheet), text, middle=(sheet.width // 2, sheet.height // 2))
    return sheet


def _rgb(colour: NDArray[np.uint8]) -> Colour:
    red, green, blue = colour.tolist()
    return red, green, blue

"""Pictures to measure: the sample scene at any size, and crowds of as many faces as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from benchmarks.data import Picture, load_rgb
from scripts.sample_pictures import SOURCES, sample_pictures

CROWD_SIZE: Final = (1080, 1920)
"""(height, width) in pixels of a crowd."""
CELL: Final = (54, 40)
"""(height, width) in pixels of one of its places; the face is a little more than half as wide."""
MARGIN: Final = 0.35
"""What a place shows round the face, in sides of its box."""
MOST: Final = (CROWD_SIZE[0] // CELL[0]) * (CROWD_SIZE[1] // CELL[1])
"""Places of a crowd."""


def group(pixels: float) -> Picture:
    """The sample scene, (h, w, 3), with about this many pixels."""
    with Image.open(sample_pictures()["group"]) as scene:
        scale = (pixels / (scene.width * scene.height)) ** 0.5
        size = round(scene.width * scale), round(scene.height * scale)
        return np.asarray(scene.convert("RGB").resize(size, Image.Resampling.LANCZOS))


def crowd(count: int, *, busts: Sequence[Picture] | None = None) -> Picture:
    """So many faces of some 22 pixels on a grey wall, spread evenly over its places, (1080, 1920, 3).

    Args:
        count: faces, from 0 to `MOST`.
        busts: pictures of a place's size that take turns; None for the sample portraits and their mirror pictures.

    Raises:
        ValueError: more faces than places.
    """
    if not 0 <= count <= MOST:
        raise ValueError(f"expected 0 to {MOST} faces, got {count}")
    shown = portraits() if busts is None else busts
    wall = np.full((*CROWD_SIZE, 3), 160, np.uint8)
    columns = CROWD_SIZE[1] // CELL[1]
    for i in range(count):
        row, column = divmod(i * MOST // count, columns)
        y, x = row * CELL[0], column * CELL[1]
        wall[y : y + CELL[0], x : x + CELL[1]] = shown[i % len(shown)]
    return wall


def portraits() -> list[Picture]:
    """The sample portraits and their mirror pictures, cut round the face and shrunk to a place of a crowd."""
    paths = sample_pictures()
    pictures = [_cut(load_rgb(paths[name]), source.face) for name, source in SOURCES.items()]
    return [np.asarray(one) for picture in pictures for one in (picture, ImageOps.mirror(picture))]


def _cut(picture: Picture, face: tuple[int, int, int, int]) -> Image.Image:
    """The face's box and `MARGIN` round it, in the shape of a place: as much higher as that is, downwards."""
    x1, _, x2, y2 = face
    side = (x2 - x1) * (1 + 2 * MARGIN)
    left, height = (x1 + x2 - side) / 2, side * CELL[0] / CELL[1]
    top = (face[1] + y2 - height) / 2
    whole = Image.fromarray(picture)
    box = (max(left, 0), max(top, 0), min(left + side, whole.width), min(top + height, whole.height))
    return whole.resize((CELL[1], CELL[0]), Image.Resampling.LANCZOS, box=box)

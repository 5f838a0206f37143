"""A picture with faces in it that is drawn by arithmetic, for checks that need no file: `sample_picture`."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

BACKGROUND: Final[Colour] = (120, 135, 150)
HEADS: Final = ((10, 10, 128), (20, 160, 64), (20, 240, 40), (120, 160, 90), (160, 30, 56))
"""Top, left and side of the squares that hold a head, in pixels."""


def sample_picture() -> NDArray[np.uint8]:
    """(240, 320, 3) uint8 RGB: five drawn heads, of which every one is a face to the bundled weights."""
    picture = np.full((240, 320, 3), BACKGROUND, np.uint8)
    for top, left, side in HEADS:
        picture[top : top + side, left : left + side] = _head(side)
    return picture


def _head(side: int) -> NDArray[np.uint8]:
    """(side, side, 3): hair, skin, eyes with brows, cheeks, nose and mouth; places are shares of half the side."""
    canvas = _Canvas(side)
    canvas.ellipse((0, -0.25), (0.72, 0.85), (60, 40, 30))
    canvas.ellipse((0, 0.05), (0.58, 0.78), (224, 172, 140))
    for turn in (-1, 1):
        canvas.ellipse((turn * 0.25, -0.1), (0.15, 0.075), (120, 80, 65))
        canvas.ellipse((turn * 0.25, -0.09), (0.07, 0.05), (40, 25, 20))
        canvas.ellipse((turn * 0.25, -0.25), (0.17, 0.035), (80, 50, 40))
        canvas.ellipse((turn * 0.3, 0.2), (0.15, 0.15), (225, 140, 120), strength=0.4)
    canvas.ellipse((0, 0.1), (0.05, 0.22), (240, 195, 165), strength=0.5)
    canvas.ellipse((0, 0.26), (0.11, 0.045), (150, 95, 80), strength=0.6)
    canvas.ellipse((0, 0.46), (0.2, 0.06), (165, 70, 70), strength=0.9)
    canvas.ellipse((0, 0.56), (0.16, 0.03), (170, 115, 95), strength=0.4)
    head: NDArray[np.uint8] = np.rint(canvas.pixels).astype(np.uint8)
    return head


class _Canvas:
    """A square on which soft ellipses are laid over each other."""

    def __init__(self, side: int) -> None:
        self._side = side
        self._y, self._x = (np.mgrid[:side, :side] + 0.5) * 2 / side - 1
        self.pixels = np.zeros((side, side, 3)) + np.array(BACKGROUND)

    def ellipse(
        self, centre: tuple[float, float], radii: tuple[float, float], colour: Colour, *, strength: float = 1
    ) -> None:
        """An ellipse whose edge is about as soft as a lens makes it."""
        across, down = (
            (at - middle) / radius for at, middle, radius in zip((self._x, self._y), centre, radii, strict=True)
        )
        inside = (1 - np.hypot(across, down)) * max(radii) * self._side * 3 / 8
        cover = strength / (1 + np.exp(-inside))[..., None]
        self.pixels = self.pixels * (1 - cover) + np.array(colour) * cover

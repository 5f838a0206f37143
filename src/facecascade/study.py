"""All that one pass of the cascade sees and says, for people who study it: more than a `Trace`, and slower to get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecascade.faces import Faces
from facecascade.trace import Trace


@dataclass(frozen=True, eq=False)
class Level:
    """One level of the image pyramid, and what P-Net says of it.

    Attributes:
        scale: of the level; P-Net's window of 12 pixels is one of `12 / scale` pixels in the picture.
        pixels: (h, w, 3) uint8 RGB, the picture at this scale.
        probability: (h', w') float32, P-Net's map: that the window at row y and column x, which sees pixels 2 x to
            2 x + 11 of the level, holds a face; h' = ceil(h / 2) - 5.
        windows: those at or above the first threshold, row by row, before any suppression and any regression.
        kept: of these, what suppression within the level leaves, row by row.
    """

    scale: float
    pixels: NDArray[np.uint8]
    probability: NDArray[np.float32]
    windows: Faces
    kept: Faces


@dataclass(frozen=True, eq=False)
class Look:
    """What R-Net or O-Net was shown, and what it said.

    Attributes:
        crops: (n, side, side, 3) uint8 RGB; the network itself is shown them before rounding.
        squares: where they lie, with the network's probability of a face as scores, and O-Net's landmarks of each.
        passed: (n,) bool, which are above the threshold.
    """

    crops: NDArray[np.uint8]
    squares: Faces
    passed: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Study:
    """The path of one picture through the cascade, with everything on its way; boxes in pixels of the upright picture.

    Attributes:
        levels: of the image pyramid, the largest first.
        kept: windows of all levels that suppression leaves, best first: `trace.proposals` before their regression.
        rnet: what R-Net was shown: `trace.proposals`, a little tightened in the geometry "subpixel".
        onet: what O-Net was shown, from `trace.refined` likewise; None after two stages.
        trace: what `MTCNN.trace` returns.
    """

    levels: tuple[Level, ...]
    kept: Faces
    rnet: Look
    onet: Look | None
    trace: Trace

    @property
    def windows(self) -> Faces:
        """The windows of all levels at or above the first threshold, before any suppression, level by level."""
        parts = [level.windows for level in self.levels]
        if not parts:
            return Faces.empty(landmarks=False)
        return Faces(np.concatenate([part.boxes for part in parts]), np.concatenate([part.scores for part in parts]))

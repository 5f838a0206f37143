"""P-Net's windows of one level of a bucket: where they lie, and which are near each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecascade.engines.keras.boxes import placed
from facecascade.engines.reference import Geometry
from facecascade.settings import CELL, NMS_WITHIN_LEVEL, STRIDE, level_size


@dataclass(frozen=True)
class Windows:
    """Where the windows of one level lie, for every picture of a bucket.

    Attributes:
        scale: of the level.
        cells: height and width of the bucket's level in pixels.
        rows: (h', 2) float64, where the windows of each row of the map begin and end in the picture.
        columns: (w', 2) float64, the same of each column.
    """

    scale: float
    cells: tuple[int, int]
    rows: NDArray[np.float64]
    columns: NDArray[np.float64]

    @classmethod
    def of(cls, bucket: tuple[int, int], scale: float, geometry: Geometry) -> Windows:
        """Those of a bucket (height, width)."""
        cells = level_size(*bucket, scale)
        height, width = (np.arange(map_side(side), dtype=np.float64) for side in cells)
        nothing = np.zeros_like
        rows = geometry.windows(nothing(height), height, scale)[:, 1::2]
        columns = geometry.windows(width, nothing(width), scale)[:, ::2]
        return cls(scale, cells, rows, columns)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.rows) * len(self.columns)

    @property
    def boxes(self) -> NDArray[np.float32]:
        """(count, 6), row by row, as of `facecascade.engines.keras.boxes`."""
        y, x = np.meshgrid(np.arange(len(self.rows)), np.arange(len(self.columns)), indexing="ij")
        rows, columns = self.rows[y.ravel()], self.columns[x.ravel()]
        return placed(np.stack([columns[:, 0], rows[:, 0], columns[:, 1], rows[:, 1]], axis=1))

    def near(self, geometry: Geometry) -> NDArray[np.int64]:
        """(count, k): for each window those that it can suppress, or be suppressed by; -1 where there are fewer."""
        reach = self._reach(geometry)
        height, width = len(self.rows), len(self.columns)
        row, column = np.arange(height)[:, None], np.arange(width)
        found = []
        for down in range(-reach, reach + 1):
            for right in range(-reach, reach + 1):
                where = self._overlap(down, right, geometry) > NMS_WITHIN_LEVEL
                if (down, right) != (0, 0) and where.any():
                    found.append(np.where(where, (row + down) * width + column + right, -1).ravel())
        return np.stack(found, axis=1) if found else np.zeros((self.count, 0), np.int64)

    def _reach(self, geometry: Geometry) -> int:
        """Windows further apart than this share less than a third of their sides, whatever rounding does."""
        side = (geometry.window[1] - geometry.window[0]) / self.scale + geometry.last
        return math.floor((side / 3 + 2 * geometry.whole) * self.scale / STRIDE) + 1

    def _overlap(self, down: int, right: int, geometry: Geometry) -> NDArray[np.float64]:
        """IoU of each window with the one so many rows and columns on, (h', w'); 0 where there is none."""
        tall, both_tall = _along(self.rows, down, geometry.last)
        wide, both_wide = _along(self.columns, right, geometry.last)
        shared = both_tall[:, None] * both_wide[None, :]
        one = tall[0][:, None] * wide[0][None, :]
        other = tall[1][:, None] * wide[1][None, :]
        return shared / (one + other - shared)


def _along(
    places: NDArray[np.float64], step: int, last: int
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]:
    """Along one axis: lengths of each window and of the one `step` on, and what they share."""
    at = np.arange(len(places)) + step
    there = (at >= 0) & (at < len(places))
    other = places[np.clip(at, 0, len(places) - 1)]
    shared = np.minimum(places[:, 1], other[:, 1]) - np.maximum(places[:, 0], other[:, 0]) + last
    lengths = (places[:, 1] - places[:, 0] + last, other[:, 1] - other[:, 0] + last)
    return lengths, np.where(there, np.maximum(shared, 0), 0)


def map_side(side: int) -> int:
    """Windows along a side of a level in pixels; 0 if none fits."""
    return max(-(-(side - 2) // 2) - 4, 0) if side >= CELL else 0

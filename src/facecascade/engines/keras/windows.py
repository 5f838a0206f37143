"""P-Net over a level: the map of its windows, and which of them stay in the level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecascade.backend import keras
from facecascade.engines.keras.boxes import settle
from facecascade.engines.reference import Geometry
from facecascade.settings import CELL, NMS_WITHIN_LEVEL, STRIDE, level_size

ops = keras.ops


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
        """(count, 4), row by row."""
        y, x = np.meshgrid(np.arange(len(self.rows)), np.arange(len(self.columns)), indexing="ij")
        rows, columns = self.rows[y.ravel()], self.columns[x.ravel()]
        return np.stack([columns[:, 0], rows[:, 0], columns[:, 1], rows[:, 1]], axis=1).astype(np.float32)

    def near(self, geometry: Geometry) -> dict[tuple[int, int], NDArray[np.bool_] | None]:
        """Steps (rows, columns) to the windows that one can suppress, or be suppressed by.

        Returns:
            For each step, where it suppresses: (h', w') by the window that is stepped from; None for everywhere.
        """
        reach = self._reach(geometry)
        found: dict[tuple[int, int], NDArray[np.bool_] | None] = {}
        for down in range(-reach, reach + 1):
            for right in range(-reach, reach + 1):
                if (down, right) == (0, 0):
                    continue
                where = self._overlap(down, right, geometry) > NMS_WITHIN_LEVEL
                pairs = (len(self.rows) - abs(down)) * (len(self.columns) - abs(right))
                if where.any():
                    found[down, right] = None if where.sum() == pairs else where
        return found

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


class Scanner:
    """P-Net for levels that are larger than what they hold: no pool reads what is not there.

    Args:
        model: from `facecascade.networks.PNet`.
    """

    def __init__(self, model: Any) -> None:
        pool = model.get_layer("pool1")
        self._first = keras.Model(model.input, model.get_layer("prelu1").output)
        self._pool = pool
        self._rest = keras.Model(pool.output, [model.get_layer(name).output for name in ("score", "box")])

    def __call__(self, pixels: Any, sizes: Any) -> tuple[Any, Any, Any]:
        """Levels (b, h, w, 3), 0 to 255, of which (b, 2) `sizes` are there.

        Returns:
            Logit of a face (b, h', w'), regression (b, h', w', 4), and which of the windows are there (b, h', w').
        """
        x = self._first((pixels - 127.5) / 128)  # (b, h - 2, w - 2, 10)
        x = ops.where(_inside(sizes - 2, x.shape[1:3])[..., None], x, -1e30)
        x = self._pool(x)
        pooled = (sizes - 1) // 2  # ceil((side - 2) / 2)
        x = ops.where(_inside(pooled, x.shape[1:3])[..., None], x, 0.0)
        score, regression = self._rest(x)
        there = _inside(ops.where(sizes >= CELL, pooled - 4, 0), score.shape[1:3])
        return score[..., 1] - score[..., 0], regression, there


def _inside(sizes: Any, shape: tuple[int, int]) -> Any:
    """(b, 2) -> (b, *shape) bool: which cells of a map are there."""
    rows = ops.arange(shape[0], dtype="int32")[None, :, None] < sizes[:, 0][:, None, None]
    columns = ops.arange(shape[1], dtype="int32")[None, None, :] < sizes[:, 1][:, None, None]
    return rows & columns


def kept_in_level(logits: Any, candidates: Any, near: dict[tuple[int, int], NDArray[np.bool_] | None]) -> Any:
    """Non-maximum suppression within a level, on its map: (b, h', w') twice -> (b, h', w') bool.

    Windows of a level have one size, so only those a few steps away can suppress one; of equal ones the earlier stays.
    """
    scores = ops.where(candidates, logits, -float("inf"))
    beaten = []
    for (down, right), where in near.items():
        other = _shifted(scores, down, right, fill=-float("inf"))
        better = other >= scores if (down, right) < (0, 0) else other > scores
        beaten.append(((down, right), better if where is None else better & where))

    def rounds(keep: Any) -> Any:
        gone = ops.zeros_like(keep)
        for (down, right), better in beaten:
            gone = gone | (better & _shifted(keep, down, right, fill=False))
        return candidates & ~gone

    return settle(rounds, candidates)


def _shifted(maps: Any, down: int, right: int, *, fill: float | bool) -> Any:
    """(b, h, w) -> (b, h, w): at each place what is so many rows and columns on; `fill` beyond the edge."""
    height, width = maps.shape[1:]
    padded = ops.pad(
        maps,
        [(0, 0), (max(-down, 0), max(down, 0)), (max(-right, 0), max(right, 0))],
        constant_values=fill,
    )
    top, left = max(down, 0), max(right, 0)
    return padded[:, top : top + height, left : left + width]

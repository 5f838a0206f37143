"""All levels of a pyramid side by side on one sheet, so that P-Net runs once and not level by level: `Sheet`.

Levels lie at even places, so that the pool's windows are theirs; what lies between them, and where a picture is smaller
than its bucket, is masked. Windows are numbered by level, row and column, the order in which ties are settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecascade.backend import keras
from facecascade.engines.keras.windows import Windows, map_side
from facecascade.engines.reference import Geometry

ops = keras.ops
Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class Sheet:
    """Where the levels of a bucket lie.

    Attributes:
        levels: the windows of each level.
        shelves: numbers of the levels that stand side by side, shelf by shelf.
        places: top and left of each level in pixels, even numbers.
        size: height and width in pixels, even numbers.
    """

    levels: tuple[Windows, ...]
    shelves: tuple[tuple[int, ...], ...]
    places: tuple[tuple[int, int], ...]
    size: tuple[int, int]

    @classmethod
    def of(cls, bucket: tuple[int, int], scales: Sequence[float], geometry: Geometry) -> Sheet:
        """That of a bucket (height, width); each level goes to the first shelf where it fits."""
        levels = tuple(Windows.of(bucket, scale, geometry) for scale in scales)
        sides = [(_even(height), _even(width)) for height, width in (level.cells for level in levels)]
        across = sides[0][1]
        shelves: list[list[int]] = []
        for k, (_, width) in enumerate(sides):
            fitting = (shelf for shelf in shelves if sum(sides[other][1] for other in shelf) + width <= across)
            shelf = next(fitting, None)
            if shelf is None:
                shelves.append([k])
            else:
                shelf.append(k)
        places, top = {}, 0
        for shelf in shelves:
            left = 0
            for k in shelf:
                places[k] = (top, left)
                left += sides[k][1]
            top += sides[shelf[0]][0]
        return cls(levels, tuple(map(tuple, shelves)), tuple(places[k] for k in range(len(levels))), (top, across))

    def composed(self, levels: Sequence[Any]) -> Any:
        """Levels (b, h, w, 3) -> the sheet (b, *size, 3); what is between them is 0."""
        rows = []
        for shelf in self.shelves:
            height = _even(self.levels[shelf[0]].cells[0])
            parts = [_padded(levels[k], height, _even(self.levels[k].cells[1])) for k in shelf]
            together = parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=2)
            rows.append(_padded(together, height, self.size[1]))
        return rows[0] if len(rows) == 1 else ops.concatenate(rows, axis=1)

    @cached_property
    def pixels(self) -> Numbers:
        """(*size, 3): of each pixel its level, row and column there; between levels the number after the last."""
        table = np.zeros((*self.size, 3), np.int32)
        table[..., 0] = len(self.levels)
        for k, (level, (top, left)) in enumerate(zip(self.levels, self.places, strict=True)):
            height, width = level.cells
            rows, columns = np.mgrid[:height, :width]
            table[top : top + height, left : left + width] = np.stack([np.full_like(rows, k), rows, columns], axis=-1)
        return table

    @cached_property
    def windows(self) -> Numbers:
        """(n, 3): level, row and column of each window."""
        return np.concatenate([_grid(k, level) for k, level in enumerate(self.levels)])

    @cached_property
    def spots(self) -> Numbers:
        """(n,): where each window is on the map of the sheet, row by row."""
        level, row, column = self.windows.T
        places = np.array(self.places, np.int32)[level] // 2
        spots: Numbers = (places[:, 0] + row) * map_side(self.size[1]) + places[:, 1] + column
        return spots

    @cached_property
    def boxes(self) -> NDArray[np.float32]:
        """(n, 6): the box of each window, as of `facecascade.engines.keras.boxes`."""
        return np.concatenate([level.boxes for level in self.levels])

    def near(self, geometry: Geometry) -> Numbers:
        """(n, k): the windows of its level that one can suppress, or be suppressed by; n where there are fewer."""
        tables, first, total = [], 0, len(self.windows)
        for level in self.levels:
            table = level.near(geometry)
            tables.append(np.where(table < 0, total, table + first))
            first += level.count
        most = max(1, *(table.shape[1] for table in tables))
        padded = [np.pad(t, [(0, 0), (0, most - t.shape[1])], constant_values=total) for t in tables]
        return np.concatenate(padded).astype(np.int32)


def _grid(k: int, level: Windows) -> Numbers:
    row, column = np.meshgrid(np.arange(len(level.rows)), np.arange(len(level.columns)), indexing="ij")
    return np.stack([np.full_like(row, k), row, column], axis=-1).reshape(-1, 3).astype(np.int32)


def _even(side: int) -> int:
    return side + side % 2


def _padded(maps: Any, height: int, width: int) -> Any:
    """(b, h, w, 3) -> (b, height, width, 3): zeros below and to the right."""
    missing = height - maps.shape[1], width - maps.shape[2]
    return ops.pad(maps, [(0, 0), (0, missing[0]), (0, missing[1]), (0, 0)]) if any(missing) else maps

"""How much boxes overlap, and which of one list belong to which of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def iou(first: ArrayLike, second: ArrayLike, *, extra: float = 0.0) -> Floats:
    """Intersection over union of every box of one list with every box of another.

    Args:
        first: (n, 4) x1 y1 x2 y2 in pixels.
        second: (m, 4), likewise.
        extra: pixels added to each width and height; 1 where x2 and y2 name the last pixel inside the box.

    Returns:
        (n, m) float64, 0 to 1; 0 where both boxes are empty.
    """
    a, b = _boxes(first)[:, None], _boxes(second)[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]) + extra
    common = np.prod(np.maximum(sides, 0), axis=-1)
    union = _area(a, extra) + _area(b, extra) - common
    ratio: Floats = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return ratio


def match_greedily(overlap: Floats, *, least: float) -> list[tuple[int, int]]:
    """Pairs of rows and columns, the largest overlap first, each row and each column in one pair at most.

    Args:
        overlap: (n, m), as `iou` returns it.
        least: the overlap that a pair must reach.

    Returns:
        (row, column) of each pair, by falling overlap; equal overlaps by row, then column.
    """
    rows, columns = np.nonzero(overlap >= least)
    order = np.argsort(-overlap[rows, columns], kind="stable")
    pairs: list[tuple[int, int]] = []
    used_rows: set[int] = set()
    used_columns: set[int] = set()
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in used_rows and column not in used_columns:
            pairs.append((row, column))
            used_rows.add(row)
            used_columns.add(column)
    return pairs


def _boxes(values: ArrayLike) -> Floats:
    boxes = np.asarray(values, np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"expected boxes of shape (n, 4), got {boxes.shape}: no boxes are np.zeros((0, 4))")
    return boxes


def _area(boxes: Floats, extra: float) -> Floats:
    area: Floats = np.prod(np.maximum(boxes[..., 2:] - boxes[..., :2] + extra, 0), axis=-1)
    return area

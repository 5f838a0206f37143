"""Levels of the image pyramid as ONNX: which there are, `scales`, and each of them, exact to the byte, `level`.

An axis of a level is cut into blocks of `BLOCK` cells. A block sees the few pixels under it, so a level is a batch of
small matrix products and not one that is mostly zeros.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from facecascade.engines.reference import PYRAMID_BITS, ROW_BITS
from facecascade.export.onnx.graph import END, Value
from facecascade.settings import CELL, Settings

BLOCK: Final = 8
"""Cells of one block."""
LONGEST: Final = 2**24
"""No picture has a longer side in pixels."""


def scales(picture: Value, settings: Settings) -> Value:
    """(levels,) float64: scale of each level of a picture (h, w, 3), the same numbers as `Settings.scales`."""
    shrunk = [settings.scale_factor**k for k in range(_most_levels(settings))]
    powers = picture.graph.constant(shrunk, np.float64)
    side = picture.size(0).at_most(picture.size(1)).cast(np.float64)
    first = CELL / settings.min_face_size
    return picture.graph.constant([first * power for power in shrunk], np.float64).where(
        powers * side >= settings.min_face_size
    )


def _most_levels(settings: Settings) -> int:
    return max(1, 1 + math.ceil(math.log(settings.min_face_size / LONGEST, settings.scale_factor)))


def level(planes: Value, scale: Value) -> Value:
    """One level by area average.

    Args:
        planes: (3, h, w) float32, 0 to 255.
        scale: (1,) float64.

    Returns:
        (1, 3, h', w') float32, whole numbers from 0 to 255.
    """
    size = planes.graph.join([planes.size(1), planes.size(2)], axis=0)
    cells = (size.cast(np.float64) * scale).ceil().cast(np.int64)
    height, width = cells.split(1, 1, axis=0)
    # In float32 the sums over a column are exact: the weights sum to 2 ** 16, so that they stay below 2 ** 24.
    tall = _weighed(planes, height, np.float32, axis=1)  # (3, blocks, BLOCK, w)
    tall = _rounded(tall.reshape(3, -1, planes.size(2)).part(0, height, axis=1), bits=PYRAMID_BITS - ROW_BITS)
    columns = tall.reshape(height * 3, planes.size(2)).transpose(1, 0).cast(np.float64)  # (w, 3 h')
    wide = _weighed(columns, width, np.float64, axis=0)  # (blocks, BLOCK, 3 h')
    wide = _rounded(wide, bits=PYRAMID_BITS + ROW_BITS).cast(np.float32).reshape(-1, height * 3).part(0, width)
    return wide.transpose(1, 0).reshape(1, 3, height, width)


def _rounded(sums: Value, *, bits: int) -> Value:
    return (sums * 2.0**-bits + 0.5).floor()


def _weighed(lines: Value, cells: Value, dtype: type, *, axis: int) -> Value:
    """Lines (..., size, k) -> (..., blocks, BLOCK, k): the weighted sum of the lines under each cell of an axis."""
    graph = lines.graph
    size = lines.size(axis)
    step = size.cast(np.float64) / cells.cast(np.float64)
    half = step.at_least(1) / 2
    taps = ((step * (BLOCK - 1) + half * 2).ceil().cast(np.int64) + 1).at_most(size)
    number = graph.range(graph.shape(0), (cells + (BLOCK - 1)) / BLOCK).unsqueeze(1)  # (blocks, 1)
    centre = ((number * BLOCK + np.arange(BLOCK)).cast(np.float64) + 0.5) * step  # (blocks, BLOCK)
    starts = (centre.part(0, 1, axis=1) - half).floor().cast(np.int64).at_least(0).at_most(size - taps)
    edges = starts + graph.range(graph.shape(0), taps + 1)  # (blocks, taps + 1)
    seen = lines.take(edges.part(0, -1, axis=1), axis=axis)  # (..., blocks, taps, k)
    return _weights(edges, centre, half, size).cast(dtype) @ seen


def _weights(edges: Value, centre: Value, half: Value, size: Value) -> Value:
    """(blocks, BLOCK, taps) float64: whole numbers, the differences of what a cell covers up to each edge."""
    graph = edges.graph
    at = edges.unsqueeze(1)  # (blocks, 1, taps + 1)
    first = (centre - half).unsqueeze(2)  # (blocks, BLOCK, 1)
    below = ((at.cast(np.float64) - first) / (half * 2)).at_least(0).at_most(1)
    total = (below * 2.0**PYRAMID_BITS + 0.5).floor()
    total = graph.choose(at >= size, 2.0**PYRAMID_BITS, graph.choose(at <= 0, 0, total))
    return total.part(1, END, axis=2) - total.part(0, -1, axis=2)

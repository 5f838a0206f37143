"""Crops on the device: the picture inside any box, each cell the exact mean of the pixels it covers.

An integral image holds the sum of all pixels above and left of each corner, in whole numbers. A crop reads it at the
corners of the pixels in which its cells begin and end, twice a cell along each axis: between two of them lies one
pixel, or pixels that one cell covers whole. So a crop costs the same whether a cell covers one pixel or a thousand, and
two matrix products weigh what is between the corners. Sums wrap around at 2 ** 32, and so do their differences, which
are exact.
"""

from __future__ import annotations

from typing import Any

from facecascade.backend import keras
from facecascade.engines.reference import Geometry

ops = keras.ops

FAR = 1e6
"""No box reaches further from the picture than this, in pixels, as far as its crop is concerned."""
WIDE = 1.5
"""Pixels from which the edges of cells are in pixels of their own, whatever rounding does; else 2 side + 1 are all."""
TINY = 1e-30
"""What stands for the width of a cell of a box that has none, whose crop is 0 anyway."""


def integral(pictures: Any) -> Any:
    """(b, h, w, 3) uint8 -> (b, h + 1, w + 1, 3) int32: sums of all pixels above and left of each corner."""
    padded = ops.pad(ops.cast(pictures, "int32"), [(0, 0), (1, 0), (1, 0), (0, 0)])
    return ops.cumsum(ops.cumsum(padded, axis=1), axis=2)


def crops(sums: Any, sizes: Any, owner: Any, boxes: Any, *, side: int, geometry: Geometry) -> Any:
    """The pictures inside boxes, 0 to 255, not rounded; 0 outside the picture.

    Args:
        sums: (b, h + 1, w + 1, 3) int32, from `integral`.
        sizes: (b, 2) int32, height and width of each picture in its bucket.
        owner: (m,) int32, the picture of each box.
        boxes: (m, 6) float32, as of `facecascade.engines.keras.boxes`.
        side: of a crop in pixels.
        geometry: what the numbers of a box mean.

    Returns:
        (m, side, side, 3) float32.
    """
    size = ops.take(sizes, owner, axis=0)  # (m, 2)
    least = 0.0 if geometry.whole else 1.0
    origin, near, far = ops.cast(boxes[:, :2], "int32"), boxes[:, 2:4] - geometry.last, boxes[:, 4:]
    columns, across = _axis(origin[:, 0], near[:, 0], far[:, 0], size[:, 1], side=side, least=least)
    rows, down = _axis(origin[:, 1], near[:, 1], far[:, 1], size[:, 0], side=side, least=least)
    at = (owner[:, None, None] * sums.shape[1] + rows[:, :, None]) * sums.shape[2] + columns[:, None, :]
    corners = ops.take(ops.reshape(sums, (-1, 3)), at, axis=0)  # (m, k, k, 3), k corners along an axis
    lines = corners[:, 1:] - corners[:, :-1]
    parts = ops.cast(lines[:, :, 1:] - lines[:, :, :-1], "float32")  # (m, k - 1, k - 1, 3), whole numbers
    count = parts.shape[1]
    tall = ops.matmul(down, ops.reshape(parts, (-1, count, count * 3)))  # (m, side, (k - 1) 3)
    turned = ops.transpose(ops.reshape(tall, (-1, side, count, 3)), (0, 2, 1, 3))
    both = ops.matmul(across, ops.reshape(turned, (-1, count, side * 3)))  # (m, side, side 3), columns first
    pixels = ops.transpose(ops.reshape(both, (-1, side, side, 3)), (0, 2, 1, 3))
    there = ops.all(far > near, axis=-1)
    return ops.where(there[:, None, None, None], pixels, 0.0)


def _axis(origin: Any, start: Any, stop: Any, size: Any, *, side: int, least: float) -> tuple[Any, Any]:
    """Along one axis: the corners at which the cells between `start` and `stop` read, and the weights between them.

    Both are counted from the pixel `origin`, and what follows from the whole pixel of the box's start, which keeps all
    digits of the rest. Cells that are wide enough have their edges in pixels of their own; smaller ones read all pixels
    under the box one by one.

    Returns:
        (m, k) int32, corners inside the picture; (m, side, k - 1) float32, what each cell has of the mean between two.
    """
    start, stop = ops.clip(start, -FAR, FAR), ops.clip(stop, -FAR, FAR)
    base = ops.floor(start)
    step = ((stop - start) / side)[:, None]
    half = ops.maximum(step, least) / 2
    centre = (start - base)[:, None] + (ops.arange(side, dtype="float32") + 0.5) * step
    low, high = centre - half, centre + half  # (m, side)
    edges = ops.floor(ops.concatenate([low, high[:, -1:]], axis=1))  # (m, side + 1)
    wide = ops.reshape(ops.stack([edges, edges + 1.0], axis=2), (-1, 2 * side + 2))
    narrow = edges[:, :1] + ops.arange(2 * side + 2, dtype="float32")
    corners = ops.where(step >= WIDE, wide, narrow)  # (m, k)
    first, last = corners[:, None, :-1], corners[:, None, 1:]
    shared = ops.minimum(high[..., None], last) - ops.maximum(low[..., None], first)  # (m, side, k - 1)
    shared = ops.maximum(shared, 0.0)
    # Divided by what they sum to, and not by the width of a cell, whose rounding would make a crop brighter or darker.
    total = ops.maximum(ops.sum(shared, axis=-1, keepdims=True), TINY)
    weights = shared / ops.maximum(last - first, 1.0) / total
    inside = ops.clip(origin[:, None] + ops.cast(base[:, None] + corners, "int32"), 0, size[:, None])
    return inside, weights

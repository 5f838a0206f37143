"""Crops on the device: the picture inside any box, each cell the exact mean of the pixels it covers.

An integral image holds the sum of all pixels above and left of each corner, in whole numbers. What a cell with
fractional edges covers is a rectangle of whole pixels and strips along its edges, each of them four numbers of the
integral image, so that a cell costs the same whether it covers one pixel or a thousand. Sums wrap around at 2 ** 32,
and so do their differences: they are exact.
"""

from __future__ import annotations

from typing import Any

from facecascade.backend import keras
from facecascade.engines.reference import Geometry

ops = keras.ops

FAR = 1e6
"""No box reaches further from the picture than this, in pixels, as far as its crop is concerned."""


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
        boxes: (m, 4) float32.
        side: of a crop in pixels.
        geometry: what the numbers of a box mean.

    Returns:
        (m, side, side, 3) float32.
    """
    size = ops.take(sizes, owner, axis=0)  # (m, 2)
    least = 0.0 if geometry.whole else 1.0
    near = boxes[:, :2] - geometry.last
    columns, across, wide = _cells(near[:, 0], boxes[:, 2], size[:, 1], side=side, least=least)
    rows, down, tall = _cells(near[:, 1], boxes[:, 3], size[:, 0], side=side, least=least)
    at = (owner[:, None, None] * sums.shape[1] + rows[:, :, None]) * sums.shape[2] + columns[:, None, :]
    corners = ops.take(ops.reshape(sums, (-1, 3)), at, axis=0)  # (m, 4 side, 4 side, 3)
    parts = _parts(_parts(corners, 1), 2)  # (m, 3 side, 3 side, 3), exact
    parts = ops.reshape(ops.cast(parts, "float32"), (-1, 3, side, 3, side, 3))
    share = ops.reshape(down, (-1, 3, side, 1, 1, 1)) * ops.reshape(across, (-1, 1, 1, 3, side, 1))
    area = ops.reshape(wide * tall, (-1, 1, 1, 1))
    pixels = ops.sum(parts * share, axis=(1, 3))  # (m, side, side, 3)
    there = ops.all(boxes[:, 2:] > near, axis=-1)
    return ops.where(there[:, None, None, None], pixels / ops.where(area > 0, area, 1.0), 0.0)


def _cells(start: Any, stop: Any, size: Any, *, side: int, least: float) -> tuple[Any, Any, Any]:
    """Where the cells between `start` and `stop` begin and end in an integral image.

    Coordinates are split into the whole pixel of the box's start and the rest, which keeps all digits of the rest.

    Returns:
        (m, 4 side) int32: the corner before the start of each cell, the one after it, and both of its end;
        (m, 3, side) float32: what counts of the whole pixels, of the pixel at the end, and of the one at the start;
        (m,) float32: width of a cell.
    """
    start, stop = ops.clip(start, -FAR, FAR), ops.clip(stop, -FAR, FAR)
    base = ops.floor(start)
    step = (stop - start) / side
    half = ops.maximum(step, least) / 2
    centre = (start - base)[:, None] + (ops.arange(side, dtype="float32") + 0.5) * step[:, None]
    first, before = _corner(base, centre - half[:, None], size)
    last, behind = _corner(base, centre + half[:, None], size)
    limit = size[:, None]
    corners = ops.concatenate([first, ops.minimum(first + 1, limit), last, ops.minimum(last + 1, limit)], axis=1)
    return corners, ops.stack([ops.ones_like(before), behind, -before], axis=1), 2 * half


def _corner(base: Any, place: Any, size: Any) -> tuple[Any, Any]:
    """Last corner of a pixel at or before a place, inside the picture, and how far behind it the place is."""
    whole = ops.floor(place)
    corner = ops.cast(base[:, None] + whole, "int32")
    inside = (corner >= 0) & (corner < size[:, None])
    return ops.clip(corner, 0, size[:, None]), ops.where(inside, place - whole, 0.0)


def _parts(corners: Any, axis: int) -> Any:
    """Along one axis, four corners of each cell -> its whole pixels, the pixel at its end, and the one at its start."""
    first, second, third, fourth = ops.split(corners, 4, axis=axis)
    return ops.concatenate([third - first, fourth - third, second - first], axis=axis)

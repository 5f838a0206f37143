"""Boxes on the device: how much they overlap, which of them stay, where they move; the first axis is that of pictures.

The rules are those of `facecascade.engines.reference`; shapes are fixed, and what is missing is masked.

A box is six numbers: x and y of a whole pixel near it, and from there x1 y1 x2 y2. Counted from the picture's corner,
float32 would keep .0001 pixel of a place on the right of a large picture, which is enough to swap two boxes of a face.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecascade.backend import keras
from facecascade.engines.reference import Geometry

ops = keras.ops


TILE = 512
"""Boxes that are compared with all others at a time: memory grows with their number and not with its square."""


def overlaps(boxes: Any, others: Any, *, geometry: Geometry, smaller: bool = False) -> Any:
    """(b, n, 6), (b, m, 6) -> (b, n, m): intersection of each two over their union, or over the area of the smaller."""
    one, other = boxes[:, :, None], others[:, None]
    apart = other[..., :2] - one[..., :2]  # (b, n, m, 2), whole numbers
    near = ops.maximum(one[..., 2:4], other[..., 2:4] + apart)
    far = ops.minimum(one[..., 4:], other[..., 4:] + apart)
    across = ops.maximum(far - near + geometry.last, 0.0)
    shared = across[..., 0] * across[..., 1]  # (b, n, m)
    area, areas = _areas(boxes, geometry)[:, :, None], _areas(others, geometry)[:, None, :]
    whole = ops.minimum(area, areas) if smaller else area + areas - shared
    return ops.where(shared > 0, shared / ops.where(shared > 0, whole, 1.0), 0.0)


def _areas(boxes: Any, geometry: Geometry) -> Any:
    """(..., 6) -> (...)."""
    extent = sides(boxes, geometry=geometry)
    return extent[..., 0] * extent[..., 1]


def sides(boxes: Any, *, geometry: Geometry) -> Any:
    """(..., 6) -> (..., 2): width and height."""
    return boxes[..., 4:] - boxes[..., 2:4] + geometry.last


def best_first(scores: Any) -> Any:
    """(b, n) -> (b, n) int32: positions by score, of equal ones the earlier first."""
    return ops.cast(ops.argsort(-scores, axis=-1), "int32")


def kept_first(keep: Any) -> Any:
    """(b, n) bool -> (b, n) int32: positions of those that stay, in their order, then the others."""
    count = keep.shape[-1]
    late = ops.arange(count, dtype="int32") + ops.where(keep, 0, count)  # all different, so any sort will do
    return ops.cast(ops.argsort(late, axis=-1), "int32")


def pick(values: Any, positions: Any) -> Any:
    """(b, n, ...) at (b, m) -> (b, m, ...)."""
    more = len(values.shape) - len(positions.shape)
    where = ops.reshape(positions, (*positions.shape, *[1] * more))
    return ops.take_along_axis(values, ops.broadcast_to(where, (*positions.shape, *values.shape[2:])), axis=1)


def suppress(boxes: Any, present: Any, *, threshold: float, geometry: Geometry, smaller: bool = False) -> Any:
    """Which boxes, best first, stay after greedy non-maximum suppression: (b, n, 6), (b, n) -> (b, n) bool.

    A box goes if a better one that stays overlaps it by more than `threshold`. Tile by tile: what stays of a tile is
    settled by what stayed before it, and then by its own boxes.
    """
    count, total = present.shape
    tile = min(TILE, total)
    number = -(-total // tile)
    missing = number * tile - total
    boxes, present = (
        ops.pad(values, [(0, 0), (0, missing), *more]) if missing else values
        for values, more in ((boxes, [(0, 0)]), (present, []))
    )
    places = ops.arange(tile, dtype="int32")
    better = places[:, None] > places[None, :]  # (tile, tile): the column's box is before the row's

    def settled(place: Any, keep: Any) -> Any:
        """What stays of the tile at a place, given what stayed before it, (b, n) -> (b, n)."""
        own = _slice(boxes, place * tile, tile)
        much = overlaps(own, own, geometry=geometry, smaller=smaller) > threshold
        start = _slice(keep, place * tile, tile)
        stay = settle(lambda now: start & ~ops.any(much & better & now[:, None, :], axis=-1), start)
        if number == 1:
            return stay
        gone = ops.any((overlaps(boxes, own, geometry=geometry, smaller=smaller) > threshold) & stay[:, None], axis=-1)
        tiles = ops.arange(number * tile, dtype="int32") // tile
        spread = ops.reshape(ops.broadcast_to(stay[:, None], (count, number, tile)), (count, -1))
        return ops.where(tiles > place, keep & ~gone, ops.where(tiles == place, spread, keep))

    if number == 1:
        return settled(0, present)
    return ops.fori_loop(0, number, settled, present)[:, :total]


def _slice(values: Any, start: Any, length: int) -> Any:
    """(b, n, ...) -> (b, length, ...)."""
    return ops.take(values, start + ops.arange(length, dtype="int32"), axis=1)


def settle(rule: Any, first: Any) -> Any:
    """Apply a rule to a boolean array until it changes nothing."""

    def changing(keep: Any, changed: Any) -> Any:
        del keep
        return changed

    def again(keep: Any, changed: Any) -> tuple[Any, Any]:
        del changed
        new = rule(keep)
        return new, ops.any(new != keep)

    return ops.while_loop(changing, again, (first, ops.any(first)))[0]


def calibrate(boxes: Any, regression: Any, extent: Any) -> Any:
    """Boxes (..., 6) moved by the regression (..., 4), which is in units of the sides `extent` (..., 2)."""
    corners = boxes[..., 2:] + regression * ops.concatenate([extent, extent], axis=-1)
    return ops.concatenate([boxes[..., :2], corners], axis=-1)


def squared(boxes: Any) -> Any:
    """The square of the longer side around the same centre, (..., 6)."""
    extent = boxes[..., 4:] - boxes[..., 2:4]
    side = ops.max(extent, axis=-1, keepdims=True)
    corner = boxes[..., 2:4] + extent * 0.5 - side * 0.5
    return ops.concatenate([boxes[..., :2], corner, corner + side], axis=-1)


def cut(boxes: Any, *, geometry: Geometry) -> Any:
    """Boxes as they are cropped: in whole pixels where the geometry has them."""
    if not geometry.whole:
        return boxes
    origin, corners = ops.concatenate([boxes[..., :2], boxes[..., :2]], axis=-1), boxes[..., 2:]
    whole = ops.where(origin + corners < 0, ops.ceil(corners), ops.floor(corners))  # towards the picture's corner
    return ops.concatenate([boxes[..., :2], whole], axis=-1)


def tightened(squares: Any, share: float) -> Any:
    """Squares (..., 6) around the same centres with this share of the side."""
    if share == 1:
        return squares
    centre = (squares[..., 2:4] + squares[..., 4:]) / 2
    half = (squares[..., 4:] - squares[..., 2:4]) / 2 * share
    return ops.concatenate([squares[..., :2], centre - half, centre + half], axis=-1)


def placed(boxes: NDArray[np.float64]) -> NDArray[np.float32]:
    """On the host: (..., 4) in pixels of the picture -> (..., 6), counted from the pixel of the first corner."""
    origin = np.floor(boxes[..., :2])
    return np.concatenate([origin, boxes[..., :2] - origin, boxes[..., 2:] - origin], axis=-1).astype(np.float32)


def in_picture(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """On the host: (..., 6) -> (..., 4) in pixels of the picture."""
    return boxes[..., [0, 1, 0, 1]] + boxes[..., 2:]

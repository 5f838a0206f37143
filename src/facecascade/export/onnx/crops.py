"""Crops as ONNX: the picture inside any box, each cell the mean of the pixels it covers: `crops`."""

from __future__ import annotations

import numpy as np

from facecascade.engines.reference import Geometry
from facecascade.export.onnx.graph import Value


def crops(planes: Value, boxes: Value, *, side: int, geometry: Geometry) -> Value:
    """The picture inside each box, 0 to 255, not rounded; 0 outside the picture.

    Args:
        planes: (3, h, w) uint8.
        boxes: (n, 4) float64.
        side: of a crop in pixels.
        geometry: what the numbers of a box mean.

    Returns:
        (n, 3, side, side) float32.
    """
    graph = planes.graph
    near, far = boxes.split(2, 2, axis=1)  # x and y, (n, 2) each
    near = near - geometry.last
    step = (far - near) / side
    width = step if geometry.whole else step.at_least(1)
    low, high = _reach(near, far, step, graph.join([planes.size(2), planes.size(1)], axis=0))
    edges = _edges(near - low.cast(np.float64), step, width, side=side)
    lengths = (high - low).cast(np.float32)
    scanned = [values.squeeze(1) for both in (*edges, lengths) for values in both.split(1, 1, axis=1)]  # x, y of each
    corners = [corner.take(np.array([1, 0]), axis=1) for corner in (low, high)]

    def body(low: Value, high: Value, *axes: Value) -> Value:
        across, down = (_shares(*axes[axis::2]) for axis in (0, 1))
        window = planes.window(low, high, axes=[1, 2]).cast(np.float32)  # (3, h', w')
        return down @ window @ across.transpose(1, 0)

    sums = graph.scan(body, over=[*corners, *scanned], row=(3, side, side))
    # A box without pixels divides by infinity, so that all it sees is 0.
    extent = graph.op("ReduceMin", far - near, np.array([1]), keepdims=1)  # (n, 1)
    area = graph.op("ReduceProd", width.cast(np.float32), np.array([1]), keepdims=1)
    area = graph.choose(extent > 0, area, np.inf)
    return sums / area.unsqueeze(2, 3)


def _edges(near: Value, step: Value, width: Value, *, side: int) -> tuple[Value, Value]:
    """Where the cells begin and end, (n, 2, side, 1) float32 each, from the first pixel that is seen.

    So near to it float32 has digits enough.
    """
    cell = np.arange(side) + 0.5
    centre, half = near.unsqueeze(2) + step.unsqueeze(2) * cell, width.unsqueeze(2) / 2
    first, last = ((centre + end).cast(np.float32).unsqueeze(3) for end in (0 - half, half))
    return first, last


def _reach(near: Value, far: Value, step: Value, size: Value) -> tuple[Value, Value]:
    """First and last-plus-one pixel that the cells can touch, (n, 2) int64 each; at least one pixel of the picture."""
    margin = step.at_least(1)
    low = (near - margin).floor().at_least(0).cast(np.int64).at_most(size - 1)
    high = (far + margin).ceil().at_least(0).cast(np.int64).at_most(size)
    return low, high.at_least(low + 1)


def _shares(first: Value, last: Value, length: Value) -> Value:
    """How much of each pixel the cells of one axis cover, from (side, 1) to (side, 1): (side, length) float32."""
    pixel = first.graph.op("Range", np.float32(0), length, np.float32(1), dtype=np.float32)
    return first.graph.op("Relu", (pixel + 1).at_most(last) - pixel.at_least(first))

"""Boxes (n, 4) in float64 as ONNX: which stay and where they move, by the rules of `facecascade.engines.reference`."""

from __future__ import annotations

import numpy as np

from facecascade.engines.reference import Geometry
from facecascade.export.onnx.graph import Value
from facecascade.settings import LANDMARK_OVERLAP


def best_first(scores: Value) -> Value:
    """(n,) -> (n,) int64: positions by score, of equal ones the earlier first, as the standard has it."""
    return sorted_by(scores, largest=True)


def sorted_by(values: Value, *, largest: bool) -> Value:
    """(n,) -> (n,) int64: positions of the values in order."""
    return values.graph.ops("TopK", values, values.size(0), outputs=2, axis=0, largest=int(largest))[1].cast(np.int64)


def sides(boxes: Value, *, geometry: Geometry) -> Value:
    """(n, 4) -> (n, 2): width and height."""
    near, far = boxes.split(2, 2, axis=1)
    return far - near + geometry.last


def suppressed(boxes: Value, scores: Value, *, threshold: float, geometry: Geometry, smaller: bool = False) -> Value:
    """Greedy non-maximum suppression: (k,) int64, positions that stay, best score first.

    The standard's own operator takes float32 boxes, which would round those of large pictures, and knows no overlap
    with the smaller box. A round keeps the best box that is left and drops it and all that it overlaps too much.
    """
    graph = boxes.graph
    order = best_first(scores)
    near, far = boxes.take(order).transpose(1, 0).split(2, 2, axis=0)
    wide, tall = (far - near + geometry.last).split(1, 1, axis=0)
    table = graph.join([near, far, wide * tall, order.cast(np.float64).unsqueeze(0)], axis=0)  # (6, n)

    def body(_: Value, left: Value) -> tuple[list[Value], list[Value]]:
        best = left.part(0, 1, axis=1)
        best_near, best_far, best_area, best_place = best.split(2, 2, 1, 1, axis=0)
        near, far, area, place = left.split(2, 2, 1, 1, axis=0)
        across = (far.at_most(best_far) - near.at_least(best_near) + geometry.last).at_least(0)
        wide, tall = across.split(1, 1, axis=0)
        shared = wide * tall
        whole = area.at_most(best_area) if smaller else area + best_area - shared
        gone = (shared / whole > threshold) | graph.op("Equal", place, best_place, dtype=np.bool_)
        return [left.where((~gone).reshape(-1), axis=1)], [best_place]

    _, kept = graph.loop(body, carried=[table], during=lambda left: left.size(1) > 0, rows=[(1, 1)])
    return kept.cast(np.int64).reshape(-1)


def calibrated(boxes: Value, regression: Value, extent: Value) -> Value:
    """Boxes moved by the regression (n, 4) float32, in units of the sides `extent` (n, 2)."""
    return boxes + regression.cast(np.float64) * boxes.graph.join([extent, extent], axis=1)


def squared(boxes: Value) -> Value:
    """The square of the longer side around the same centre."""
    near, far = boxes.split(2, 2, axis=1)
    extent = far - near
    side = boxes.graph.op("ReduceMax", extent, np.array([1]), keepdims=1)
    corner = near + extent * 0.5 - side * 0.5
    return boxes.graph.join([corner, corner + side], axis=1)


def cut(boxes: Value, *, geometry: Geometry) -> Value:
    """Boxes as they are cropped: in whole pixels, towards zero, where the geometry has them."""
    return boxes.cast(np.int64).cast(np.float64) if geometry.whole else boxes


def tightened(squares: Value, share: float) -> Value:
    """Squares around the same centres with this share of the side."""
    if share == 1:
        return squares
    near, far = squares.split(2, 2, axis=1)
    centre, half = (near + far) / 2, (far - near) / 2 * share
    return squares.graph.join([centre - half, centre + half], axis=1)


def averaged(points: Value, boxes: Value, logits: Value, *, best: Value) -> Value:
    """Landmarks (k, 5, 2) of the boxes at `best`: means of `points` (n, 5, 2) over all boxes that found the face."""
    near, far = boxes.unsqueeze(0).split(2, 2, axis=2)  # (1, n, 2)
    best_near, best_far = boxes.take(best).unsqueeze(1).split(2, 2, axis=2)  # (k, 1, 2)
    shared = _area((far.at_most(best_far) - near.at_least(best_near)).at_least(0))  # (k, n)
    overlap = shared / (_area(far - near) + _area(best_far - best_near) - shared)
    graph = boxes.graph
    excess = graph.choose(shared > 0, (overlap - LANDMARK_OVERLAP).at_least(0), 0)
    weights = excess * graph.op("Sigmoid", logits).cast(np.float64)  # (k, n)
    total = weights.total(axis=1)
    flat = points.reshape(-1, 10)
    means = graph.choose(total > 0, weights @ flat / total, flat.take(best))
    return means.reshape(-1, 5, 2)


def _area(extent: Value) -> Value:
    """(..., 2) -> (...)."""
    wide, tall = extent.split(1, 1, axis=2)
    return (wide * tall).squeeze(2)

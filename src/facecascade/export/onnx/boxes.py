"""Boxes (n, 4) in float64 as ONNX: which stay and where they move, by the rules of `facecascade.engines.reference`."""

from __future__ import annotations

from typing import Final

import numpy as np

from facecascade.engines.reference import Geometry
from facecascade.export.onnx.graph import END, Value
from facecascade.settings import LANDMARK_OVERLAP

TOGETHER: Final = 64
"""Boxes that suppression settles in one round: more of them are fewer rounds, but more pairs."""


def probability(logits: Value) -> Value:
    """float64 of float32 logits, so that better ones are never less; what runtimes have for it is not so exact."""
    return 1 / (logits.graph.op("Exp", 0 - logits.cast(np.float64)) + 1)


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
    with the smaller box. A round here settles the `TOGETHER` best boxes that are left, and drops what they suppress.
    """
    graph = boxes.graph
    order = best_first(scores)
    near, far = boxes.take(order).transpose(1, 0).split(2, 2, axis=0)
    wide, tall = (far - near + geometry.last).split(1, 1, axis=0)
    rank = graph.range(graph.shape(0), order.size(0)).cast(np.float64).unsqueeze(0)
    table = graph.join([near, far, wide * tall, rank], axis=0)  # (6, n)

    def body(_: Value, left: Value, kept: Value) -> tuple[list[Value], list[Value]]:
        best = left.part(0, TOGETHER, axis=1)  # (6, b)
        beats = _beats(best, left, threshold=threshold, last=geometry.last, smaller=smaller)  # (b, n)
        stay = _settled(beats.part(0, TOGETHER, axis=1))  # (1, b)
        spared = (stay @ beats.part(TOGETHER, END, axis=1) <= 0).reshape(-1)
        winners = best.part(5, 6).reshape(-1).where((stay > 0).reshape(-1)).cast(np.int64)
        return [left.part(TOGETHER, END, axis=1).where(spared, axis=1), graph.join([kept, winners], axis=0)], []

    start = [table, graph.constant(np.zeros(0, np.int64))]
    _, kept = graph.loop(body, carried=start, during=lambda left, _: left.size(1) > 0)
    return order.take(kept)


def _beats(best: Value, left: Value, *, threshold: float, last: int, smaller: bool) -> Value:
    """Which of the columns `left` (6, n) come after one of `best` (6, b) and overlap it too much: (b, n) float32."""
    near, far, area, rank = left.unsqueeze(1).split(2, 2, 1, 1, axis=0)  # (2 or 1, 1, n)
    best_near, best_far, best_area, best_rank = best.unsqueeze(2).split(2, 2, 1, 1, axis=0)  # (2 or 1, b, 1)
    across = (far.at_most(best_far) - near.at_least(best_near) + last).at_least(0)
    wide, tall = across.split(1, 1, axis=0)
    shared = wide * tall  # (1, b, n)
    whole = area.at_most(best_area) if smaller else area + best_area - shared
    beats = (shared / whole > threshold) & (rank > best_rank)
    return beats.squeeze(0).cast(np.float32)


def _settled(beats: Value) -> Value:
    """Which of some boxes, best first, stay: (b, b) -> (1, b), 1 or 0.

    A box stays if none that stays beats it: said of all at once, again and again until nothing changes.
    """
    graph = beats.graph

    def body(_: Value, stay: Value, __: Value) -> tuple[list[Value], list[Value]]:
        new = (stay @ beats <= 0).cast(np.float32)
        changes = (new - stay) * (new - stay)
        return [new, changes.total(axis=1).reshape(1) > 0], []

    everyone = graph.constant([[1]], np.float32).expanded(graph.join([graph.shape(1), beats.size(0)], axis=0))
    start = [everyone, graph.constant([True])]
    return graph.loop(body, carried=start, during=lambda _, changed: changed)[0]


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
    weights = excess * probability(logits)  # (k, n)
    total = weights.total(axis=1)
    flat = points.reshape(-1, 10)
    means = graph.choose(total > 0, weights @ flat / total, flat.take(best))
    return means.reshape(-1, 5, 2)


def _area(extent: Value) -> Value:
    """(..., 2) -> (...)."""
    wide, tall = extent.split(1, 1, axis=2)
    return (wide * tall).squeeze(2)

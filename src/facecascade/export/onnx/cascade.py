"""The whole cascade as one ONNX graph: a picture of any size in; boxes, scores and landmarks out: `cascade_graph`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from facecascade.engines.reference import GEOMETRIES, Tensors
from facecascade.export.onnx import boxes as rules
from facecascade.export.onnx.crops import crops
from facecascade.export.onnx.graph import Graph, Value
from facecascade.export.onnx.networks import onet, pnet, rnet
from facecascade.export.onnx.pyramid import level, scales
from facecascade.settings import (
    NMS_ACROSS_LEVELS,
    NMS_AFTER_RNET,
    NMS_FINAL,
    NMS_WITHIN_LEVEL,
    ONET_SIDE,
    RNET_SIDE,
    STRIDE,
    Settings,
)
from facecascade.views import BORDER_GREY

CROPS: Final = 128
"""Crops that go through a network together: enough to be quick, few enough for any memory."""

Network = Callable[[Value, Tensors], tuple[Value, ...]]


def cascade_graph(tensors: Tensors, settings: Settings) -> Graph:
    """Input `picture` (height, width, 3) uint8 RGB; outputs `boxes` (n, 4), `scores` (n,), `landmarks` (n, 5, 2).

    They are what `facecascade.MTCNN` with these settings finds, without the mirror image; with `stages=2` there are no
    landmarks.
    """
    graph = Graph()
    picture = graph.input("picture", np.uint8, ("height", "width", 3))
    border = _border(picture, settings.border)
    cascade = _Cascade(_bordered(picture, border), tensors, settings)
    boxes, logits = cascade.refined(cascade.proposals())
    points = None
    if settings.stages == 3:
        boxes, logits, points = cascade.faces(boxes)
    graph.output("boxes", _moved(boxes, border).cast(np.float32), ("faces", 4))
    graph.output("scores", rules.probability(logits).cast(np.float32), ("faces",))
    if points is not None:
        graph.output("landmarks", _moved(points, border).cast(np.float32), ("faces", 5, 2))
    return graph


def _border(picture: Value, share: float) -> Value | None:
    """(1,) int64: pixels of grey on each side of the picture."""
    if share == 0:
        return None
    side = picture.size(0).at_most(picture.size(1)).cast(np.float64)
    return picture.graph.op("Round", side * share).cast(np.int64)


def _bordered(picture: Value, border: Value | None) -> Value:
    if border is None:
        return picture
    graph = picture.graph
    zero = graph.shape(0)
    pads = graph.join([border, border, zero, border, border, zero], axis=0)
    return graph.op("Pad", picture, pads, np.uint8(BORDER_GREY))


def _moved(places: Value, border: Value | None) -> Value:
    return places if border is None else places - border.cast(np.float64)


class _Cascade:
    """The stages, each the nodes of one graph: boxes (n, 4) are float64, logits (n,) float32."""

    def __init__(self, picture: Value, tensors: Tensors, settings: Settings) -> None:
        self._graph = picture.graph
        self._picture = picture
        self._planes = picture.transpose(2, 0, 1)  # (3, h, w)
        self._tensors = tensors
        self._settings = settings
        self._geometry = GEOMETRIES[settings.geometry]
        self._logits = [math.log(p / (1 - p)) if p else -math.inf for p in settings.thresholds]

    def proposals(self) -> Value:
        """What R-Net gets: P-Net's windows, NMS in each level, NMS over all, calibrated, square."""
        planes = self._planes.cast(np.float32)
        ladder = scales(self._picture, self._settings)

        def body(number: Value, *found: Value) -> tuple[list[Value], list[Value]]:
            scale = ladder.take(number)
            more = self._windows(level(planes, scale), scale)
            return [self._graph.join(pair, axis=0) for pair in zip(found, more, strict=True)], []

        kinds = (((0, 4), np.float64), ((0,), np.float32), ((0, 4), np.float32))
        nothing = [self._graph.constant(np.zeros(*kind)) for kind in kinds]
        boxes, logits, regression = self._graph.loop(body, carried=nothing, count=ladder.size(0))
        best = rules.suppressed(boxes, logits, threshold=NMS_ACROSS_LEVELS, geometry=self._geometry)
        boxes, regression = boxes.take(best), regression.take(best)
        near, far = boxes.split(2, 2, axis=1)
        moved = rules.calibrated(boxes, regression, far - near)
        return rules.cut(rules.squared(moved), geometry=self._geometry)

    def refined(self, proposals: Value) -> tuple[Value, Value]:
        """What O-Net gets: R-Net's logit above its threshold, NMS, calibrated, square; and the logits."""
        squares = rules.tightened(proposals, self._geometry.rnet_crop)
        logits, regression = self._look(rnet, squares, side=RNET_SIDE)
        passed = logits > self._logits[1]
        squares, logits, regression = (values.where(passed) for values in (squares, logits, regression))
        best = rules.suppressed(squares, logits, threshold=NMS_AFTER_RNET, geometry=self._geometry)
        squares, logits, regression = (values.take(best) for values in (squares, logits, regression))
        moved = rules.calibrated(squares, regression, rules.sides(squares, geometry=self._geometry))
        return rules.cut(rules.squared(moved), geometry=self._geometry), logits

    def faces(self, refined: Value) -> tuple[Value, Value, Value]:
        """The result: O-Net's logit above its threshold, landmarks (n, 5, 2), calibrated, NMS by the smaller area."""
        geometry = self._geometry
        squares = rules.tightened(refined, geometry.onet_crop)
        logits, regression, points = self._look(onet, squares, side=ONET_SIDE)
        passed = logits > self._logits[2]
        squares, logits, regression, points = (values.where(passed) for values in (squares, logits, regression, points))
        extent = rules.sides(squares, geometry=geometry)
        corner = squares.split(2, 2, axis=1)[0].unsqueeze(1)
        points = points.cast(np.float64) * extent.unsqueeze(1) + corner - geometry.point
        boxes = rules.calibrated(squares, regression, extent)
        best = rules.suppressed(boxes, logits, threshold=NMS_FINAL, geometry=geometry, smaller=True)
        points = rules.averaged(points, boxes, logits, best=best) if geometry.average else points.take(best)
        return boxes.take(best), logits.take(best), points

    def _windows(self, pixels: Value, scale: Value) -> tuple[Value, Value, Value]:
        """Windows of one level (1, 3, h, w) that pass P-Net and stay after NMS: boxes, logits, regression (n, 4)."""
        score, regression = pnet((pixels - 127.5) / 128, self._tensors)
        logits = _logit(score).squeeze(0, 1)  # (h', w')
        mask = logits >= self._logits[0]
        flat = mask.reshape(-1)
        logits = logits.reshape(-1).where(flat)
        regression = regression.reshape(4, -1).where(flat, axis=1).transpose(1, 0)
        y, x = self._graph.op("NonZero", mask, dtype=np.int64).cast(np.float64).split(1, 1, axis=0)  # (1, n) each
        first, last = self._geometry.window
        corners = self._graph.join(
            [x * STRIDE + first, y * STRIDE + first, x * STRIDE + last, y * STRIDE + last], axis=0
        )
        corners = corners.transpose(1, 0)  # in pixels of the level
        boxes = corners / scale
        if self._geometry.whole:
            boxes = corners = boxes.floor()
        keep = self._kept_in_level(corners, logits)
        return boxes.take(keep), logits.take(keep), regression.take(keep)

    def _kept_in_level(self, corners: Value, logits: Value) -> Value:
        """Positions that stay, in their order; (n, 4) has whole numbers or quarters, which float32 holds exactly."""
        near, far = corners.split(2, 2, axis=1)
        exact = self._graph.join([near, far + self._geometry.last], axis=1).cast(np.float32)
        chosen = self._graph.op(
            "NonMaxSuppression",
            exact.unsqueeze(0),
            logits.unsqueeze(0, 1),
            logits.size(0),
            np.array([NMS_WITHIN_LEVEL], np.float32),
            dtype=np.int64,
        )
        positions = chosen.take(np.int64(2), axis=1)
        return positions.take(rules.sorted_by(positions, largest=False))

    def _look(self, network: Network, squares: Value, *, side: int) -> tuple[Value, ...]:
        """What a network says of crops of (n, 4) squares: logits (n,), regression (n, 4) and more."""
        shapes = {RNET_SIDE: ((0,), (0, 4)), ONET_SIDE: ((0,), (0, 4), (0, 5, 2))}[side]
        nothing = [self._graph.constant(np.zeros(shape, np.float32)) for shape in shapes]

        def body(number: Value, *said: Value) -> tuple[list[Value], list[Value]]:
            start = number * CROPS
            some = squares.part(start, start + CROPS)
            pixels = crops(self._planes, some, side=side, geometry=self._geometry)
            score, *others = network((pixels - 127.5) / 128, self._tensors)
            more = [_logit(score).squeeze(1), *others]
            return [self._graph.join(pair, axis=0) for pair in zip(said, more, strict=True)], []

        return self._graph.loop(body, carried=nothing, count=(squares.size(0) + (CROPS - 1)) / CROPS)


def _logit(score: Value) -> Value:
    """(n, 2, ...) -> (n, 1, ...): of the probability that there is a face."""
    no_face, face = score.split(1, 1, axis=1)
    return face - no_face

"""The stages after P-Net as functions of arrays of fixed shapes, compiled once for each shape: `Refinement`."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from facecascade.backend import keras
from facecascade.engines.keras import boxes as rules
from facecascade.engines.keras.backends import Backend, Compiled
from facecascade.engines.keras.crops import crops
from facecascade.engines.reference import GEOMETRIES
from facecascade.networks import ONet, RNet, Tensors
from facecascade.settings import (
    LANDMARK_OVERLAP,
    NMS_ACROSS_LEVELS,
    NMS_AFTER_RNET,
    NMS_FINAL,
    ONET_SIDE,
    RNET_SIDE,
    Geometry,
)

ops = keras.ops


class Heads:
    """R-Net and O-Net on a device, as the stages use them: logits in place of probabilities."""

    def __init__(self, tensors: Tensors) -> None:
        self.rnet, self.onet = (_heads(net) for net in (RNet(tensors), ONet(tensors)))


def _heads(model: Any) -> Any:
    """Crops -> [score, regression, landmarks if it has them], both values of the score before the softmax."""
    others = [model.output[name] for name in ("regression", "landmarks") if name in model.output]
    return keras.Model(model.input, [model.get_layer("score").output, *others])


class Refinement:
    """The stages after P-Net for one geometry, whatever else the settings are.

    Args:
        heads: the models.
        geometry: by name.
        backend: what compiles the stages.
    """

    def __init__(self, heads: Heads, geometry: Geometry, backend: Backend) -> None:
        self._geometry = rule = GEOMETRIES[geometry]
        self.propose = backend.compiled(self._propose)
        self.look_rnet = backend.compiled(partial(self._look, heads.rnet, RNET_SIDE, rule.rnet_crop))
        self.look_onet = backend.compiled(partial(self._look, heads.onet, ONET_SIDE, rule.onet_crop))
        self.refine = backend.compiled(self._refine)
        self.output = backend.compiled(self._output)

    @property
    def stages(self) -> tuple[Compiled, ...]:
        """All of them."""
        return self.propose, self.look_rnet, self.refine, self.look_onet, self.output

    def _propose(
        self, windows: Any, spots: Any, at: Any, present: Any, logits: Any, regression: Any
    ) -> tuple[Any, Any, Any]:
        """NMS over all levels, calibrated, square: boxes (b, room, 6), logits (b, room), counted (b,).

        Args:
            windows: (n, 6), the box of each window.
            spots: (n,), where it is in the regression.
            at: (b, room) int32, windows that stayed in their level, in order.
            present: (b, room) bool.
            logits: (b, n).
            regression: (b, spots, 4).
        """
        scores = ops.where(present, rules.pick(logits, at), -math.inf)
        order = rules.best_first(scores)
        at, scores, present = (rules.pick(values, order) for values in (at, scores, present))
        boxes = ops.take(windows, at, axis=0)  # (b, room, 6)
        stay = rules.suppress(boxes, present, threshold=NMS_ACROSS_LEVELS, geometry=self._geometry)
        move = rules.pick(regression, ops.take(spots, at, axis=0))
        return self._packed(rules.calibrate(boxes, move, boxes[..., 4:] - boxes[..., 2:4]), scores, stay)

    def _look(self, network: Any, side: int, share: float, sums: Any, sizes: Any, owner: Any, squares: Any) -> Any:
        """Crops through a network: of squares (m, 6), cropped a little tighter, whatever it says, logit first."""
        boxes = rules.tightened(squares, share)
        pixels = crops(sums, sizes, owner, boxes, side=side, geometry=self._geometry)
        score, *others = network((pixels - 127.5) / 128)
        return [boxes, score[:, 1] - score[:, 0], *others]

    def _refine(
        self, limits: Any, at: Any, present: Any, squares: Any, logits: Any, regression: Any
    ) -> tuple[Any, Any, Any]:
        """R-Net's threshold, NMS, calibrated, square: boxes (b, r, 6), logits (b, r), counted (b,).

        Args:
            limits: (3,), logits of the thresholds.
            at: (b, r) int32, where the crops of each picture are among all.
            present: (b, r) bool.
            squares: (m, 6), what was looked at; then what R-Net said of it.
            logits: (m,).
            regression: (m, 4).
        """
        geometry = self._geometry
        at, scores, passed = _ranked(at, present, logits, limits[1])
        boxes = ops.take(squares, at, axis=0)
        stay = rules.suppress(boxes, passed, threshold=NMS_AFTER_RNET, geometry=geometry)
        moved = rules.calibrate(boxes, ops.take(regression, at, axis=0), rules.sides(boxes, geometry=geometry))
        return self._packed(moved, scores, stay)

    def _output(
        self, limits: Any, at: Any, present: Any, squares: Any, logits: Any, regression: Any, landmarks: Any
    ) -> tuple[Any, Any, Any, Any]:
        """O-Net's threshold, landmarks, calibrated, NMS by the smaller area; arguments as of `_refine`.

        Returns:
            Boxes (b, r, 6), logits (b, r), landmarks (b, r, 5, 2), counted (b,).
        """
        geometry = self._geometry
        at, scores, passed = _ranked(at, present, logits, limits[2])
        square = ops.take(squares, at, axis=0)
        extent = rules.sides(square, geometry=geometry)
        corner = square[:, :, None, :2] + square[:, :, None, 2:4]
        points = ops.take(landmarks, at, axis=0) * extent[:, :, None] + corner - geometry.point
        boxes = rules.calibrate(square, ops.take(regression, at, axis=0), extent)
        stay = rules.suppress(boxes, passed, threshold=NMS_FINAL, geometry=geometry, smaller=True)
        if geometry.average:
            points = _averaged(points, boxes, scores, passed)
        order = rules.kept_first(stay)
        boxes, scores, points = (rules.pick(values, order) for values in (boxes, scores, points))
        return boxes, scores, points, _count(stay)

    def _packed(self, boxes: Any, scores: Any, stay: Any) -> tuple[Any, Any, Any]:
        """As the next network gets them: square, those that stay first."""
        squares = rules.cut(rules.squared(boxes), geometry=self._geometry)
        order = rules.kept_first(stay)
        return rules.pick(squares, order), rules.pick(scores, order), _count(stay)


def _ranked(at: Any, present: Any, logits: Any, threshold: float) -> tuple[Any, Any, Any]:
    """Crops of each picture by score: where they are, their logits, and which of them pass, (b, r) each."""
    scores = ops.take(logits, at, axis=0)
    passed = present & (scores > threshold)
    scores = ops.where(passed, scores, -math.inf)
    order = rules.best_first(scores)
    return rules.pick(at, order), rules.pick(scores, order), rules.pick(passed, order)


def _averaged(points: Any, boxes: Any, scores: Any, passed: Any) -> Any:
    """Landmarks (b, r, 5, 2) as means over all boxes that found the same face."""
    count, room = scores.shape
    tile = min(rules.TILE, room)
    says = ops.where(passed, ops.sigmoid(scores), 0.0)[:, None]  # (b, 1, r)
    flat = ops.reshape(points, (count, room, 10))
    means = []
    for first in range(0, room, tile):
        some = slice(first, first + tile)
        shared = rules.overlaps(boxes[:, some], boxes, geometry=GEOMETRIES["subpixel"])
        weights = ops.maximum(shared - LANDMARK_OVERLAP, 0.0) * says  # (b, tile, r)
        total = ops.sum(weights, axis=-1, keepdims=True)
        mean = ops.matmul(weights, flat) / ops.where(total > 0, total, 1.0)
        means.append(ops.where(total > 0, mean, flat[:, some]))
    return ops.reshape(ops.concatenate(means, axis=1), points.shape)


def _count(keep: Any) -> Any:
    return ops.sum(ops.cast(keep, "int32"), axis=1)

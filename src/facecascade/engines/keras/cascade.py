"""The stages of the cascade as functions of arrays of fixed shapes, compiled once for each shape: `Cascade`.

Between two stages the host learns how many boxes there are and chooses the next shape, so that nothing is cut off and
little is computed for nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

from facecascade.backend import keras
from facecascade.engines.keras import boxes as rules
from facecascade.engines.keras.backends import Backend, Compiled
from facecascade.engines.keras.crops import crops, integral
from facecascade.engines.keras.kept import Kept
from facecascade.engines.keras.pyramid import level
from facecascade.engines.keras.scanner import Scanner, kept_in_level, there
from facecascade.engines.keras.sheet import Sheet
from facecascade.engines.reference import GEOMETRIES
from facecascade.networks import ONet, PNet, RNet, Tensors
from facecascade.settings import (
    LANDMARK_OVERLAP,
    NMS_ACROSS_LEVELS,
    NMS_AFTER_RNET,
    NMS_FINAL,
    ONET_SIDE,
    RNET_SIDE,
    Settings,
)

ops = keras.ops

PLANS = 32
"""Buckets whose tables and compiled functions are kept, at the most, for one set of settings."""


class Networks:
    """The three models on a device, as the stages use them: logits in place of probabilities."""

    def __init__(self, tensors: Tensors) -> None:
        self.scan = Scanner(PNet(tensors))
        self.rnet, self.onet = (_heads(net) for net in (RNet(tensors), ONet(tensors)))


def _heads(model: Any) -> Any:
    """Crops -> [score, regression, landmarks if it has them], both values of the score before the softmax."""
    others = [model.output[name] for name in ("regression", "landmarks") if name in model.output]
    return keras.Model(model.input, [model.get_layer("score").output, *others])


@dataclass(frozen=True)
class Plan:
    """A bucket's sheet, and its tables on the device.

    Attributes:
        sheet: where the levels lie.
        pixels: (h, w, 3) int32, from `Sheet.pixels`.
        windows: (n, 3) int32, from `Sheet.windows`.
        spots: (n,) int32, from `Sheet.spots`.
        near: (n, k) int32, from `Sheet.near`.
        boxes: (n, 6) float32, from `Sheet.boxes`.
    """

    sheet: Sheet
    pixels: Any
    windows: Any
    spots: Any
    near: Any
    boxes: Any


class Cascade:
    """The stages for one set of settings.

    Args:
        networks: the models.
        settings: how to search.
        backend: what compiles the stages.
    """

    def __init__(self, networks: Networks, settings: Settings, backend: Backend) -> None:
        self._networks = networks
        self._settings = settings
        self._backend = backend
        self._geometry = GEOMETRIES[settings.geometry]
        self._logits = [math.log(p / (1 - p)) if p else -math.inf for p in settings.thresholds]
        self._plans: Kept[Plan] = Kept(PLANS)
        self._scans: Kept[Compiled] = Kept(PLANS)
        self.propose = backend.compiled(self._propose)
        self.look_rnet = backend.compiled(partial(self._look, networks.rnet, RNET_SIDE, self._geometry.rnet_crop))
        self.look_onet = backend.compiled(partial(self._look, networks.onet, ONET_SIDE, self._geometry.onet_crop))
        self.refine = backend.compiled(self._refine)
        self.output = backend.compiled(self._output)

    @property
    def compilations(self) -> int:
        """How often a stage met new shapes, and was compiled for them."""
        stages = (self.propose, self.look_rnet, self.look_onet, self.refine, self.output, *self._scans.values())
        return sum(stage.compilations for stage in stages)

    def plan(self, bucket: tuple[int, int]) -> Plan:
        """That of a bucket (height, width)."""
        return self._plans.get(bucket, lambda: self._plan(bucket))

    def _plan(self, bucket: tuple[int, int]) -> Plan:
        sheet = Sheet.of(bucket, self._settings.scales(*bucket), self._geometry)
        tables = (sheet.pixels, sheet.windows, sheet.spots, sheet.near(self._geometry), sheet.boxes)
        return Plan(sheet, *(ops.convert_to_tensor(table) for table in tables))

    def scan(self, plan: Plan, pictures: Any, sizes: Any, axes: list[Any]) -> tuple[Any, ...]:
        """P-Net over all levels.

        Args:
            plan: of the pictures' bucket.
            pictures: (b, h, w, 3) uint8.
            sizes: (b, levels, 2) int32, height and width of each picture's levels; 0 for those it lacks.
            axes: for each level: starts and weights of its rows, starts and weights of its columns.

        Returns:
            Logits (b, n), regression (b, spots, 4), candidates (b, n), which of them stay in their level (b, n), sums
            of pixels (b, h + 1, w + 1, 3).
        """
        bucket = tuple(pictures.shape[1:3])
        compiled = self._scans.get(bucket, lambda: self._backend.compiled(partial(self._scan, plan.sheet)))
        found: tuple[Any, ...] = compiled(pictures, sizes, axes, plan.pixels, plan.windows, plan.spots, plan.near)
        return found

    def _scan(
        self, sheet: Sheet, pictures: Any, sizes: Any, axes: Any, pixels: Any, windows: Any, spots: Any, near: Any
    ) -> tuple[Any, ...]:
        levels = [level(pictures, at[:2], at[2:], cells=own.cells) for at, own in zip(axes, sheet.levels, strict=True)]
        logits, regression = self._networks.scan(sheet.composed(levels), sizes, pixels)
        logits = ops.take(logits, spots, axis=1)
        candidates = there(sizes, windows) & (logits >= self._logits[0])
        return logits, regression, candidates, kept_in_level(logits, candidates, near), integral(pictures)

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

    def _refine(self, at: Any, present: Any, squares: Any, logits: Any, regression: Any) -> tuple[Any, Any, Any]:
        """R-Net's threshold, NMS, calibrated, square: boxes (b, r, 6), logits (b, r), counted (b,).

        Args:
            at: (b, r) int32, where the crops of each picture are among all.
            present: (b, r) bool.
            squares: (m, 6), what was looked at; then what R-Net said of it.
            logits: (m,).
            regression: (m, 4).
        """
        geometry = self._geometry
        at, scores, passed = _ranked(at, present, logits, self._logits[1])
        boxes = ops.take(squares, at, axis=0)
        stay = rules.suppress(boxes, passed, threshold=NMS_AFTER_RNET, geometry=geometry)
        moved = rules.calibrate(boxes, ops.take(regression, at, axis=0), rules.sides(boxes, geometry=geometry))
        return self._packed(moved, scores, stay)

    def _output(
        self, at: Any, present: Any, squares: Any, logits: Any, regression: Any, landmarks: Any
    ) -> tuple[Any, Any, Any, Any]:
        """O-Net's threshold, landmarks, calibrated, NMS by the smaller area; arguments as of `_refine`.

        Returns:
            Boxes (b, r, 6), logits (b, r), landmarks (b, r, 5, 2), counted (b,).
        """
        geometry = self._geometry
        at, scores, passed = _ranked(at, present, logits, self._logits[2])
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

"""The stages of the cascade as functions of arrays of fixed shapes, compiled once for each shape: `Cascade`.

Between two stages the host learns how many boxes there are and chooses the next shape, so that nothing is cut off and
little is computed for nothing.
"""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import Any

import numpy as np

from facecascade.backend import keras
from facecascade.engines.keras import boxes as rules
from facecascade.engines.keras.backends import Backend, Function
from facecascade.engines.keras.crops import crops, integral
from facecascade.engines.keras.pyramid import level
from facecascade.engines.keras.windows import Scanner, Windows, kept_in_level
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


class Networks:
    """The three models on a device, as the stages use them: logits in place of probabilities."""

    def __init__(self, tensors: Tensors) -> None:
        self.scan = Scanner(PNet(tensors))
        self.rnet, self.onet = (_heads(net) for net in (RNet(tensors), ONet(tensors)))


def _heads(model: Any) -> Any:
    """Crops -> [score, regression, ...] with both values before the softmax."""
    others = [output for name, output in model.output.items() if name != "probability"]
    return keras.Model(model.input, [model.get_layer("score").output, *others])


class Cascade:
    """The stages for one set of settings.

    Args:
        networks: the models.
        settings: how to search.
        backend: what compiles the stages.

    Attributes:
        shapes: of the batches so far.
    """

    def __init__(self, networks: Networks, settings: Settings, backend: Backend) -> None:
        self._networks = networks
        self._settings = settings
        self._backend = backend
        self.shapes: set[tuple[int, ...]] = set()
        self._geometry = GEOMETRIES[settings.geometry]
        self._logits = [math.log(p / (1 - p)) if p else -math.inf for p in settings.thresholds]
        self.scan = backend.compiled(self._scan)
        self.look_rnet = backend.compiled(partial(self._look, networks.rnet, RNET_SIDE, self._geometry.rnet_crop))
        self.look_onet = backend.compiled(partial(self._look, networks.onet, ONET_SIDE, self._geometry.onet_crop))
        self.refine = backend.compiled(self._refine)
        self.output = backend.compiled(self._output)
        self.proposer = lru_cache(maxsize=256)(self._proposer)
        self.windows = lru_cache(maxsize=64)(self._windows)

    def _windows(self, bucket: tuple[int, int]) -> list[Windows]:
        """The levels of a bucket (height, width)."""
        return [Windows.of(bucket, scale, self._geometry) for scale in self._settings.scales(*bucket)]

    def _scan(self, pictures: Any, sizes: Any, axes: list[Any]) -> tuple[Any, ...]:
        """P-Net over all levels.

        Args:
            pictures: (b, h, w, 3) uint8.
            sizes: (b, levels, 2) int32, height and width of each picture's levels; 0 for those it lacks.
            axes: for each level: starts and weights of its rows, starts and weights of its columns.

        Returns:
            Logits (b, n), regression (b, n, 4), those kept in their level (b, n); candidates (b, levels) and kept (b,)
            counted; sums of pixels (b, h + 1, w + 1, 3).
        """
        found = []
        for k, at in enumerate(self.windows(tuple(pictures.shape[1:3]))):
            rows, columns = axes[k][:2], axes[k][2:]
            logits, regression, there = self._networks.scan(level(pictures, rows, columns, cells=at.cells), sizes[:, k])
            candidates = there & (logits >= self._logits[0])
            keep = kept_in_level(logits, candidates, at.near(self._geometry))
            count = ops.sum(ops.cast(candidates, "int32"), axis=(1, 2))
            flat = (pictures.shape[0], at.count)
            found.append(
                (
                    ops.reshape(logits, flat),
                    ops.reshape(regression, (*flat, 4)),
                    ops.reshape(keep, flat),
                    count[:, None],
                )
            )
        logits, regression, keep, counts = (ops.concatenate(parts, axis=1) for parts in zip(*found, strict=True))
        return logits, regression, keep, counts, _count(keep), integral(pictures)

    def _proposer(self, bucket: tuple[int, int], room: int) -> Function:
        """What makes R-Net's squares of the windows of a bucket, of which each picture kept at most `room`."""
        windows = np.concatenate([at.boxes for at in self.windows(bucket)])
        return self._backend.compiled(partial(self._propose, windows, room))

    def _propose(self, windows: Any, room: int, logits: Any, regression: Any, keep: Any) -> tuple[Any, Any, Any]:
        """NMS over all levels, calibrated, square: boxes (b, room, 4), logits (b, room), counted (b,)."""
        geometry, total = self._geometry, len(windows)
        early = ops.where(keep, ops.cast(total - ops.arange(total, dtype="int32"), "float32"), 0.0)
        rank, at = ops.top_k(early, room)  # those kept, in the order of levels, rows and columns
        at, present = ops.cast(at, "int32"), rank > 0
        scores = ops.where(present, ops.take_along_axis(logits, at, axis=1), -math.inf)
        order = rules.best_first(scores)
        at, scores, present = (rules.pick(values, order) for values in (at, scores, present))
        boxes = ops.take(ops.convert_to_tensor(windows), at, axis=0)  # (b, room, 4)
        stay = rules.suppress(boxes, present, threshold=NMS_ACROSS_LEVELS, geometry=geometry)
        moved = rules.calibrate(boxes, rules.pick(regression, at), boxes[..., 2:] - boxes[..., :2])
        return self._packed(rules.cut(rules.squared(moved), geometry=geometry), scores, stay)

    def _look(self, network: Any, side: int, share: float, sums: Any, sizes: Any, owner: Any, squares: Any) -> Any:
        """Crops through a network: of squares (m, 4), cropped a little tighter, whatever it says, logit first."""
        boxes = rules.tightened(squares, share)
        pixels = crops(sums, sizes, owner, boxes, side=side, geometry=self._geometry)
        score, *others = network((pixels - 127.5) / 128)
        return [boxes, score[:, 1] - score[:, 0], *others]

    def _refine(self, at: Any, present: Any, squares: Any, logits: Any, regression: Any) -> tuple[Any, Any, Any]:
        """R-Net's threshold, NMS, calibrated, square: boxes (b, r, 4), logits (b, r), counted (b,).

        Args:
            at: (b, r) int32, where the crops of each picture are among all.
            present: (b, r) bool.
            squares: (m, 4), what was looked at; then what R-Net said of it.
            logits: (m,).
            regression: (m, 4).
        """
        geometry = self._geometry
        at, scores, passed = _ranked(at, present, logits, self._logits[1])
        boxes = ops.take(squares, at, axis=0)
        stay = rules.suppress(boxes, passed, threshold=NMS_AFTER_RNET, geometry=geometry)
        moved = rules.calibrate(boxes, ops.take(regression, at, axis=0), rules.sides(boxes, geometry=geometry))
        return self._packed(rules.cut(rules.squared(moved), geometry=geometry), scores, stay)

    def _output(
        self, at: Any, present: Any, squares: Any, logits: Any, regression: Any, landmarks: Any
    ) -> tuple[Any, Any, Any, Any]:
        """O-Net's threshold, landmarks, calibrated, NMS by the smaller area; arguments as of `_refine`.

        Returns:
            Boxes (b, r, 4), logits (b, r), landmarks (b, r, 5, 2), counted (b,).
        """
        geometry = self._geometry
        at, scores, passed = _ranked(at, present, logits, self._logits[2])
        square = ops.take(squares, at, axis=0)
        extent = rules.sides(square, geometry=geometry)
        points = ops.take(landmarks, at, axis=0) * extent[:, :, None] + square[:, :, None, :2] - geometry.point
        boxes = rules.calibrate(square, ops.take(regression, at, axis=0), extent)
        stay = rules.suppress(boxes, passed, threshold=NMS_FINAL, geometry=geometry, smaller=True)
        if geometry.average:
            points = _averaged(points, boxes, scores, passed)
        order = rules.kept_first(stay)
        boxes, scores, points = (rules.pick(values, order) for values in (boxes, scores, points))
        return boxes, scores, points, _count(stay)

    def _packed(self, boxes: Any, scores: Any, stay: Any) -> tuple[Any, Any, Any]:
        order = rules.kept_first(stay)
        return rules.pick(boxes, order), rules.pick(scores, order), _count(stay)


def _ranked(at: Any, present: Any, logits: Any, threshold: float) -> tuple[Any, Any, Any]:
    """Crops of each picture by score: where they are, their logits, and which of them pass, (b, r) each."""
    scores = ops.take(logits, at, axis=0)
    passed = present & (scores > threshold)
    scores = ops.where(passed, scores, -math.inf)
    order = rules.best_first(scores)
    return rules.pick(at, order), rules.pick(scores, order), rules.pick(passed, order)


def _averaged(points: Any, boxes: Any, scores: Any, passed: Any) -> Any:
    """Landmarks (b, r, 5, 2) as means over all boxes that found the same face."""
    share = ops.maximum(rules.overlaps(boxes, geometry=GEOMETRIES["subpixel"]) - LANDMARK_OVERLAP, 0.0)  # (b, r, r)
    weights = share * ops.where(passed, ops.sigmoid(scores), 0.0)[:, None, :]
    total = ops.sum(weights, axis=-1)[:, :, None, None]  # (b, r, 1, 1)
    count, room = points.shape[:2]
    means = ops.reshape(ops.matmul(weights, ops.reshape(points, (count, room, 10))), points.shape)
    return ops.where(total > 0, means / ops.where(total > 0, total, 1.0), points)


def _count(keep: Any) -> Any:
    return ops.sum(ops.cast(keep, "int32"), axis=1)

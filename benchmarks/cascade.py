"""The cascade put together in NumPy from the stages of the core, so that one choice of it can be another: `Cascade`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.data import Picture
from benchmarks.jitter import Boxes
from facecascade.engines.native import NativeEngine
from facecascade.engines.reference import GEOMETRIES, average_landmarks, calibrate, squared
from facecascade.faces import Faces
from facecascade.settings import (
    NMS_ACROSS_LEVELS,
    NMS_AFTER_RNET,
    NMS_FINAL,
    NMS_WITHIN_LEVEL,
    ONET_SIDE,
    STRIDE,
    Settings,
    level_size,
)
from facecascade.weights import Weights

DEFAULT: Final = GEOMETRIES["subpixel"]


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to run the cascade; the values here are the default's.

    Attributes:
        first: left and upper edge of P-Net's window at column x is `(2 x + first) / scale`.
        last: right and lower edge, likewise.
        real_scale: divide by each axis' true ratio of level to picture, not by the nominal scale.
        pyramid: "area", or the name of a filter of Pillow's.
        rnet_offset: pixels by which R-Net's crops are moved to the right and down.
        onet_offset: the same for O-Net's.
        rnet_size: factor on the side of R-Net's crops.
        onet_size: the same for O-Net's.
        onet_filter: "area", or the name of a filter of Pillow's, for O-Net's crops.
        average: landmarks are the mean over all boxes that found the face.
        point: what is taken from the places of landmarks.
    """

    first: float = DEFAULT.window[0]
    last: float = DEFAULT.window[1]
    real_scale: bool = False
    pyramid: str = "area"
    rnet_offset: float = 0.0
    onet_offset: float = 0.0
    rnet_size: float = DEFAULT.rnet_crop
    onet_size: float = DEFAULT.onet_crop
    onet_filter: str = "area"
    average: bool = DEFAULT.average
    point: float = DEFAULT.point


class Cascade:
    """The cascade over the core's stages, as a `Variant` says."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._core = NativeEngine(Weights.load().tensors).core
        self._settings = settings or Settings()

    def detect(self, picture: Picture, variant: Variant) -> Faces:
        """Faces of one picture."""
        passed = self.passed(picture, variant)
        return self.averaged(passed) if variant.average else passed[self.best(passed)]

    def best(self, passed: Faces) -> NDArray[np.intp]:
        """Places of the faces that the last suppression leaves, best score first."""
        return self._suppress(passed.boxes.astype(np.float64), passed.scores, NMS_FINAL, smaller=True)

    def averaged(self, passed: Faces) -> Faces:
        """These faces, with the landmarks of all boxes that found them."""
        best = self.best(passed)
        if passed.landmarks is None:
            return passed[best]
        columns = (column.astype(np.float64) for column in (passed.landmarks, passed.boxes, passed.scores))
        points = average_landmarks(*columns, best=best)
        return Faces(passed.boxes[best], passed.scores[best], points.astype(np.float32))

    def passed(self, picture: Picture, variant: Variant) -> Faces:
        """What passes O-Net, before the last suppression, in no order."""
        boxes, scores, regression = self._windows(picture, variant)
        keep = self._suppress(boxes, scores, NMS_ACROSS_LEVELS)
        boxes = squared(_calibrated(boxes[keep], regression[keep]))
        boxes = _moved(boxes, offset=variant.rnet_offset, size=variant.rnet_size)
        out = self._core.rnet(picture, boxes, False)  # noqa: FBT003 - the core takes positions
        passed = out[:, 0] > self._settings.thresholds[1]
        boxes, out = boxes[passed], out[passed]
        keep = self._suppress(boxes, out[:, 0], NMS_AFTER_RNET)
        boxes = squared(_calibrated(boxes[keep], out[keep, 1:]))
        boxes = _moved(boxes, offset=variant.onet_offset, size=variant.onet_size)
        out = self._onet(picture, boxes, variant.onet_filter)
        passed = out[:, 0] > self._settings.thresholds[2]
        boxes, out = boxes[passed], out[passed]
        faces = _calibrated(boxes, out[:, 1:5]).astype(np.float32)
        shares = out[:, 5:].reshape(-1, 2, 5).swapaxes(1, 2).astype(np.float64)
        points = boxes[:, None, :2] + shares * (boxes[:, 2:] - boxes[:, :2])[:, None]
        return Faces(faces, out[:, 0], (points - variant.point).astype(np.float32))

    def _onet(self, picture: Picture, boxes: Boxes, method: str) -> NDArray[np.float32]:
        if method == "area":
            return self._core.onet(picture, boxes, False)  # noqa: FBT003
        # The crops one below the other are a picture of which the core crops whole pixels.
        crops = [_resized(picture, box, Image.Resampling[method]) for box in boxes]
        column = np.concatenate([np.zeros((0, ONET_SIDE, 3), np.uint8), *crops])
        edges = ONET_SIDE * np.arange(len(crops), dtype=np.float64)
        cells = np.stack([np.zeros_like(edges), edges, np.full_like(edges, ONET_SIDE), edges + ONET_SIDE], axis=1)
        return self._core.onet(column, cells, False) if crops else np.zeros((0, 15), np.float32)  # noqa: FBT003

    def _windows(self, picture: Picture, variant: Variant) -> tuple[Boxes, NDArray[np.float32], NDArray[np.float32]]:
        """Windows that pass P-Net and the suppression within their level, of all levels."""
        parts = [self._level(picture, scale, variant) for scale in self._settings.scales(*picture.shape[:2])]
        empty = np.zeros((0, 4)), np.zeros(0, np.float32), np.zeros((0, 4), np.float32)
        boxes, scores, regression = zip(empty, *parts, strict=True)
        return np.concatenate(boxes), np.concatenate(scores), np.concatenate(regression)

    def _level(
        self, picture: Picture, scale: float, variant: Variant
    ) -> tuple[Boxes, NDArray[np.float32], NDArray[np.float32]]:
        height, width = level_size(picture.shape[0], picture.shape[1], scale)
        if variant.pyramid == "area":
            level = self._core.level(picture, height, width)
        else:
            method = Image.Resampling[variant.pyramid]
            level = np.array(Image.fromarray(picture).resize((width, height), method))
        probability, regression = self._core.pnet(level)
        y, x = np.nonzero(probability >= self._settings.thresholds[0])
        edges = np.stack([STRIDE * x + variant.first, STRIDE * y + variant.first], axis=1)
        boxes = np.concatenate([edges, edges + (variant.last - variant.first)], axis=1).astype(np.float64)
        ratio = [width / picture.shape[1], height / picture.shape[0]] if variant.real_scale else [scale, scale]
        boxes /= ratio * 2
        keep = np.sort(self._suppress(boxes, probability[y, x], NMS_WITHIN_LEVEL))
        return boxes[keep], probability[y, x][keep], regression[y, x][keep]

    def _suppress(
        self, boxes: Boxes, scores: NDArray[np.float32], threshold: float, *, smaller: bool = False
    ) -> NDArray[np.intp]:
        kept = self._core.suppress(boxes, np.ascontiguousarray(scores), threshold, False, smaller)  # noqa: FBT003
        return np.array(kept, np.intp)


def _calibrated(boxes: Boxes, regression: NDArray[np.float32]) -> Boxes:
    sides = boxes[:, 2:] - boxes[:, :2]
    return calibrate(boxes, regression.astype(np.float64), sides[:, 0], sides[:, 1])


def _moved(boxes: Boxes, *, offset: float, size: float) -> Boxes:
    centre, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2 * size
    return np.concatenate([centre - half, centre + half], axis=1) + offset


def _resized(picture: Picture, box: NDArray[np.float64], method: Image.Resampling) -> Picture:
    """What lies in the box, by a filter of Pillow's; black outside the picture."""
    margin = 3 + int(3 * (box[2] - box[0]) / ONET_SIDE)  # what the widest filter reaches
    left, top = (int(np.floor(edge)) - margin for edge in box[:2])
    right, bottom = (int(np.ceil(edge)) + margin for edge in box[2:])
    seen = Image.fromarray(picture).crop((left, top, right, bottom))
    place = (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
    return np.asarray(seen.resize((ONET_SIDE, ONET_SIDE), method, box=place))

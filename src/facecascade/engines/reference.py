"""The executable specification: the whole cascade in NumPy, float64 inside, to be read beside the paper.

It takes seconds a picture and is the oracle of every test. Arrays are (h, w, channels) with any leading axes; boxes are
(n, 4) rows of x1 y1 x2 y2 in pixels of the upright picture; pixel i covers the interval from i to i + 1.

Two geometries differ in a few habits, told once, in `Geometry`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecascade.faces import Faces
from facecascade.settings import (
    CELL,
    LANDMARK_OVERLAP,
    NMS_ACROSS_LEVELS,
    NMS_AFTER_RNET,
    NMS_FINAL,
    NMS_WITHIN_LEVEL,
    ONET_SIDE,
    RNET_SIDE,
    STRIDE,
    Settings,
    level_size,
)
from facecascade.study import Level, Look, Study
from facecascade.trace import Trace

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]
Tensors = Mapping[str, NDArray[np.float32]]


# --- Where a box lies -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Geometry:
    """How numbers of the networks become places in the picture.

    Attributes:
        whole: boxes are cut to whole pixels before every crop, P-Net's windows by floor, later boxes towards zero.
        last: 1 if x2 and y2 name the last pixel inside a box, counted from 1 as MATLAB does, so that a box is
            `x2 - x1 + 1` wide and its first pixel is the one that starts at x1 - 1; 0 if they are the edge of the box.
        window: where the box of P-Net's window starts and ends, in pixels of the level from twice its column or row.
        rnet_crop: side of R-Net's crops, as a share of the squares that P-Net proposes.
        onet_crop: side of O-Net's crops, as a share of the squares that R-Net refines.
        point: what is taken from the places of landmarks in the picture, so that they count pixel centres.
        average: the landmarks of a face are the mean over all boxes that found it, not those of the best alone.
    """

    whole: bool
    last: int
    window: tuple[float, float]
    rnet_crop: float
    onet_crop: float
    point: float
    average: bool

    def windows(self, x: Array, y: Array, scale: float) -> Array:
        """Box of each P-Net window at column x and row y of the map of one level.

        The window sees pixels 2x to 2x + 11 of the level. Counted from 1, as the authors' MATLAB did, they are 2x + 1
        to 2x + 12, and the networks' regressions start from about there: the true edges 2x and 2x + 12 lose .03 AP,
        and 2x + 1.25 to 2x + 11.5 gains as much again (`docs/accuracy.md`).
        """
        first, last = self.window
        corners = np.stack([STRIDE * x + first, STRIDE * y + first, STRIDE * x + last, STRIDE * y + last], axis=1)
        corners /= scale
        return np.floor(corners) if self.whole else corners

    def sides(self, boxes: Array) -> tuple[Array, Array]:
        """Width and height of each box."""
        return boxes[:, 2] - boxes[:, 0] + self.last, boxes[:, 3] - boxes[:, 1] + self.last

    def cut(self, boxes: Array) -> Array:
        """Boxes as they are cropped."""
        return np.trunc(boxes) if self.whole else boxes


GEOMETRIES = {
    "subpixel": Geometry(
        whole=False, last=0, window=(1.25, 11.5), rnet_crop=0.975, onet_crop=0.97, point=0.5, average=True
    ),
    "classic": Geometry(whole=True, last=1, window=(1, CELL), rnet_crop=1, onet_crop=1, point=1, average=False),
}


def calibrate(boxes: Array, regression: Array, width: Array, height: Array) -> Array:
    """Boxes moved by the bounding-box regression, (n, 4) in units of the box's width and height."""
    return boxes + regression * np.stack([width, height, width, height], axis=1)


def squared(boxes: Array) -> Array:
    """The square of the longer side around the same centre."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    side = np.maximum(width, height)
    x1 = boxes[:, 0] + width * 0.5 - side * 0.5
    y1 = boxes[:, 1] + height * 0.5 - side * 0.5
    return np.stack([x1, y1, x1 + side, y1 + side], axis=1)


def tightened(squares: Array, share: float) -> Array:
    """Squares around the same centres with this share of the side: networks see the face a little larger."""
    if share == 1:
        return squares
    centre, half = (squares[:, :2] + squares[:, 2:]) / 2, (squares[:, 2:] - squares[:, :2]) / 2 * share
    return np.concatenate([centre - half, centre + half], axis=1)


def nms(
    boxes: Array, scores: Array, *, threshold: float, geometry: Geometry, smaller: bool = False
) -> NDArray[np.intp]:
    """Non-maximum suppression: positions that stay, best score first; of equal scores the earlier is the better.

    A box goes if it overlaps a better one that stays by more than `threshold`.
    """
    order = np.argsort(-scores, kind="stable")
    keep: list[int] = []
    while order.size:
        best, rest = order[0], order[1:]
        keep.append(int(best))
        order = rest[overlaps(boxes[best], boxes[rest], geometry=geometry, smaller=smaller) <= threshold]
    return np.array(keep, np.intp)


def overlaps(box: Array, others: Array, *, geometry: Geometry, smaller: bool = False) -> Array:
    """Intersection of a box (4,) with each of others (n, 4), over their union or over the area of the smaller."""
    across = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = np.prod(np.maximum(across + geometry.last, 0), axis=1)
    area, areas = (np.prod(geometry.sides(boxes), axis=0) for boxes in (box[None], others))
    whole = np.minimum(area, areas) if smaller else area + areas - shared
    share: Array = np.divide(shared, whole, out=np.zeros_like(shared), where=shared > 0)
    return share


def average_landmarks(landmarks: Array, boxes: Array, scores: Array, *, best: NDArray[np.intp]) -> Array:
    """Landmarks (k, 5, 2) of the boxes at `best`: means over all boxes that found the same face.

    A box counts by its score and by how far its IoU exceeds `LANDMARK_OVERLAP`, so that no box comes in suddenly.
    """
    averages = landmarks[best]
    for k, position in enumerate(best):
        overlap = overlaps(boxes[position], boxes, geometry=GEOMETRIES["subpixel"])
        weights = scores * np.maximum(overlap - LANDMARK_OVERLAP, 0)
        if weights.sum() > 0:
            averages[k] = np.tensordot(weights, landmarks, axes=1) / weights.sum()
    return averages


# --- Sampling the picture ---------------------------------------------------------------------------------------------

PYRAMID_BITS = 16
ROW_BITS = 7


def coverage(start: float, stop: float, cells: int, *, low: int, high: int, least: float) -> Array:
    """Share of pixels `low` to `high` in each of the equal cells between `start` and `stop`, (cells, high - low).

    A cell narrower than `least` pixels is widened to it around its centre. With `least=1` that is linear interpolation
    when enlarging and the area average when shrinking, without a seam between the two.
    """
    step = (stop - start) / cells
    half = max(step, least) / 2
    centre = start + (np.arange(cells) + 0.5) * step
    pixel = np.arange(low, high)
    upper = np.minimum(pixel + 1, (centre + half)[:, None])
    lower = np.maximum(pixel, (centre - half)[:, None])
    shares: Array = np.maximum(upper - lower, 0) / (2 * half)
    return shares


def level_weights(size: int, cells: int) -> Array:
    """Whole-number weights of one axis of a pyramid level, (cells, size); each row sums to 2 ** 16.

    The coverage of all pixels up to each one is rounded, and the weight is the difference: exact in every engine, and
    never off by more than one part in 2 ** 16 at any edge. Where the level is larger than the picture, the outermost
    cells reach over the edge, and what they miss counts for the pixel at the edge.
    """
    step = size / cells
    half = max(step, 1.0) / 2
    centre = (np.arange(cells) + 0.5) * step
    edges = np.arange(1, size)
    below = np.clip((edges - (centre - half)[:, None]) / (2 * half), 0, 1)
    total = np.pad(np.floor(below * 2**PYRAMID_BITS + 0.5), ((0, 0), (1, 1)), constant_values=(0, 2**PYRAMID_BITS))
    return np.diff(total, axis=1)


def level(picture: Picture, height: int, width: int) -> Picture:
    """One level of the image pyramid by area average, exact to the byte.

    The vertical average is rounded to 15 bits, the horizontal one to 8; every product and sum is a whole number.
    """
    rows = level_weights(picture.shape[0], height)
    columns = level_weights(picture.shape[1], width)
    drop = PYRAMID_BITS - ROW_BITS
    tall = np.tensordot(rows, picture.astype(np.float64), axes=1)
    tall = np.floor((tall + 2.0 ** (drop - 1)) / 2.0**drop)
    drop = PYRAMID_BITS + ROW_BITS
    wide = np.einsum("xc,ycd->yxd", columns, tall, optimize=True)
    pixels: Picture = np.floor((wide + 2.0 ** (drop - 1)) / 2.0**drop).astype(np.uint8)
    return pixels


def crops(picture: Picture, boxes: Array, side: int, *, geometry: Geometry) -> Array:
    """The picture inside each box as (n, side, side, 3), 0 to 255, not rounded; 0 outside the picture."""
    out = np.zeros((len(boxes), side, side, 3))
    least = 0.0 if geometry.whole else 1.0
    for k, (x1, y1, x2, y2) in enumerate(boxes):
        if x2 + geometry.last <= x1 or y2 + geometry.last <= y1:
            continue
        left, right = _reach(x1 - geometry.last, x2, side, picture.shape[1])
        top, bottom = _reach(y1 - geometry.last, y2, side, picture.shape[0])
        columns = coverage(x1 - geometry.last, x2, side, low=left, high=right, least=least)
        rows = coverage(y1 - geometry.last, y2, side, low=top, high=bottom, least=least)
        tall = np.tensordot(rows, picture[top:bottom, left:right].astype(np.float64), axes=1)
        out[k] = np.einsum("xc,ycd->yxd", columns, tall, optimize=True)
    return out


def _reach(start: float, stop: float, cells: int, size: int) -> tuple[int, int]:
    """First and last-plus-one pixel that the cells between start and stop can touch, inside a side of `size`."""
    margin = max(1.0, (stop - start) / cells)
    low = int(np.clip(np.floor(start - margin), 0, size))
    return low, int(np.clip(np.ceil(stop + margin), low, size))


# --- The networks (the paper, figure 2) -------------------------------------------------------------------------------


def normalised(pixels: NDArray[np.uint8] | Array) -> Array:
    """Pixels 0 to 255 as the networks want them: about -1 to 1."""
    return (pixels.astype(np.float64) - 127.5) / 128


def conv(x: Array, tensors: Tensors, name: str) -> Array:
    """Convolution without padding, stride 1, then PReLU: (..., h, w, in) -> (..., h - k + 1, w - k + 1, out)."""
    kernel = tensors[f"{name}.weight"].astype(np.float64)
    height, width = x.shape[-3] - kernel.shape[0] + 1, x.shape[-2] - kernel.shape[1] + 1
    y = sum(
        x[..., i : i + height, j : j + width, :] @ kernel[i, j]
        for i in range(kernel.shape[0])
        for j in range(kernel.shape[1])
    )
    return prelu(y + tensors[f"{name}.bias"].astype(np.float64), tensors, name.replace("conv", "prelu"))


def prelu(x: Array, tensors: Tensors, name: str) -> Array:
    """max(x, 0) + alpha * min(x, 0), one alpha a channel."""
    return np.where(x >= 0, x, x * tensors[f"{name}.alpha"].astype(np.float64))


def pool(x: Array, size: int) -> Array:
    """Maximum of size x size windows at stride 2; a last window that sticks out counts what it has (Caffe's ceil)."""
    height, width = (-(-(n - size) // 2) + 1 for n in x.shape[-3:-1])
    missing = [max(2 * (n - 1) + size - have, 0) for n, have in ((height, x.shape[-3]), (width, x.shape[-2]))]
    x = np.pad(x, [(0, 0)] * (x.ndim - 3) + [(0, missing[0]), (0, missing[1]), (0, 0)], constant_values=-np.inf)
    shifted = (
        x[..., i : i + 2 * height - 1 : 2, j : j + 2 * width - 1 : 2, :] for i in range(size) for j in range(size)
    )
    most: Array = np.maximum.reduce(list(shifted))
    return most


def dense(x: Array, tensors: Tensors, name: str) -> Array:
    """Fully connected: (..., in) -> (..., out)."""
    return x @ tensors[f"{name}.weight"].astype(np.float64) + tensors[f"{name}.bias"].astype(np.float64)


def face_probability(logits: Array) -> Array:
    """Second of two softmax probabilities: (..., 2) -> (...)."""
    return 1 / (1 + np.exp(logits[..., 0] - logits[..., 1]))


def pnet(x: Array, tensors: Tensors) -> tuple[Array, Array]:
    """Level (h, w, 3) -> probability (h', w') and regression (h', w', 4) of every window; x.shape >= (12, 12, 3)."""
    x = pool(conv(x, tensors, "pnet.conv1"), 2)  # (ceil((h - 2) / 2), ceil((w - 2) / 2), 10)
    x = conv(x, tensors, "pnet.conv2")  # (-2, -2, 16)
    x = conv(x, tensors, "pnet.conv3")  # (-2, -2, 32)
    return face_probability(dense(x, tensors, "pnet.score")), dense(x, tensors, "pnet.box")


def rnet(x: Array, tensors: Tensors) -> tuple[Array, Array]:
    """Crops (n, 24, 24, 3) -> probability (n,) and regression (n, 4)."""
    x = pool(conv(x, tensors, "rnet.conv1"), 3)  # (n, 11, 11, 28)
    x = pool(conv(x, tensors, "rnet.conv2"), 3)  # (n, 4, 4, 48)
    x = conv(x, tensors, "rnet.conv3")  # (n, 3, 3, 64)
    x = prelu(dense(x.reshape(len(x), 3 * 3 * 64), tensors, "rnet.dense"), tensors, "rnet.prelu4")  # (n, 128)
    return face_probability(dense(x, tensors, "rnet.score")), dense(x, tensors, "rnet.box")


def onet(x: Array, tensors: Tensors) -> tuple[Array, Array, Array]:
    """Crops (n, 48, 48, 3) -> probability (n,), regression (n, 4), landmarks (n, 5, 2) in shares of the box."""
    x = pool(conv(x, tensors, "onet.conv1"), 3)  # (n, 23, 23, 32)
    x = pool(conv(x, tensors, "onet.conv2"), 3)  # (n, 10, 10, 64)
    x = pool(conv(x, tensors, "onet.conv3"), 2)  # (n, 4, 4, 64)
    x = conv(x, tensors, "onet.conv4")  # (n, 3, 3, 128)
    x = prelu(dense(x.reshape(len(x), 3 * 3 * 128), tensors, "onet.dense"), tensors, "onet.prelu5")  # (n, 256)
    landmarks = dense(x, tensors, "onet.landmarks").reshape(len(x), 2, 5).swapaxes(1, 2)
    return face_probability(dense(x, tensors, "onet.score")), dense(x, tensors, "onet.box"), landmarks


# --- The cascade (the paper, section II) ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposals:
    """Boxes (n, 4) on their way through the cascade, with the score and the regression of the last network."""

    boxes: Array
    scores: Array
    regression: Array

    def __getitem__(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Proposals:
        return Proposals(self.boxes[rows], self.scores[rows], self.regression[rows])

    def faces(self) -> Faces:
        """As the trace shows them."""
        return _shown(self.boxes, self.scores)


class ReferenceEngine:
    """The specification as an engine: `detect` and `trace` as every engine has them."""

    name = "reference"

    def __init__(self, tensors: Tensors) -> None:
        self._tensors = tensors

    @property
    def description(self) -> str:
        """One line for people."""
        return "reference, NumPy float64"

    def detect(self, pictures: Sequence[Picture], settings: Settings) -> list[Faces]:
        """Faces of each picture, (h, w, 3) uint8 RGB."""
        return [self.trace(picture, settings).faces for picture in pictures]

    def close(self) -> None:
        """Nothing to close."""

    def trace(self, picture: Picture, settings: Settings) -> Trace:
        """Faces of one picture, with what each stage let through."""
        return self.study(picture, settings).trace

    def study(self, picture: Picture, settings: Settings) -> Study:
        """Faces of one picture, with everything on the way to them."""
        geometry = GEOMETRIES[settings.geometry]
        levels, within = self._pyramid(picture, settings)
        kept = _together(within)
        kept = kept[nms(kept.boxes, kept.scores, threshold=NMS_ACROSS_LEVELS, geometry=geometry)]
        proposals = _proposals(kept, geometry)
        rnet_look, refined = self._refined(picture, proposals, settings)
        onet_look, faces = self._faces(picture, refined, settings) if settings.stages == 3 else (None, refined.faces())
        trace = Trace(
            scales=tuple(level.scale for level in levels),
            candidates=tuple(len(level.windows) for level in levels),
            proposals=proposals.faces(),
            refined=refined.faces(),
            faces=faces,
        )
        return Study(levels=levels, kept=kept.faces(), rnet=rnet_look, onet=onet_look, trace=trace)

    def _pyramid(self, picture: Picture, settings: Settings) -> tuple[tuple[Level, ...], list[Proposals]]:
        """The levels, and the windows of each that pass P-Net and suppression within the level, row by row."""
        geometry = GEOMETRIES[settings.geometry]
        levels: list[Level] = []
        within: list[Proposals] = []
        for scale in settings.scales(*picture.shape[:2]):
            pixels = level(picture, *level_size(picture.shape[0], picture.shape[1], scale))
            probability, regression = pnet(normalised(pixels), self._tensors)
            y, x = np.nonzero(probability >= settings.thresholds[0])
            windows = geometry.windows(x.astype(np.float64), y.astype(np.float64), scale)
            passed = Proposals(windows, probability[y, x], regression[y, x])
            best = nms(passed.boxes, passed.scores, threshold=NMS_WITHIN_LEVEL, geometry=geometry)
            kept = passed[np.sort(best)]
            levels.append(Level(scale, pixels, probability.astype(np.float32), passed.faces(), kept.faces()))
            within.append(kept)
        return tuple(levels), within

    def _refined(self, picture: Picture, proposals: Proposals, settings: Settings) -> tuple[Look, Proposals]:
        """What O-Net gets: R-Net's score above its threshold, NMS, calibrated, square."""
        geometry = GEOMETRIES[settings.geometry]
        squares = tightened(proposals.boxes, geometry.rnet_crop)
        pixels = crops(picture, squares, RNET_SIDE, geometry=geometry)
        scores, regression = rnet(normalised(pixels), self._tensors)
        passed = scores > settings.thresholds[1]
        better = Proposals(squares, scores, regression)[passed]
        best = better[nms(better.boxes, better.scores, threshold=NMS_AFTER_RNET, geometry=geometry)]
        boxes = geometry.cut(squared(calibrate(best.boxes, best.regression, *geometry.sides(best.boxes))))
        return Look(_bytes(pixels), _shown(squares, scores), passed), Proposals(boxes, best.scores, best.regression)

    def _faces(self, picture: Picture, refined: Proposals, settings: Settings) -> tuple[Look, Faces]:
        """The result: O-Net's score above its threshold, landmarks, calibrated, NMS by the smaller area."""
        geometry = GEOMETRIES[settings.geometry]
        squares = tightened(refined.boxes, geometry.onet_crop)
        pixels = crops(picture, squares, ONET_SIDE, geometry=geometry)
        scores, regression, landmarks = onet(normalised(pixels), self._tensors)
        sides = np.stack(geometry.sides(squares), axis=1)
        points = landmarks * sides[:, None] + squares[:, None, :2] - geometry.point
        passed = scores > settings.thresholds[2]
        look = Look(_bytes(pixels), _shown(squares, scores, points), passed)
        boxes = calibrate(squares[passed], regression[passed], *sides[passed].T)
        scores, points = scores[passed], points[passed]
        best = nms(boxes, scores, threshold=NMS_FINAL, geometry=geometry, smaller=True)
        points = average_landmarks(points, boxes, scores, best=best) if geometry.average else points[best]
        return look, _shown(boxes[best], scores[best], points)


def _together(levels: list[Proposals]) -> Proposals:
    """The windows of all levels, level by level."""
    return Proposals(
        np.concatenate([one.boxes for one in levels] or [np.zeros((0, 4))]),
        np.concatenate([one.scores for one in levels] or [np.zeros(0)]),
        np.concatenate([one.regression for one in levels] or [np.zeros((0, 4))]),
    )


def _proposals(kept: Proposals, geometry: Geometry) -> Proposals:
    """What R-Net gets: calibrated, square."""
    # The published ports add no 1 to the sides here, whatever they do later.
    width, height = kept.boxes[:, 2] - kept.boxes[:, 0], kept.boxes[:, 3] - kept.boxes[:, 1]
    boxes = geometry.cut(squared(calibrate(kept.boxes, kept.regression, width, height)))
    return Proposals(boxes, kept.scores, kept.regression)


def _shown(boxes: Array, scores: Array, landmarks: Array | None = None) -> Faces:
    points = None if landmarks is None else landmarks.astype(np.float32)
    return Faces(boxes.astype(np.float32), scores.astype(np.float32), points)


def _bytes(pixels: Array) -> NDArray[np.uint8]:
    return np.rint(pixels).astype(np.uint8)

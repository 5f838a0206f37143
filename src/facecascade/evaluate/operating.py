"""What a threshold gives: precision, recall and false faces per picture at each, for faces of any size.

A detector that was run with a low last threshold tells what any higher one would have given, since suppression goes
from the best score down: what a threshold drops has suppressed nothing above it.

Right and wrong are those of the WIDER FACE protocol at IoU .5, with one difference: in a picture without any marked
face, which that protocol leaves out, every detection is false.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facecascade.evaluate.bootstrap import LEVEL, ROUNDS, picture_weights
from facecascade.evaluate.calibration import wilson_interval
from facecascade.evaluate.wider import Judged
from facecascade.faces import Faces

GRID: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
"""Thresholds to look at; close to 1, where most faces of such detectors lie."""
SIZES: Final = (0.0, 20.0, 40.0, math.inf)
"""Limits of heights in pixels: smaller than what P-Net looks for by default, up to twice that, and larger."""

Table = NDArray[np.float64]
Band = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class OperatingPoints:
    """What each threshold gives, for faces of some size.

    Attributes:
        thresholds: (t,) rising; a detection counts from this score up.
        right: (pictures, t) detections of this size that are right.
        wrong: (pictures, t) detections of this size that are wrong.
        found: (pictures, t) marked faces of this size that are found, by a detection of any size.
        marked: (pictures,) marked faces of this size.
    """

    thresholds: NDArray[np.float64]
    right: NDArray[np.int64]
    wrong: NDArray[np.int64]
    found: NDArray[np.int64]
    marked: NDArray[np.int64]

    @property
    def precision(self) -> NDArray[np.float64]:
        """(t,) share of the detections that are right; NaN where there are none."""
        return self._precision(self._once())

    @property
    def recall(self) -> NDArray[np.float64]:
        """(t,) share of the marked faces that are found; NaN where there are none."""
        return self._recall(self._once())

    @property
    def false_per_picture(self) -> NDArray[np.float64]:
        """(t,) wrong detections per picture; NaN where there is no picture."""
        return self._false(self._once())

    def bands(self, *, rounds: int = ROUNDS, level: float = LEVEL, seed: int = 0) -> dict[str, Band]:
        """Ends of the interval of "precision", "recall" and "false_per_picture", (t,) each, by bootstrap over pictures.

        Faces of one picture are alike, so whole pictures are drawn, as many as there are. What all pictures agree on,
        resampling cannot doubt; so a share of 0 or 1 gets Wilson's interval, and false faces that are 0 in n pictures
        get what would be 0 by chance as seldom as the level says, about 3 / n.
        """
        weights = picture_weights(np.random.default_rng(seed), rounds, len(self.marked)).astype(np.float64)
        right, wrong, found = (kind.sum(axis=0) for kind in (self.right, self.wrong, self.found))
        marked = np.full_like(found, self.marked.sum())
        most = -math.log(1 - level) / max(len(self.marked), 1)
        return {
            "precision": _unless_certain(_ends(self._precision(weights), level), right, right + wrong, level),
            "recall": _unless_certain(_ends(self._recall(weights), level), found, marked, level),
            "false_per_picture": _unless_none(_ends(self._false(weights), level), wrong, most),
        }

    def _once(self) -> Table:
        """Each picture once: the measurement itself, as a resample of its own."""
        return np.ones(len(self.marked))

    def _precision(self, weights: Table) -> Table:
        right = weights @ self.right
        return _ratio(right, right + weights @ self.wrong)

    def _recall(self, weights: Table) -> Table:
        return _ratio(weights @ self.found, np.asarray(weights @ self.marked)[..., None])

    def _false(self, weights: Table) -> Table:
        return _ratio(weights @ self.wrong, np.asarray(weights.sum(axis=-1))[..., None])


def operating_points(
    found: Mapping[str, Faces],
    judged: Mapping[str, Judged],
    subset: str,
    *,
    thresholds: Sequence[float] | NDArray[np.float64] | None = None,
    low: float = 0.0,
    high: float = math.inf,
) -> OperatingPoints:
    """What each threshold gives for faces whose height in pixels is from `low` up to, not including, `high`.

    Args:
        found: the faces of each picture, by its name.
        judged: the same, judged.
        subset: the marked faces that count.
        thresholds: rising; by default those of `GRID` above the lowest score there is, after that one rounded down.
        low: least height.
        high: height to stay below.
    """
    steps = np.asarray(default_thresholds(found) if thresholds is None else thresholds, np.float64)
    rows = [_count(found[name], one, subset, steps, (low, high)) for name, one in judged.items()]
    right, wrong, hit = np.array(rows, np.int64).reshape(-1, 3, len(steps)).swapaxes(0, 1)
    marked = [_within(one.marked.boxes, low, high) & one.marked.members[subset] for one in judged.values()]
    return OperatingPoints(steps, right, wrong, hit, np.array([np.count_nonzero(one) for one in marked], np.int64))


def default_thresholds(found: Mapping[str, Faces]) -> tuple[float, ...]:
    """The lowest score, rounded down to hundredths, and those of `GRID` above it."""
    least = min((float(faces.scores.min()) for faces in found.values() if len(faces)), default=0.0)
    start = math.floor(least * 100) / 100
    return start, *(value for value in GRID if value > start)


def _count(
    faces: Faces, picture: Judged, subset: str, thresholds: NDArray[np.float64], limits: tuple[float, float]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Right and wrong detections, and faces found, of one picture at each threshold."""
    scores = faces.scores[picture.order].astype(np.float64)
    sized = _within(faces.boxes[picture.order].astype(np.float64), *limits)
    right = picture.right(subset)
    counted = picture.counted(subset) if len(picture.marked) else np.ones(len(scores), np.bool_)
    hits = right.copy()
    hits[right] = _within(picture.marked.boxes, *limits)[picture.belongs[right]]
    reached = scores[:, None] >= thresholds
    return (
        np.count_nonzero(reached[right & sized], axis=0),
        np.count_nonzero(reached[counted & ~right & sized], axis=0),
        np.count_nonzero(reached[hits], axis=0),
    )


def _within(boxes: NDArray[np.float64], low: float, high: float) -> NDArray[np.bool_]:
    height = boxes[:, 3] - boxes[:, 1]
    return (height >= low) & (height < high)


def _ratio(top: Table, bottom: Table) -> Table:
    ratio = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=ratio, where=np.broadcast_to(bottom, top.shape) > 0)
    return ratio


def _ends(values: NDArray[np.float64], level: float) -> Band:
    """Ends of the percentile interval of each column; NaN where no resample has a value."""
    ends = np.full((2, values.shape[1]), np.nan)
    filled = ~np.isnan(values).all(axis=0)
    ends[:, filled] = np.nanquantile(values[:, filled], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ends[0], ends[1]


def _unless_certain(band: Band, true: NDArray[np.int64], count: NDArray[np.int64], level: float) -> Band:
    ends = wilson_interval(true, count, z=NormalDist().inv_cdf((1 + level) / 2))
    certain = (true == 0) | (true == count)
    low, high = (np.where(certain, theirs, ours) for ours, theirs in zip(band, ends, strict=True))
    return low, high


def _unless_none(band: Band, wrong: NDArray[np.int64], most: float) -> Band:
    return band[0], np.where(wrong == 0, most, band[1])

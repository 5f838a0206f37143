"""Average precision by the WIDER FACE protocol, for any subsets of the faces: "easy", "medium" and "hard".

Source: Yang, Luo, Loy, Tang, "WIDER FACE: A Face Detection Benchmark", CVPR 2016, and the evaluation program that its
authors publish. What that program does, in its order:

1. Scores of the whole set are stretched to 0 to 1.
2. In each picture a detection, best score first, is compared with every marked face, whatever its subset, and belongs
   to the one it overlaps most, if their IoU is at least .5.
3. A detection that belongs to a face outside the subset is ignored: neither right nor wrong.
4. Of the detections that belong to a face of the subset the best is right; the others, and those that belong to no
   face, are wrong.
5. Precision and recall are read at 1000 thresholds, .999, .998 and so on down to 0, and the area under the curve is
   taken as PASCAL VOC does since 2010: precision is the best at this recall or any higher.

Two of its habits matter on small sets: a picture without any marked face counts for nothing, not even its false
positives, and curves are read at the thresholds only, so that scores closer than .001 are one step.

One habit is not repeated unless asked for: that program takes x2 and y2 for the last pixel inside a box, although it
has computed them as x + width, and so counts every box one pixel too wide and too high. That helps small faces: one
set of detections scores .932 / .913 / .830 with the extra pixel and .930 / .909 / .816 without. Compare figures of one
kind only; `inclusive=True` gives the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError
from facecascade.evaluate.truth import Marked, subsets_of
from facecascade.faces import Faces
from facecascade.overlap import iou

SUBSETS: Final = ("easy", "medium", "hard")
"""Of WIDER FACE: each holds the one before."""
LEAST_IOU: Final = 0.5
"""Overlap from which a detection belongs to a marked face."""
THRESHOLDS: Final = 1000
"""Number of scores at which precision and recall are read."""


@dataclass(frozen=True, eq=False)
class Judged:
    """The detections of one picture, best score first, and the marked faces that they belong to.

    Attributes:
        order: (n,) the place of each detection in the detector's `Faces`.
        scores: (n,) float64, stretched to 0 to 1 over the whole set.
        belongs: (n,) the place of the face in `marked.boxes`; -1 for a detection that belongs to none.
        marked: the faces of the picture.
    """

    order: NDArray[np.intp]
    scores: NDArray[np.float64]
    belongs: NDArray[np.intp]
    marked: Marked

    def counted(self, subset: str) -> NDArray[np.bool_]:
        """(n,) bool: the detections that are right or wrong; the others belong to faces outside the subset."""
        if not len(self.marked):
            return np.zeros(len(self.order), np.bool_)
        return (self.belongs < 0) | self.marked.members[subset][self.belongs]

    def right(self, subset: str) -> NDArray[np.bool_]:
        """(n,) bool: the best detection of each face of the subset that is found."""
        hits = np.flatnonzero(self.counted(subset) & (self.belongs >= 0))
        _, first = np.unique(self.belongs[hits], return_index=True)
        right = np.zeros(len(self.order), np.bool_)
        right[hits[first]] = True
        return right

    def found(self) -> NDArray[np.bool_]:
        """(faces,) bool: the marked faces that a detection of any score belongs to."""
        found = np.zeros(len(self.marked), np.bool_)
        found[self.belongs[self.belongs >= 0]] = True
        return found


@dataclass(frozen=True, eq=False)
class Tally:
    """What one subset counts, by picture and by threshold: all that its curve needs, and any resampling of it.

    A detection's step is the place, 0 to 999, of the highest threshold that its score reaches.

    Attributes:
        pictures: names.
        faces: (pictures,) marked faces of the subset.
        counted: (n, 2) picture and step of each detection that is right or wrong.
        right: (m, 2) picture and step of each detection that is right.
    """

    pictures: tuple[str, ...]
    faces: NDArray[np.int64]
    counted: NDArray[np.int64]
    right: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Curve:
    """Precision against recall of one subset.

    Attributes:
        precision: (1000,) share of the counted detections that are right, at each threshold from .999 down to 0; 0
            where no detection is counted.
        recall: (1000,) share of the subset's faces that are found, at each threshold.
        faces: number of faces in the subset.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    faces: int

    @property
    def average_precision(self) -> float:
        """Area under the curve once precision is made to fall with recall; 0 to 1."""
        return float(area_under(self.precision, self.recall))


def evaluate(
    found: Mapping[str, Faces], marked: Mapping[str, Marked], *, inclusive: bool = False, least: float = LEAST_IOU
) -> dict[str, Curve]:
    """The curve of each subset; see `judge` for the arguments and what it raises."""
    judged = judge(found, marked, inclusive=inclusive, least=least)
    return {subset: curve(tally(judged, subset)) for subset in subsets_of(marked)}


def judge(
    found: Mapping[str, Faces], marked: Mapping[str, Marked], *, inclusive: bool = False, least: float = LEAST_IOU
) -> dict[str, Judged]:
    """Which face each detection belongs to, picture by picture (rules 1 and 2).

    Args:
        found: what a detector found in each picture, by name; `Faces.empty()` where it found nothing.
        marked: the marked faces of the same pictures, by the same names.
        inclusive: count every box one pixel wider and higher, as the authors' program does.
        least: overlap from which a detection belongs to a face, above 0; less than .5 is for sets whose boxes follow
            another rule, and no longer the protocol.

    Raises:
        AnnotationError: the two do not name the same pictures, or `least` is out of range.
    """
    if found.keys() != marked.keys():
        differing = sorted(found.keys() ^ marked.keys())
        raise AnnotationError(
            f"expected detections of the very pictures that are marked, got {len(differing)} pictures in one of the "
            f"two only, such as {differing[0]!r}: give Faces.empty() where nothing was found"
        )
    if not 0 < least <= 1:
        raise AnnotationError(f"expected an overlap above 0 and up to 1, got {least:g}")
    stretched = _stretch({name: faces.scores.astype(np.float64) for name, faces in found.items()})
    return {
        name: _judge(found[name], stretched[name], marked[name], extra=float(inclusive), least=least) for name in marked
    }


def tally(judged: Mapping[str, Judged], subset: str) -> Tally:
    """What a subset counts in each picture (rules 3 and 4), at the thresholds of rule 5."""
    counted, right = [np.zeros((0, 2), np.int64)], [np.zeros((0, 2), np.int64)]
    for place, picture in enumerate(judged.values()):
        steps = np.stack([np.full(len(picture.scores), place), _steps(picture.scores)], axis=1)
        counted.append(steps[picture.counted(subset)])
        right.append(steps[picture.right(subset)])
    faces = [np.count_nonzero(picture.marked.members[subset]) for picture in judged.values()]
    return Tally(tuple(judged), np.array(faces, np.int64), np.concatenate(counted), np.concatenate(right))


def curve(tally: Tally) -> Curve:
    """Precision and recall at each threshold."""
    counted, right = (
        np.cumsum(np.bincount(steps[:, 1], minlength=THRESHOLDS)).astype(np.float64)
        for steps in (tally.counted, tally.right)
    )
    precision = np.divide(right, counted, out=np.zeros(THRESHOLDS), where=counted > 0)
    faces = int(tally.faces.sum())
    return Curve(precision, right / max(faces, 1), faces)


def area_under(precision: NDArray[np.float64], recall: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average precision of curves: (..., n) precision and recall, by falling threshold, to (...)."""
    envelope = np.maximum.accumulate(precision[..., ::-1], axis=-1)[..., ::-1]
    area: NDArray[np.float64] = np.sum(np.diff(recall, prepend=0.0, axis=-1) * envelope, axis=-1)
    return area


def _stretch(scores: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    filled = [values for values in scores.values() if len(values)]
    if not filled:
        return dict(scores)
    low = min(float(values.min()) for values in filled)
    high = max(float(values.max()) for values in filled)
    if low == high:
        return {name: np.ones_like(values) for name, values in scores.items()}
    return {name: (values - low) / (high - low) for name, values in scores.items()}


def _judge(faces: Faces, scores: NDArray[np.float64], marked: Marked, *, extra: float, least: float) -> Judged:
    order = np.argsort(-scores, kind="stable")
    belongs = np.full(len(order), -1)
    if len(marked) and len(order):
        overlap = iou(faces.boxes[order], marked.boxes, extra=extra)
        belongs = np.where(overlap.max(axis=1) >= least, overlap.argmax(axis=1), -1)
    return Judged(order, scores[order], belongs, marked)


def _steps(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    thresholds = 1 - np.arange(1, THRESHOLDS + 1) / THRESHOLDS
    return THRESHOLDS - np.searchsorted(thresholds[::-1], scores, side="right")

"""Average precision by the WIDER FACE protocol, for the three subsets "easy", "medium" and "hard".

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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.overlap import iou
from facecascade.faces import Faces

Subset = Literal["easy", "medium", "hard"]
SUBSETS: Final[tuple[Subset, ...]] = get_args(Subset)

LEAST_IOU: Final = 0.5
"""Overlap from which a detection belongs to a marked face."""
THRESHOLDS: Final = 1000
"""Number of scores at which precision and recall are read."""


@dataclass(frozen=True, eq=False)
class Marked:
    """The marked faces of one picture.

    Attributes:
        boxes: (n, 4), x1 y1 x2 y2 in pixels of the upright picture, of all faces, those of no subset too.
        members: for each subset an (n,) bool mask of the faces that it counts.

    Raises:
        ValueError: a subset is missing, or a mask has another length than the boxes.
    """

    boxes: NDArray[np.float64]
    members: Mapping[Subset, NDArray[np.bool_]]

    def __post_init__(self) -> None:
        boxes = np.asarray(self.boxes, np.float64).reshape(-1, 4)
        lengths = {subset: len(self.members.get(subset, ())) for subset in SUBSETS}
        if set(lengths.values()) != {len(boxes)}:
            raise ValueError(f"expected masks of {len(boxes)} faces for {', '.join(SUBSETS)}, got lengths {lengths}")
        object.__setattr__(self, "boxes", boxes)


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
        envelope = np.maximum.accumulate(self.precision[::-1])[::-1]
        return float(np.sum(np.diff(self.recall, prepend=0.0) * envelope))


@dataclass(frozen=True, eq=False)
class _Judged:
    """The detections of one picture: scores, whether each overlaps a face, which face, and that picture's faces."""

    scores: NDArray[np.float64]
    near: NDArray[np.bool_]
    nearest: NDArray[np.intp]
    marked: Marked


def evaluate(
    found: Mapping[str, Faces], marked: Mapping[str, Marked], *, inclusive: bool = False
) -> dict[Subset, Curve]:
    """The curve of each subset.

    Args:
        found: what a detector found in each picture, by name; `Faces.empty()` where it found nothing.
        marked: the marked faces of the same pictures, by the same names.
        inclusive: count every box one pixel wider and higher, as the authors' program does.

    Raises:
        ValueError: the two do not name the same pictures.
    """
    if found.keys() != marked.keys():
        differing = sorted(found.keys() ^ marked.keys())
        raise ValueError(
            f"expected detections of the very pictures that are marked, got {len(differing)} pictures in one of the "
            f"two only, such as {differing[0]!r}: give Faces.empty() where nothing was found"
        )
    stretched = _stretch({name: faces.scores.astype(np.float64) for name, faces in found.items()})
    judged = [
        _judge(found[name], stretched[name], marked[name], extra=float(inclusive))
        for name in marked
        if len(found[name]) and len(marked[name].boxes)
    ]
    return {subset: _curve(judged, subset, _count(marked, subset)) for subset in SUBSETS}


def hits(found: Faces, marked: Marked, *, least: float = LEAST_IOU) -> NDArray[np.bool_]:
    """Which marked faces have a detection, of any score, that belongs to them by rule 2 of the protocol.

    Returns:
        (n,) bool, one for each of `marked.boxes`.
    """
    hit = np.zeros(len(marked.boxes), np.bool_)
    if len(hit):
        overlap = iou(found.boxes, marked.boxes)
        hit[overlap.argmax(axis=1)[overlap.max(axis=1) >= least]] = True
    return hit


def _stretch(scores: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    filled = [values for values in scores.values() if len(values)]
    if not filled:
        return dict(scores)
    low = min(float(values.min()) for values in filled)
    high = max(float(values.max()) for values in filled)
    if low == high:
        return {name: np.ones_like(values) for name, values in scores.items()}
    return {name: (values - low) / (high - low) for name, values in scores.items()}


def _judge(faces: Faces, scores: NDArray[np.float64], marked: Marked, *, extra: float) -> _Judged:
    order = np.argsort(-scores, kind="stable")
    overlap = iou(faces.boxes[order], marked.boxes, extra=extra)
    return _Judged(scores[order], overlap.max(axis=1) >= LEAST_IOU, overlap.argmax(axis=1), marked)


def _count(marked: Mapping[str, Marked], subset: Subset) -> int:
    return sum(int(np.count_nonzero(picture.members[subset])) for picture in marked.values())


def _curve(judged: Sequence[_Judged], subset: Subset, faces: int) -> Curve:
    nothing = np.zeros(0)
    counted = np.concatenate([nothing, *(_counted(picture, subset) for picture in judged)])
    right = np.concatenate([nothing, *(_right(picture, subset) for picture in judged)])
    thresholds = 1 - np.arange(1, THRESHOLDS + 1) / THRESHOLDS
    judgements, successes = _at_least(counted, thresholds), _at_least(right, thresholds)
    precision = np.divide(successes, judgements, out=np.zeros(THRESHOLDS), where=judgements > 0)
    return Curve(precision, successes / max(faces, 1), faces)


def _counted(picture: _Judged, subset: Subset) -> NDArray[np.float64]:
    """Scores of the detections that are right or wrong: all but the ignored ones."""
    ignored = picture.near & ~picture.marked.members[subset][picture.nearest]
    return picture.scores[~ignored]


def _right(picture: _Judged, subset: Subset) -> NDArray[np.float64]:
    """Score of the best detection of each face of the subset that is found."""
    hits = np.flatnonzero(picture.near & picture.marked.members[subset][picture.nearest])
    _, first = np.unique(picture.nearest[hits], return_index=True)
    return picture.scores[hits[first]]


def _at_least(scores: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Number of scores at or above each threshold."""
    below = np.searchsorted(np.sort(scores), thresholds, side="left")
    return (len(scores) - below).astype(np.float64)

"""Landmark error: how far the five points lie from those that people marked.

The normalised mean error (NME) of a face is the mean distance of its points from the marked ones, divided by the
distance of the marked eyes (Sagonas et al., "300 Faces in-the-Wild Challenge", ICCV workshops 2013) or, as is usual
where faces in profile have eyes that nearly coincide, by the square root of the area of the marked box. A face fails
where its error exceeds .1. The cumulative error distribution (CED) is the share of faces with at most a given error;
its area is taken from 0 to .1 and divided by .1, so that 1 is perfect.

Faces that are not found have no points. They are counted apart, and as failures where it is said.

A detection belongs to a marked face by the rule that the caller names:

- "centre", which asks nothing of the marked boxes, since data sets of landmarks often have none, or hulls of points:
  the mean of the marked points lies in the detected box. Pairs are taken one to one, the nearest first, by the distance
  of that mean from the centre of the box, divided by the square root of the box's area.
- "overlap": IoU of the boxes of at least .4, the largest first; .4, since the boxes of such sets follow other rules.

Detections without a partner are no errors: in many such sets other people in the picture are not marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError
from facecascade.evaluate.truth import Marked
from facecascade.faces import Faces
from facecascade.overlap import iou, match_greedily

Floats = NDArray[np.float64]
Rule = Literal["centre", "overlap"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)

LEAST_IOU: Final = 0.4
FAILURE: Final = 0.1
"""Normalised error above which a face has failed."""


@dataclass(frozen=True, eq=False)
class LandmarkErrors:
    """The marked faces of a set, and how far off their points are.

    Attributes:
        pictures: (n,) name of the picture of each marked face.
        places: (n,) its place among the marked faces of that picture.
        partner: (n,) the place of its detection in the detector's `Faces`; -1 where it is not found.
        distances: (n, 5) pixels between found and marked point; NaN where the face is not found.
        eyes: (n,) pixels between the marked eyes.
        size: (n,) square root of the area of the marked box, in pixels.
    """

    pictures: tuple[str, ...]
    places: NDArray[np.intp]
    partner: NDArray[np.intp]
    distances: Floats
    eyes: Floats
    size: Floats

    @property
    def matched(self) -> NDArray[np.bool_]:
        """(n,) which faces are found."""
        return self.partner >= 0

    def by_eyes(self) -> Errors:
        """Divided by the distance of the eyes."""
        return Errors(_divide(self.distances, self.eyes))

    def by_size(self) -> Errors:
        """Divided by the square root of the area of the box."""
        return Errors(_divide(self.distances, self.size))


@dataclass(frozen=True, eq=False)
class Errors:
    """Normalised errors.

    Attributes:
        points: (n, 5) of each point of each marked face; NaN where the face is not found or has nothing to divide by.
    """

    points: Floats

    @property
    def faces(self) -> Floats:
        """(n,) NME of each face; NaN where there is none."""
        faces: Floats = self.points.mean(axis=1)
        return faces

    @property
    def mean(self) -> float:
        """NME over the faces that are found; NaN where none is."""
        return _mean(self._known)

    @property
    def by_point(self) -> tuple[float, ...]:
        """Mean of each landmark over the faces that are found, in the order of `LANDMARK_NAMES`."""
        return tuple(_mean(column[np.isfinite(column)]) for column in self.points.T)

    def failures(self, *, limit: float = FAILURE, missed: bool = False) -> float:
        """Share of the found faces with an error above `limit`; `missed` counts faces without an error as failures."""
        if not missed:
            return _mean(np.where(self._known > limit, 1.0, 0.0))
        return _mean(np.where(self.faces <= limit, 0.0, 1.0))  # NaN is not below the limit

    def area(self, *, limit: float = FAILURE, missed: bool = False) -> float:
        """Area under the CED from 0 to `limit`, divided by it; `missed` counts faces without an error as failures."""
        # A face with error e is below the curve from e to the limit: its share of the area is 1 - e / limit.
        gained: Floats = np.maximum(1 - self._known / limit, 0.0)
        return float(gained.sum() / len(self.points)) if missed and len(self.points) else _mean(gained)

    def ced(self) -> tuple[Floats, Floats]:
        """Errors in rising order, and the share of all marked faces, missed ones too, that have at most this error."""
        known = np.sort(self._known)
        return known, np.arange(1, len(known) + 1) / max(len(self.points), 1)

    @property
    def _known(self) -> Floats:
        return self.faces[np.isfinite(self.faces)]


def landmark_errors(
    found: Mapping[str, Faces], marked: Mapping[str, Marked], *, rule: Rule = "centre"
) -> LandmarkErrors:
    """The errors of all marked faces that have landmarks and are not to be ignored.

    Args:
        found: what a detector found in each picture, by name, with landmarks.
        marked: the marked faces of the same pictures, by the same names.
        rule: which detection belongs to which face, "centre" or "overlap".

    Raises:
        AnnotationError: the two do not name the same pictures, no face is marked with landmarks, or detections have
            none.
    """
    if found.keys() != marked.keys():
        differing = sorted(found.keys() ^ marked.keys())
        raise AnnotationError(
            f"expected the same pictures in both, got {len(differing)} in one, such as {differing[0]!r}"
        )
    parts = [_errors(name, found[name], marked[name], rule=rule) for name in marked]
    parts = [part for part in parts if len(part.places)]
    if not parts:
        raise AnnotationError("expected marked faces with landmarks, got none")
    columns = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("places", "partner", "distances", "eyes", "size")
    )
    return LandmarkErrors(tuple(name for part in parts for name in part.pictures), *columns)


def match_faces(found: Faces, marked: Marked, *, rule: Rule = "centre") -> NDArray[np.intp]:
    """(n,) the place of the detection that belongs to each marked face; -1 where there is none.

    Faces without landmarks take part by "overlap" alone.

    Raises:
        AnnotationError: the faces are not marked with landmarks, or there is no such rule.
    """
    if marked.landmarks is None:
        raise AnnotationError("expected faces marked with landmarks, got boxes alone")
    if rule == "overlap":
        pairs = match_greedily(iou(found.boxes, marked.boxes), least=LEAST_IOU)
    elif rule == "centre":
        pairs = match_greedily(
            -_distance(found.boxes.astype(np.float64), marked.landmarks.mean(axis=1)), least=np.finfo(np.float64).min
        )
    else:
        raise AnnotationError(f'expected rule="centre" or "overlap", got {rule!r}')
    partner = np.full(len(marked), -1)
    for row, column in pairs:
        partner[column] = row
    return partner


def _distance(boxes: Floats, centres: Floats) -> Floats:
    """(n, m) from the centre of each box to each point, in box sides; inf where the point lies outside the box."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    inside = (centres[None] >= boxes[:, None, :2]) & (centres[None] <= boxes[:, None, 2:])
    away = np.linalg.norm((boxes[:, None, :2] + boxes[:, None, 2:]) / 2 - centres[None], axis=-1)
    side = np.sqrt(sides[:, 0] * sides[:, 1])[:, None]
    usable = inside.all(axis=-1) & (side > 0)
    distance: Floats = np.divide(away, side, out=np.full_like(away, np.inf), where=usable)
    return distance


def _errors(name: str, found: Faces, marked: Marked, *, rule: Rule) -> LandmarkErrors:
    if marked.landmarks is None:
        raise AnnotationError(f"{name}: expected faces marked with landmarks, got boxes alone")
    if found.landmarks is None:
        raise AnnotationError(f"{name}: expected detections with landmarks, got boxes alone; stages=2 finds none")
    counted = np.logical_or.reduce([np.zeros(len(marked), np.bool_), *marked.members.values()])
    places = np.flatnonzero(counted & np.isfinite(marked.landmarks).all(axis=(1, 2)))
    partner = match_faces(found, marked, rule=rule)[places]
    points = marked.landmarks[places]
    distances = np.full((len(places), 5), np.nan)
    hit = partner >= 0
    distances[hit] = np.linalg.norm(found.landmarks[partner[hit]].astype(np.float64) - points[hit], axis=2)
    eyes = np.linalg.norm(points[:, 0] - points[:, 1], axis=1)
    sides = marked.boxes[places, 2:] - marked.boxes[places, :2]
    size = np.sqrt(np.maximum(sides[:, 0] * sides[:, 1], 0))
    return LandmarkErrors((name,) * len(places), places, partner, distances, eyes, size)


def _divide(distances: Floats, lengths: Floats) -> Floats:
    wide = lengths[:, None]
    quotient: Floats = np.divide(distances, wide, out=np.full_like(distances, np.nan), where=wide > 0)
    return quotient


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")

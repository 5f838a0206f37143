"""Which mistakes are the worst."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from facecascade.evaluate import fddb
from facecascade.evaluate.detections import Regions
from facecascade.evaluate.gallery import MOST, Exhibit, boxes_only
from facecascade.evaluate.landmarks import LandmarkErrors
from facecascade.evaluate.truth import Marked
from facecascade.evaluate.wider import Judged
from facecascade.faces import Faces

CLOSE: Final = 0.1
"""Margin around a face whose points are to be seen."""
LABEL: Final = 14
"""Characters of a picture's name that a caption keeps: its end, where the names of one event differ."""


def misses(found: Mapping[str, Faces], judged: Mapping[str, Judged], subset: str) -> list[Exhibit]:
    """The largest faces of a subset that nothing was found of, whatever its score."""
    exhibits: list[tuple[float, Exhibit]] = []
    for name, picture in judged.items():
        boxes = picture.marked.boxes
        for place in np.flatnonzero(picture.marked.members[subset] & ~picture.found()).tolist():
            height = float(boxes[place, 3] - boxes[place, 1])
            marked = boxes_only(boxes)
            exhibits.append(
                (-height, Exhibit(name, boxes[place], f"{height:.0f} px  {_short(name)}", marked, found[name]))
            )
    return _worst(exhibits)


def false_positives(found: Mapping[str, Faces], judged: Mapping[str, Judged], subset: str) -> list[Exhibit]:
    """The detections with the best scores that are wrong: nothing was marked there, or another one was better."""
    exhibits: list[tuple[float, Exhibit]] = []
    for name, picture in judged.items():
        wrong = picture.order[picture.counted(subset) & ~picture.right(subset)]
        marked = boxes_only(picture.marked.boxes)
        for face, box in zip(found[name][wrong], found[name].boxes[wrong].astype(np.float64), strict=True):
            caption = f"{face.score:.3f}  {_short(name)}"
            exhibits.append((-face.score, Exhibit(name, box, caption, marked, found[name])))
    return _worst(exhibits)


def worst_landmarks(found: Mapping[str, Faces], marked: Mapping[str, Marked], errors: LandmarkErrors) -> list[Exhibit]:
    """The faces with the largest error by the distance of the eyes, found and marked points drawn."""
    exhibits: list[tuple[float, Exhibit]] = []
    for name, place, partner, error in zip(
        errors.pictures, errors.places.tolist(), errors.partner.tolist(), errors.by_eyes().faces.tolist(), strict=True
    ):
        if np.isfinite(error):
            face, picture = found[name][[partner]], marked[name]
            points = None if picture.landmarks is None else picture.landmarks[[place]]
            box = face.boxes[0].astype(np.float64)
            # The marked box may be a hull of points, and would hide what they say; the found one covers this one.
            shown = boxes_only(box[None], points)
            exhibits.append((-error, Exhibit(name, box, f"{error:.3f}  {_short(name)}", shown, face, CLOSE)))
    return _worst(exhibits)


def missed_landmarks(found: Mapping[str, Faces], marked: Mapping[str, Marked], errors: LandmarkErrors) -> list[Exhibit]:
    """The largest faces with landmarks that nothing was found of."""
    exhibits: list[tuple[float, Exhibit]] = []
    for name, place, hit, size in zip(
        errors.pictures, errors.places.tolist(), errors.matched.tolist(), errors.size.tolist(), strict=True
    ):
        if not hit:
            picture = marked[name]
            shown = boxes_only(picture.boxes, picture.landmarks)
            exhibits.append(
                (-size, Exhibit(name, picture.boxes[place], f"{size:.0f} px  {_short(name)}", shown, found[name]))
            )
    return _worst(exhibits)


def fddb_mistakes(
    found: Mapping[str, Regions], marked: Mapping[str, fddb.Floats]
) -> tuple[list[Exhibit], list[Exhibit]]:
    """The largest faces that are missed, and the best scores that are wrong; ellipses are shown by their bounds."""
    missed: list[tuple[float, Exhibit]] = []
    wrong: list[tuple[float, Exhibit]] = []
    for name, ellipses in marked.items():
        regions, partner = found[name], fddb.hits(found[name], ellipses)
        shapes, faces = fddb.bounds(regions.shapes), fddb.bounds(ellipses)
        both = boxes_only(faces), Faces(shapes.astype(np.float32), regions.scores.astype(np.float32))
        for place in np.setdiff1d(np.arange(len(ellipses)), partner).tolist():
            height = float(2 * ellipses[place, 0])
            missed.append((-height, Exhibit(name, faces[place], f"{height:.0f} px  {_short(name)}", *both)))
        for place in np.flatnonzero(partner < 0).tolist():
            score = float(regions.scores[place])
            wrong.append((-score, Exhibit(name, shapes[place], f"{score:.3f}  {_short(name)}", *both)))
    return _worst(missed), _worst(wrong)


def _worst(exhibits: list[tuple[float, Exhibit]]) -> list[Exhibit]:
    return [exhibit for _, exhibit in sorted(exhibits, key=lambda item: item[0])[:MOST]]


def _short(name: str) -> str:
    return PurePosixPath(name).stem[-LABEL:]

"""Several looks at one picture, put together to one result: its mirror image, and a border around it.

The engines know nothing of it: they are given more pictures, and what they find is brought back to the frame of the
first. So it holds for every engine, and a batch still gives the bits of each picture alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facecascade.engines import Engine
from facecascade.engines.reference import GEOMETRIES, Geometry, nms
from facecascade.faces import Faces
from facecascade.overlap import iou, match_greedily
from facecascade.settings import NMS_FINAL, Settings

Picture = NDArray[np.uint8]

HALF: Final = np.float32(0.5)

SAME_FACE: Final = 0.4
"""IoU from which a face of the picture and one of its mirror image may be the same: less than the protocols' .5, since
small boxes differ by a pixel. Measured: .3 and .4 are alike, .5 counts small faces twice."""
BORDER_GREY: Final = 127
"""Brightness of the border, about 0 to the networks. Measured: more cut faces are found with it than with black or with
the pixels of the edge."""


def detect(engine: Engine, pictures: Sequence[Picture], settings: Settings) -> list[Faces]:
    """Faces of each picture, (h, w, 3) uint8 RGB, in all the views of it that the settings ask for.

    With `settings.mirror` a face found in both views has the mean of its boxes, landmarks and scores; one found in one
    view alone has half its score, as if the other had given it 0.

    Raises:
        EngineError: the engine is closed.
    """
    if not (settings.mirror or settings.border):
        return engine.detect(pictures, settings)
    borders = [border_width(picture, settings) for picture in pictures]
    shown = [add_border(picture, width=width) for picture, width in zip(pictures, borders, strict=True)]
    found = _both_sides(engine, shown, settings) if settings.mirror else engine.detect(shown, settings)
    return [_moved(faces, by=-width) for faces, width in zip(found, borders, strict=True)]


def border_width(picture: Picture, settings: Settings) -> int:
    """Pixels of border on each side of a picture."""
    side: int = min(picture.shape[:2])
    return round(settings.border * side)


def add_border(picture: Picture, *, width: int) -> Picture:
    """The picture inside a grey border of this many pixels; itself where there are none."""
    if width == 0:
        return picture
    return np.pad(picture, ((width, width), (width, width), (0, 0)), constant_values=BORDER_GREY)


def mirrored(picture: Picture) -> Picture:
    """The mirror image, left to right, C-contiguous."""
    return np.ascontiguousarray(picture[:, ::-1])


def merge(first: Faces, second: Faces, *, geometry: Geometry) -> Faces:
    """One result out of two of the same picture; which is the first matters to the order of equal scores alone.

    Each face joins at most one of the other list, the largest overlap first, from `SAME_FACE`. A pair has the mean of
    both boxes, landmarks and scores, a face without a partner keeps its place and half its score. Then, as in the
    cascade, of two faces that overlap by more than `NMS_FINAL` the better stays; not where there are no landmarks,
    since R-Net's boxes are not suppressed either once they are calibrated.

    Returns:
        Best score first.

    Raises:
        ValueError: one list has landmarks and the other has none.
    """
    pairs = match_greedily(iou(first.boxes, second.boxes, extra=geometry.last), least=SAME_FACE)
    left, right = np.array(pairs, np.intp).reshape(-1, 2).T
    together = [
        _mean(first[left], second[right]),
        _halved(first[_others(left, len(first))]),
        _halved(second[_others(right, len(second))]),
    ]
    return _suppressed(_joined(together), geometry=geometry)


def _both_sides(engine: Engine, pictures: Sequence[Picture], settings: Settings) -> list[Faces]:
    found = engine.detect([*pictures, *map(mirrored, pictures)], settings)
    geometry = GEOMETRIES[settings.geometry]
    return [
        merge(plain, _mirrored_back(mirror, width=picture.shape[1], geometry=geometry), geometry=geometry)
        for plain, mirror, picture in zip(found[: len(pictures)], found[len(pictures) :], pictures, strict=True)
    ]


def _mirrored_back(faces: Faces, *, width: int, geometry: Geometry) -> Faces:
    """Where x2 is the last pixel, counted from 1, and x1 the first, mirrored edges name the pixels before them."""
    back = faces.mirrored(width)
    shift = np.array([geometry.last, 0, geometry.last, 0], np.float32)
    return Faces(back.boxes + shift, back.scores, back.landmarks)


def _moved(faces: Faces, *, by: int) -> Faces:
    if by == 0:
        return faces
    landmarks = None if faces.landmarks is None else faces.landmarks + np.float32(by)
    return Faces(faces.boxes + np.float32(by), faces.scores, landmarks)


def _mean(first: Faces, second: Faces) -> Faces:
    landmarks = None
    if first.landmarks is not None and second.landmarks is not None:
        landmarks = (first.landmarks + second.landmarks) * HALF
    return Faces((first.boxes + second.boxes) * HALF, (first.scores + second.scores) * HALF, landmarks)


def _halved(faces: Faces) -> Faces:
    return Faces(faces.boxes, faces.scores * HALF, faces.landmarks)


def _others(places: NDArray[np.intp], length: int) -> NDArray[np.intp]:
    return np.setdiff1d(np.arange(length), places)


def _joined(parts: Sequence[Faces]) -> Faces:
    boxes = np.concatenate([faces.boxes for faces in parts])
    scores = np.concatenate([faces.scores for faces in parts])
    landmarks = [faces.landmarks for faces in parts if faces.landmarks is not None]
    return Faces(boxes, scores, np.concatenate(landmarks) if landmarks else None)


def _suppressed(faces: Faces, *, geometry: Geometry) -> Faces:
    if faces.landmarks is None:
        return faces.sorted("score")
    boxes = faces.boxes.astype(np.float64)
    return faces[nms(boxes, faces.scores.astype(np.float64), threshold=NMS_FINAL, geometry=geometry, smaller=True)]

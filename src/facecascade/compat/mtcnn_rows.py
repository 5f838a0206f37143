"""The table that mtcnn 1.0.0 keeps faces in: a row a face, and from it the dicts that it returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.faces import LANDMARK_NAMES, Faces

Rows = NDArray[np.float64]
"""(n, 16) or, without landmarks, (n, 6): position of the picture, x1 y1 x2 y2, confidence, five x, five y."""

KEYPOINT_ORDER: Final = ("nose", "mouth_right", "right_eye", "left_eye", "mouth_left")
"""Order of the keypoints in mtcnn's dicts."""
FIRST_POINT: Final = 6


def from_faces(found: Sequence[Faces], *, points: bool) -> Rows:
    """The faces of all pictures, one picture after the other; no faces are (0, 16), or (0, 6) without `points`."""
    tables = [_table(position, faces) for position, faces in enumerate(found)]
    width = FIRST_POINT + (2 * len(LANDMARK_NAMES) if points else 0)
    return np.concatenate([np.zeros((0, width)), *tables])


def fit(rows: Rows, sizes: Sequence[tuple[int, ...]], *, points: bool) -> None:
    """Cut boxes, and landmarks where `points` says so, to the first and last pixel of their picture, in place.

    Args:
        rows: boxes as x1 y1 x2 y2.
        sizes: (height, width) of each picture in pixels.
        points: whether landmarks are cut too.
    """
    last = np.array(sizes, np.float64).reshape(-1, 2)[rows[:, 0].astype(np.intp)] - 1
    points = points and rows.shape[1] > FIRST_POINT
    xs = [1, 3, *(range(6, 11) if points else ())]
    ys = [2, 4, *(range(11, 16) if points else ())]
    rows[:, xs] = np.clip(rows[:, xs], 0, last[:, 1:])
    rows[:, ys] = np.clip(rows[:, ys], 0, last[:, :1])


def to_dicts(rows: Rows, *, pictures: int) -> list[list[dict[str, Any]]]:
    """The dicts of each picture, in the order of the rows; boxes stay in the form that the rows have."""
    return [[_dict(row) for row in rows[rows[:, 0] == position]] for position in range(pictures)]


def _table(position: int, faces: Faces) -> Rows:
    columns = [np.full((len(faces), 1), position), faces.boxes, faces.scores[:, np.newaxis]]
    if faces.landmarks is not None:
        columns += [faces.landmarks[:, :, 0], faces.landmarks[:, :, 1]]
    return np.concatenate(columns, axis=1, dtype=np.float64)


def _dict(row: Rows) -> dict[str, Any]:
    face: dict[str, Any] = {"box": row[1:5].round().astype(int).tolist(), "confidence": row[5]}
    if len(row) > FIRST_POINT:
        xs, ys = row[FIRST_POINT:].round().astype(int).reshape(2, -1)
        places = {name: [x, y] for name, x, y in zip(LANDMARK_NAMES, xs, ys, strict=True)}
        face["keypoints"] = {name: places[name] for name in KEYPOINT_ORDER}
    return face

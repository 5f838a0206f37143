"""mtcnn's table of faces."""

from __future__ import annotations

import numpy as np

from facecascade import Faces
from facecascade.compat.mtcnn_rows import fit, from_faces, to_dicts

FACE = Faces(
    np.array([[-2.5, 1.5, 7.5, 9.0]]),
    np.array([0.5]),
    np.array([[[-1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 20.0]]]),
)


def test_x_come_before_y() -> None:
    rows = from_faces([Faces.empty(), FACE], points=True)
    assert rows.tolist() == [[1, -2.5, 1.5, 7.5, 9, 0.5, -1, 3, 5, 7, 9, 2, 4, 6, 8, 20]]


def test_no_pictures_and_no_faces_keep_their_columns() -> None:
    assert from_faces([], points=True).shape == (0, 16)
    assert from_faces([Faces.empty(landmarks=False)], points=False).shape == (0, 6)
    rows = from_faces([], points=True)
    fit(rows, [], points=True)
    assert rows.shape == (0, 16)


def test_fitting_uses_the_last_pixel_of_each_picture() -> None:
    rows = from_faces([FACE, FACE], points=True)
    fit(rows, [(9, 8), (5, 6)], points=True)
    assert rows[:, 1:5].tolist() == [[0, 1.5, 7, 8], [0, 1.5, 5, 4]]
    assert rows[:, 6:].tolist() == [[0, 3, 5, 7, 7, 2, 4, 6, 8, 8], [0, 3, 5, 5, 5, 2, 4, 4, 4, 4]]


def test_halves_are_rounded_to_even_as_numpy_does() -> None:
    ((face,),) = to_dicts(from_faces([FACE], points=True), pictures=1)
    assert face["box"] == [-2, 2, 8, 9]
    assert face["keypoints"]["mouth_right"] == [9, 20]

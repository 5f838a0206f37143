"""What counts as hidden."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from benchmarks.hiding import SETS, WITHOUT, hidden_faces, hidden_pixels, marked_pictures
from facecascade import Faces

BOX = np.array([[40.0, 30.0, 80.0, 90.0]])


def found(*boxes: ArrayLike) -> Faces:
    return Faces(np.array(boxes, np.float32).reshape(-1, 4), np.ones(len(boxes), np.float32))


def test_a_found_face_is_hidden_and_half_of_one_is_not() -> None:
    picture = np.zeros((120, 120, 3), np.uint8)
    for boxes, hidden in (
        ([[40, 30, 80, 90]], True),
        ([[44, 34, 84, 88]], True),
        ([[60, 30, 80, 90]], False),
        ([], False),
    ):
        assert hidden_faces(hidden_pixels(picture, found(*boxes)), BOX).tolist() == [hidden]


def test_two_halves_hide_a_face() -> None:
    picture = np.zeros((120, 120, 3), np.uint8)
    assert hidden_faces(hidden_pixels(picture, found([30, 20, 62, 100], [58, 20, 90, 100])), BOX).all()


def test_small_faces_are_left_out(tmp_path: Path) -> None:
    for folder in (*SETS, WITHOUT):
        (tmp_path / folder).mkdir()
        Image.fromarray(np.zeros((100, 100, 3), np.uint8)).save(tmp_path / folder / "a.png")
        faces = [{"box": [10, 10, 40, 40]}, {"box": [60, 60, 70, 79]}]
        (tmp_path / folder / "annotations.json").write_text(json.dumps([{"image": "a.png", "faces": faces}]))
    assert [len(one.boxes) for one in marked_pictures(tmp_path)] == [1, 1, 0]

"""Face and Faces: columns, indexing, order, clipping, and what they refuse."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.faces import LANDMARK_NAMES, Face, Faces


def some(count: int = 4, *, landmarks: bool = True) -> Faces:
    """Faces whose every number differs; the scores fall."""
    boxes = np.array([[10 * i, 20 * i, 10 * i + 8 + i, 20 * i + 12 + i] for i in range(count)], np.float32)
    points = np.arange(count * 10, dtype=np.float32).reshape(count, 5, 2) if landmarks else None
    return Faces(boxes.reshape(count, 4), np.linspace(0.9, 0.5, count, dtype=np.float32), points)


def test_columns_are_float32_and_read_only() -> None:
    faces = Faces([[1, 2, 3, 4]], [1], [[[0, 0]] * 5])  # type: ignore[arg-type]
    for column in (faces.boxes, faces.scores, faces.landmarks):
        assert column is not None
        assert column.dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            column[...] = 0


def test_columns_are_copies() -> None:
    boxes = np.zeros((1, 4), np.float32)
    faces = Faces(boxes, np.ones(1, np.float32))
    boxes[0, 0] = 5
    assert faces.boxes[0, 0] == 0


def test_frozen_and_not_hashable() -> None:
    faces = some()
    with pytest.raises(dataclasses.FrozenInstanceError):
        faces.scores = np.zeros(4, np.float32)  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        faces[0].score = 1.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        hash(faces)
    with pytest.raises(TypeError):
        hash(faces[0])


@pytest.mark.parametrize(
    ("boxes", "scores", "landmarks", "message"),
    [
        ((2, 5), (2,), None, r"boxes of shape \('n', 4\), got \(2, 5\)"),
        ((4,), (1,), None, "boxes of shape"),
        ((2, 4), (2, 1), None, r"scores of shape \('n',\), got \(2, 1\)"),
        ((2, 4), (), None, "scores of shape"),
        ((2, 4), (2,), (2, 10), r"landmarks of shape \('n', 5, 2\), got \(2, 10\)"),
        ((2, 4), (3,), None, r"one length, got lengths \[2, 3\]"),
        ((2, 4), (2,), (1, 5, 2), r"one length, got lengths \[1, 2\]"),
    ],
)
def test_columns_of_wrong_shape_or_length_are_refused(boxes: Any, scores: Any, landmarks: Any, message: str) -> None:
    points = None if landmarks is None else np.zeros(landmarks)
    with pytest.raises(ValueError, match=message):
        Faces(np.zeros(boxes), np.zeros(scores), points)


@pytest.mark.parametrize("landmarks", [True, False])
def test_empty(landmarks: bool) -> None:
    faces = Faces.empty(landmarks=landmarks)
    assert len(faces) == 0
    assert not faces
    assert faces.boxes.shape == (0, 4)
    assert faces.scores.shape == (0,)
    assert (faces.landmarks is not None) == landmarks
    assert list(faces) == []
    assert faces.to_dicts() == []
    assert repr(faces) == "Faces(none)"
    assert faces == faces[:] == faces[[]] == faces.sorted("size") == faces.clip(10, 10)
    assert len(faces.sorted("centre", picture_size=(4, 4))) == 0
    assert (faces == Faces.empty(landmarks=not landmarks)) is False


def test_a_face_by_position() -> None:
    face = some()[2]
    assert isinstance(face, Face)
    assert face.box == (20, 40, 30, 54)
    assert (face.width, face.height, face.centre) == (10, 14, (25, 47))
    assert face.score == pytest.approx(0.9 - 0.8 / 3)
    assert face.landmarks is not None
    assert face.landmarks.tolist() == [[20, 21], [22, 23], [24, 25], [26, 27], [28, 29]]
    assert all(type(value) is float for value in (*face.box, face.score))
    assert some()[-1] == some()[3] == some()[np.int64(3)]
    assert some(landmarks=False)[0].landmarks is None


@pytest.mark.parametrize("index", [4, -5, 10**6])
def test_a_position_beyond_the_end_is_an_index_error(index: int) -> None:
    with pytest.raises(IndexError):
        some()[index]


def test_faces_by_slice_mask_and_positions() -> None:
    faces = some()
    assert faces[1:3] == faces[[1, 2]] == faces[np.array([False, True, True, False])]
    assert faces[1:3] == faces[[False, True, True, False]] == faces[np.array([1, 2], np.uint8)] == faces[[-3, -2]]
    assert faces[::-1].scores.tolist() == faces.scores.tolist()[::-1]
    assert len(faces[[0, 0, 0]]) == 3
    assert faces[faces.scores > 2] == Faces.empty()
    assert faces[np.zeros(0, np.intp)] == Faces.empty()
    assert faces[faces.scores > 0.7].landmarks is not None


@pytest.mark.parametrize(
    "index",
    [
        [True, False],
        np.ones(5, bool),
        np.ones((2, 2), bool),
        [[0, 1]],
        [0.5, 1.0],
        ["a"],
        [4],
        "score",
        1.0,
        None,
        np.zeros(0, bool),
    ],
)
def test_other_indices_are_index_errors(index: Any) -> None:
    with pytest.raises(IndexError):
        some()[index]


def test_iterating_gives_every_face() -> None:
    faces = some()
    assert [face.box for face in faces] == [tuple(box) for box in faces.boxes.tolist()]
    assert len(list(faces)) == 4


def test_equality_is_by_value() -> None:
    assert some() == some()
    assert some() != some(3)
    assert some() != some(landmarks=False)
    assert some() != "faces"
    assert some()[0] != some()[1]
    assert some()[0] != "face"
    assert some(landmarks=False)[0] != some()[0]


def test_pickle_and_copy_keep_the_columns_read_only() -> None:
    for again in (pickle.loads(pickle.dumps(some())), copy.deepcopy(some())):
        assert again == some()
        assert not again.boxes.flags.writeable


def test_sorted_by_score_and_size() -> None:
    faces = some()[[2, 0, 3, 1]]
    assert faces.sorted().scores.tolist() == sorted(faces.scores.tolist(), reverse=True)
    assert faces.sorted("size") == some()[[3, 2, 1, 0]]


def test_sorted_by_centre_needs_the_size_of_the_picture() -> None:
    faces = some()
    assert faces.sorted("centre", picture_size=(50, 94)) == faces[[2, 1, 3, 0]]
    with pytest.raises(ValueError, match=r"picture_size=\(width, height\)"):
        faces.sorted("centre")
    with pytest.raises(ValueError, match="got 'colour'"):
        faces.sorted("colour")  # type: ignore[arg-type]


def test_equal_faces_keep_their_order() -> None:
    boxes = np.zeros((50, 4), np.float32)
    points = np.arange(500, dtype=np.float32).reshape(50, 5, 2)
    faces = Faces(boxes, np.full(50, 0.5, np.float32), points)
    assert faces.sorted() == faces == faces.sorted("size") == faces.sorted("centre", picture_size=(3, 3))


def test_sizes_do_not_overflow_or_lose_small_differences() -> None:
    sides = np.array([[0, 0, 8192, 8192], [0, 0, 8192, 8192.001], [0, 0, 1e20, 1e20]], np.float32)
    sides[1, 3] = np.nextafter(np.float32(8192), np.float32(9000))
    assert Faces(sides, np.ones(3, np.float32)).sorted("size").boxes[:, 3].tolist() == sides[[2, 1, 0], 3].tolist()


def test_clip_cuts_boxes_and_leaves_landmarks() -> None:
    faces = Faces(
        np.array([[-5, -6, 200, 300], [10, 20, 30, 40]], np.float32),
        np.ones(2, np.float32),
        np.full((2, 5, 2), -7, np.float32),
    )
    clipped = faces.clip(100, 50)
    assert clipped.boxes.tolist() == [[0, 0, 100, 50], [10, 20, 30, 40]]
    assert clipped.landmarks is not None
    assert faces.landmarks is not None
    assert clipped.landmarks.tolist() == faces.landmarks.tolist()
    assert faces.boxes[0, 0] == -5


def test_a_mirror_image_swaps_left_and_right() -> None:
    points = [[12, 14], [18, 15], [15, 18], [13, 22], [17, 23]]
    faces = Faces(np.array([[10, 11, 21, 26]], np.float32), np.ones(1, np.float32), np.array([points], np.float32))
    mirrored = faces.mirrored(100)
    assert mirrored.boxes.tolist() == [[79, 11, 90, 26]]
    assert mirrored.landmarks is not None
    assert mirrored.landmarks[0].tolist() == [[81, 15], [87, 14], [84, 18], [82, 23], [86, 22]]
    assert mirrored.mirrored(100) == faces
    assert Faces(faces.boxes, faces.scores).mirrored(100).landmarks is None
    assert Faces.empty().mirrored(100) == Faces.empty()


@given(st.lists(st.tuples(*[st.floats(-1e4, 1e4, width=32)] * 4), max_size=8), st.integers(0, 5000))
def test_clip_is_idempotent_and_inside(boxes: list[tuple[float, ...]], side: int) -> None:
    faces = Faces(np.array(boxes, np.float32).reshape(-1, 4), np.zeros(len(boxes), np.float32))
    once = faces.clip(side, side)
    assert once == once.clip(side, side)
    assert ((once.boxes >= 0) & (once.boxes <= side)).all()


def test_to_dicts_are_json() -> None:
    (only,) = json.loads(json.dumps(some(1).to_dicts()))
    assert only["box"] == [0, 0, 8, 12]
    assert only["score"] == pytest.approx(0.9)
    assert list(only["landmarks"]) == list(LANDMARK_NAMES)
    assert only["landmarks"]["nose"] == [4, 5]
    assert some(1, landmarks=False)[0].to_dict()["landmarks"] is None


def test_landmark_names() -> None:
    assert LANDMARK_NAMES == ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


def test_repr_stays_short() -> None:
    assert repr(some(1)) == "Faces(1: [0.0 0.0 8.0 12.0] 0.900)"
    assert repr(some(4)).endswith(", ... 1 more)")
    assert len(repr(some(1000))) < 150

"""How a detector is scored on a set, and on the faces that others found too."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ranking.scores import PictureSet, errors_of, found_by_all, measure, nme, nme_difference
from facecascade.evaluate import Marked, Rule
from facecascade.faces import Faces

SHAPE = np.array([[10, 10], [30, 10], [20, 20], [12, 30], [28, 30]], np.float64)
"""Five points of a face of 40 x 40 pixels; its eyes are 20 pixels apart."""


def portraits(rule: Rule, *, count: int = 2) -> PictureSet:
    """One face a picture, in its upper left corner."""
    marked = Marked(np.array([[0.0, 0, 40, 40]]), {"all": np.ones(1, np.bool_)}, SHAPE[None])
    return PictureSet("portraits", rule, {f"{i}.png": marked for i in range(count)})


def face(*, moved: float = 0.0, side: float = 40.0) -> Faces:
    """A face with its points moved to the right by so many pixels, in a box of another side."""
    points = (SHAPE + np.array([moved, 0])).astype(np.float32)
    return Faces(np.array([[0, 0, side, side]], np.float32), np.array([0.9], np.float32), points[None])


def test_recall_and_landmark_error_of_a_portrait() -> None:
    score = measure({"0.png": face(moved=2.0), "1.png": Faces.empty()}, portraits("centre"))
    assert (score.detections, score.found, score.marked, score.recall) == (1, 1, 2, 0.5)
    assert score.errors is not None
    assert score.errors.by_eyes().mean == pytest.approx(0.1)
    assert score.precisions == {}


def test_the_rule_decides_what_is_found() -> None:
    """A box of 25 pixels holds the centre of the points, and overlaps the marked box by 625 / 1600, less than .4."""
    found = {"0.png": face(side=25), "1.png": face()}
    assert measure(found, portraits("centre")).recall == 1.0
    assert measure(found, portraits("overlap")).recall == 0.5


def test_wider_face_counts_the_hard_subset() -> None:
    """Two of three faces are hard; the found ones are a hard one and the other, and a false one comes last."""
    boxes = np.array([[0, 0, 40, 40], [100, 0, 140, 40], [200, 0, 240, 40]], np.float64)
    none, hard = np.zeros(3, np.bool_), np.array([True, True, False])
    marked = Marked(boxes, {"easy": none, "medium": np.array([True, False, False]), "hard": hard})
    found = Faces(np.array([boxes[0], boxes[2], [300, 0, 340, 40]], np.float32), np.array([0.9, 0.8, 0.7], np.float32))
    score = measure({"a.png": found}, PictureSet("wider", None, {"a.png": marked}))
    assert (score.detections, score.found, score.marked) == (3, 1, 2)
    assert score.precisions == {"easy": 0.0, "medium": 1.0, "hard": 0.5}
    assert errors_of({"it": score}) == {}


def test_faces_that_one_misses_are_compared_with_nobody() -> None:
    pictures = portraits("centre", count=3)
    scores = {
        "careful": measure({"0.png": face(moved=1), "1.png": face(moved=2), "2.png": Faces.empty()}, pictures),
        "bold": measure({"0.png": face(moved=2), "1.png": face(moved=4), "2.png": face(moved=9)}, pictures),
    }
    errors = errors_of(scores)
    chosen = found_by_all(errors.values())
    assert chosen.tolist() == [True, True, False]
    assert nme(errors["careful"], chosen) == pytest.approx(0.075)
    assert nme(errors["bold"], chosen) == pytest.approx(0.15)
    difference = nme_difference(errors["careful"], errors["bold"], chosen)
    assert difference is not None
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.075, 0.05, 0.1))


def test_no_face_in_common_has_no_error_and_no_difference() -> None:
    pictures = portraits("centre")
    scores = {
        "a": measure({"0.png": face(), "1.png": Faces.empty()}, pictures),
        "b": measure({"0.png": Faces.empty(), "1.png": face()}, pictures),
    }
    errors = errors_of(scores)
    chosen = found_by_all(errors.values())
    assert not chosen.any()
    assert np.isnan(nme(errors["a"], chosen))
    assert nme_difference(errors["a"], errors["b"], chosen) is None
    assert np.isnan(nme(errors["a"], np.array([False, True])))

"""The worst mistakes come first, and what is right is none of them."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from facecascade.evaluate.detections import Regions
from facecascade.evaluate.exhibits import false_positives, fddb_mistakes, missed_landmarks, misses, worst_landmarks
from facecascade.evaluate.landmarks import landmark_errors
from facecascade.evaluate.truth import Marked
from facecascade.evaluate.wider import judge
from facecascade.faces import Faces

POINTS = np.array([[10, 10], [30, 10], [20, 20], [12, 30], [28, 30]], np.float64)


def test_the_largest_misses_of_the_subset_first() -> None:
    boxes = np.array([[0, 0, 10, 10], [100, 0, 130, 30], [200, 0, 220, 20], [300, 0, 390, 90]])
    marked = {"e/a": Marked(boxes, {"hard": np.array([True, True, True, False])})}
    found = {"e/a": Faces(boxes[:1].astype(np.float32), np.ones(1, np.float32))}
    result = misses(found, judge(found, marked), "hard")
    assert [one.caption for one in result] == ["30 px  a", "20 px  a"]
    assert result[0].box.tolist() == [100, 0, 130, 30]


def test_the_best_scores_that_are_wrong_first() -> None:
    marked = {"a": Marked(np.array([[0, 0, 10, 10], [50, 0, 60, 10]]), {"hard": np.array([True, False])})}
    rows = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [90, 0, 99, 9], [50, 0, 60, 10]], np.float32)
    found = {"a": Faces(rows, np.array([0.9, 0.8, 0.95, 0.99], np.float32))}
    result = false_positives(found, judge(found, marked), "hard")
    assert [one.caption for one in result] == ["0.950  a", "0.800  a"]
    assert [one.box.tolist() for one in result] == [rows[2].tolist(), rows[1].tolist()]


def test_landmarks_by_their_error_and_misses_by_their_size() -> None:
    shift = np.array([[[0.0, 0]], [[100.0, 0]], [[200.0, 0]]])
    boxes = np.array([[0, 0, 40, 40], [100, 0, 140, 40], [200, 0, 240, 60]])
    marked = {"a": Marked(boxes, {"all": np.ones(3, np.bool_)}, POINTS + shift)}
    points = (POINTS + shift[:2]).astype(np.float32)
    points[1] += 2
    found = {"a": Faces(boxes[:2].astype(np.float32), np.ones(2, np.float32), points)}
    errors = landmark_errors(found, marked)
    worst = worst_landmarks(found, marked, errors)
    assert [one.caption for one in worst] == [f"{8**0.5 / 20:.3f}  a", "0.000  a"]
    assert worst[0].marked.landmarks is not None
    assert worst[0].marked.landmarks[0].tolist() == (POINTS + shift[1]).tolist()
    assert [one.caption for one in missed_landmarks(found, marked, errors)] == ["49 px  a"]


@pytest.mark.skipif(find_spec("scipy") is None, reason="SciPy, of the extra evaluate, is not installed")
def test_fddb_shows_ellipses_by_their_bounds() -> None:
    marked = {"a": np.array([[10, 5, np.pi / 2, 50, 50], [20, 20, 0, 200, 50]])}
    found = {"a": Regions(np.array([[45.0, 40, 55, 60], [300, 0, 310, 10]]), np.array([0.9, 0.7]))}
    missed, wrong = fddb_mistakes(found, marked)
    assert [(one.caption, one.box.tolist()) for one in missed] == [("40 px  a", [180, 30, 220, 70])]
    assert [(one.caption, one.box.tolist()) for one in wrong] == [("0.700  a", [300, 0, 310, 10])]
    assert missed[0].marked.boxes[0].tolist() == [45, 40, 55, 60]

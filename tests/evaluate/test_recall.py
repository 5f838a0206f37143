"""Recall by the height of faces."""

from __future__ import annotations

import math

import numpy as np

from facecascade.evaluate.recall import recall_by_height
from facecascade.evaluate.truth import Marked
from facecascade.evaluate.wider import judge
from facecascade.faces import Faces


def test_faces_are_counted_in_the_bin_of_their_height() -> None:
    heights = [8, 15.5, 16, 31, 32, 64, 300]
    boxes = np.array([[1000 * i, 0, 1000 * i + 20, height] for i, height in enumerate(heights)])
    marked = {"a": Marked(boxes, {"hard": np.ones(7, np.bool_)})}
    found = {"a": Faces(boxes[[0, 2, 6]].astype(np.float32), np.array([0.9, 0.8, 0.7], np.float32))}
    bins = recall_by_height(judge(found, marked), "hard")
    assert [(one.low, one.high, one.found, one.marked) for one in bins] == [
        (0, 16, 1, 2),
        (16, 32, 1, 2),
        (32, 64, 0, 1),
        (64, 128, 0, 1),
        (128, math.inf, 1, 1),
    ]
    assert [one.share for one in bins] == [0.5, 0.5, 0, 0, 1]
    assert [one.label for one in bins][-2:] == ["64 to 128", "128 up"]


def test_faces_outside_the_subset_are_not_counted() -> None:
    boxes = np.array([[0, 0, 20, 20], [50, 0, 70, 20]])
    marked = {"a": Marked(boxes, {"hard": np.array([True, False])})}
    found = {"a": Faces(boxes.astype(np.float32), np.array([0.9, 0.8], np.float32))}
    (one,) = recall_by_height(judge(found, marked), "hard", limits=(16, 32))
    assert (one.found, one.marked) == (1, 1)


def test_no_faces_have_no_share() -> None:
    marked = {"a": Marked(np.zeros((0, 4)), {"all": np.zeros(0, np.bool_)})}
    assert {one.share for one in recall_by_height(judge({"a": Faces.empty()}, marked), "all")} == {None}

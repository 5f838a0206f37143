"""Recall by the height of faces."""

from __future__ import annotations

import math

import numpy as np

from benchmarks.accuracy import recall_by_height
from benchmarks.wider import Marked
from facecascade.faces import Faces


def test_faces_are_counted_in_the_bin_of_their_height() -> None:
    heights = [8, 15.5, 16, 31, 32, 64, 300]
    boxes = np.array([[1000 * i, 0, 1000 * i + 20, height] for i, height in enumerate(heights)])
    hard = np.array([True, True, True, True, True, True, True])
    marked = {"a": Marked(boxes, {"easy": hard, "medium": hard, "hard": hard})}
    found = {"a": Faces(boxes[[0, 2, 6]].astype(np.float32), np.array([0.9, 0.8, 0.7], np.float32))}
    assert recall_by_height(found, marked) == {
        (0, 16): [1, 2],
        (16, 32): [1, 2],
        (32, 64): [0, 1],
        (64, math.inf): [1, 2],
    }


def test_faces_outside_the_hard_subset_are_not_counted() -> None:
    boxes = np.array([[0, 0, 20, 20], [50, 0, 70, 20]])
    everyone, hard = np.ones(2, np.bool_), np.array([True, False])
    marked = {"a": Marked(boxes, {"easy": everyone, "medium": everyone, "hard": hard})}
    found = {"a": Faces(boxes.astype(np.float32), np.array([0.9, 0.8], np.float32))}
    assert recall_by_height(found, marked)[16, 32] == [1, 1]

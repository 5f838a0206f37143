"""Additions to one pass: voting, soft suppression and a second size, on boxes and pictures made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.additions import LEAST_SCORE, SIGMA, additions, second_size, soften, vote
from benchmarks.cascade import Cascade
from benchmarks.data import Picture
from facecascade import Faces, Settings


def faces(boxes: list[list[float]], scores: list[float]) -> Faces:
    """Landmarks are the left upper corner of each box."""
    corners = np.array(boxes, np.float32)
    return Faces(corners, np.array(scores, np.float32), np.repeat(corners[:, None, :2], 5, axis=1))


PASSED = faces([[0, 0, 10, 10], [1, 0, 11, 10], [50, 0, 60, 10]], [0.9, 0.6, 0.8])


def test_voting_weighs_by_score() -> None:
    voted = vote(PASSED, Cascade())
    assert voted.boxes == pytest.approx(np.array([[0.4, 0, 10.4, 10], [50, 0, 60, 10]]), abs=1e-5)
    assert voted.scores.tolist() == PASSED.scores[[0, 2]].tolist()
    assert voted.landmarks is not None
    assert voted.landmarks[0, 3] == pytest.approx([0.4, 0], abs=1e-6)
    assert vote(PASSED[:0], Cascade()) == PASSED[:0]


def test_soft_suppression_lowers_scores_by_the_overlap() -> None:
    kept = soften(PASSED)
    assert kept.boxes.tolist() == [[0, 0, 10, 10], [50, 0, 60, 10], [1, 0, 11, 10]]
    assert kept.scores == pytest.approx([0.9, 0.8, 0.6 * np.exp(-((9 / 11) ** 2) / SIGMA)], abs=1e-6)
    same = faces([[0, 0, 10, 10]] * 3, [0.9, 0.8, LEAST_SCORE])
    assert len(soften(same)) == 1
    assert len(soften(PASSED[:0])) == 0


def test_a_second_size_is_brought_back_to_the_first() -> None:
    """A detector that finds the whole picture finds it at both sizes, at one place."""

    def whole(picture: Picture) -> Faces:
        height, width = picture.shape[:2]
        return faces([[0, 0, width, height]], [0.5])

    merged = second_size(np.zeros((61, 97, 3), np.uint8), whole)
    assert merged.boxes == pytest.approx(np.array([[0, 0, 97, 61]]), abs=1e-4)
    assert merged.scores.tolist() == [0.5]


def test_every_addition_finds_the_face_of_a_portrait(astronaut: NDArray[np.uint8]) -> None:
    finders = additions(Settings(min_face_size=60, mirror=True))
    (plain,) = finders["one pass"](astronaut)
    for find in finders.values():
        best = find(astronaut)[0]
        assert best.score > 0.9
        assert best.box == pytest.approx(plain.box, abs=8)

"""Overlap of boxes and greedy pairing, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.overlap import iou, match_greedily

SQUARE = [0, 0, 10, 10]


@pytest.mark.parametrize(
    ("other", "extra", "expected"),
    [
        (SQUARE, 0, 1.0),
        ([5, 0, 15, 10], 0, 50 / 150),
        ([10, 0, 20, 10], 0, 0.0),  # they touch
        ([10, 0, 20, 10], 1, 11 / (121 + 121 - 11)),  # and share a column where x2 is a pixel inside
        ([2, 3, 4, 5], 0, 4 / 100),
        ([20, 20, 30, 30], 0, 0.0),
        ([20, 20, 10, 10], 0, 0.0),  # turned inside out
    ],
)
def test_iou_of_two_boxes(other: list[float], extra: float, expected: float) -> None:
    assert iou([SQUARE], [other], extra=extra) == pytest.approx(np.array([[expected]]))


def test_empty_boxes_overlap_nothing_and_divide_by_nothing() -> None:
    point = [5, 5, 5, 5]
    assert iou([point], [point, SQUARE]).tolist() == [[0.0, 0.0]]


def test_no_boxes_give_no_rows() -> None:
    assert iou(np.zeros((0, 4)), [SQUARE]).shape == (0, 1)
    assert iou([SQUARE], np.zeros((0, 4))).shape == (1, 0)


@pytest.mark.parametrize("wrong", [[], [1, 2, 3, 4], [[1, 2, 3]]])
def test_other_shapes_are_refused(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match=r"expected boxes of shape \(n, 4\)"):
        iou(wrong, [SQUARE])


corner = st.floats(-100, 100, width=32)
box = st.tuples(corner, corner, st.floats(0, 50, width=32), st.floats(0, 50, width=32)).map(
    lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]]
)


@given(st.lists(box, min_size=1, max_size=5), st.lists(box, min_size=1, max_size=5))
def test_iou_is_symmetric_and_between_0_and_1(first: list[list[float]], second: list[list[float]]) -> None:
    overlap = iou(first, second)
    assert np.array_equal(overlap, iou(second, first).T)
    assert np.all((overlap >= 0) & (overlap <= 1 + 1e-12))


def test_the_largest_overlap_is_paired_first() -> None:
    # Row 0 would like column 0 (.8), but row 1 overlaps it more (.9); so row 0 gets column 1, and row 2 nothing.
    overlap = np.array([[0.8, 0.6], [0.9, 0.7], [0.4, 0.65]])
    assert match_greedily(overlap, least=0.5) == [(1, 0), (2, 1)]
    overlap[2, 1] = 0.55
    assert match_greedily(overlap, least=0.5) == [(1, 0), (0, 1)]


def test_pairs_below_the_least_overlap_are_none() -> None:
    assert match_greedily(np.array([[0.49]]), least=0.5) == []
    assert match_greedily(np.array([[0.5]]), least=0.5) == [(0, 0)]
    assert match_greedily(np.zeros((0, 3)), least=0.5) == []

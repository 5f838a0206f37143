"""Reliability of scores, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from facecascade.evaluate.calibration import judged_scores, reliability
from facecascade.evaluate.truth import Marked
from facecascade.evaluate.wider import judge
from facecascade.faces import Faces


def test_shares_and_mean_scores_of_each_bin() -> None:
    scores = np.array([0.51, 0.59, 0.97, 0.99, 1.0])
    table = reliability(scores, np.array([True, False, True, True, True]), bins=5)
    assert table.edges == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert table.count.tolist() == [2, 0, 0, 0, 3]
    assert table.true.tolist() == [1, 0, 0, 0, 3]
    assert table.share[[0, 4]].tolist() == [0.5, 1.0]
    assert np.isnan(table.share[1:4]).all()
    assert table.mean_score[[0, 4]] == pytest.approx([0.55, 2.96 / 3])


def test_the_error_weighs_bins_by_their_detections() -> None:
    """2 of 5 detections are .05 off, 3 are 1 - .98667 off."""
    table = reliability(np.array([0.51, 0.59, 0.97, 0.99, 1.0]), np.array([True, False, True, True, True]), bins=5)
    assert table.error == pytest.approx((2 * 0.05 + 3 * (1 - 2.96 / 3)) / 5)


def test_wilsons_interval_of_7_out_of_10() -> None:
    """The textbook's [.397, .892]; and of 0 out of 10 [0, .278]."""
    low, high = reliability(np.full(10, 0.95), np.arange(10) < 7, bins=1).interval()
    assert (low[0], high[0]) == pytest.approx((0.3968, 0.8922), abs=1e-3)
    low, high = reliability(np.full(10, 0.95), np.zeros(10, np.bool_), bins=1).interval()
    assert (low[0], high[0]) == pytest.approx((0, 0.2775), abs=1e-3)


def test_bins_of_any_widths() -> None:
    """A bin holds its lower edge, the last one both; what lies outside is in none."""
    scores, true = np.array([0.05, 0.5, 0.9, 0.99, 1.0]), np.array([True, False, True, True, True])
    table = reliability(scores, true, bins=(0.5, 0.9, 1.0))
    assert (table.count.tolist(), table.true.tolist()) == ([1, 3], [0, 3])
    assert table.mean_score[1] == pytest.approx(2.89 / 3)


@pytest.mark.parametrize("scores", [[], [1.0], [0.0], [3.5, -2.0]])
def test_any_scores_are_all_counted(scores: list[float]) -> None:
    table = reliability(np.array(scores), np.ones(len(scores), np.bool_))
    assert table.count.sum() == len(scores)
    assert np.isfinite(table.error)


def test_detections_of_faces_outside_the_subset_do_not_count_and_double_ones_are_wrong() -> None:
    boxes = np.array([[0, 0, 10, 10], [50, 0, 60, 10]])
    marked = {"a": Marked(boxes, {"all": np.array([True, False])})}
    rows = np.array([[50, 0, 60, 10], [0, 0, 10, 10], [0, 0, 10, 9], [90, 0, 99, 9]], np.float32)
    found = {"a": Faces(rows, np.array([0.5, 0.6, 0.9, 0.7], np.float32))}
    scores, right = judged_scores(found, judge(found, marked), "all")
    assert dict(zip(np.round(scores, 3).tolist(), right.tolist(), strict=True)) == {0.9: True, 0.7: False, 0.6: False}

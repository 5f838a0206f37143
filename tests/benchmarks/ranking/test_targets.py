"""The targets: which of the others is the best, and what must be reached beside it."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ranking.scores import PictureSet, Score, measure
from benchmarks.ranking.tables import beside_table, landmark_table, precision_table, target_table
from benchmarks.ranking.targets import Target, targets
from facecascade.evaluate import SUBSETS, Marked
from facecascade.faces import Faces

POINTS = np.array([[10, 10], [30, 10], [20, 20], [12, 30], [28, 30]], np.float64)
BOXES = np.array([[100.0 * i, 0, 100 * i + 40, 40] for i in range(20)])


def wider(found: int) -> Score:
    """A detector that finds so many of the twenty faces of each of three pictures."""
    marked = Marked(BOXES, {subset: np.ones(20, np.bool_) for subset in SUBSETS})
    faces = Faces(BOXES[:found].astype(np.float32), np.linspace(0.99, 0.7, found, dtype=np.float32))
    names = ("a", "b", "c")
    return measure(dict.fromkeys(names, faces), PictureSet("wider", None, dict.fromkeys(names, marked)))


def face(moved: float) -> Faces:
    points = (POINTS + np.array([moved, 0]))[None].astype(np.float32)
    return Faces(BOXES[:1].astype(np.float32), np.ones(1, np.float32), points)


def portraits(*moved: float | None) -> Score:
    """One face a picture, its points so many pixels off; None where it is not found."""
    marked = Marked(BOXES[:1], {"all": np.ones(1, np.bool_)}, POINTS[None])
    found = {str(i): Faces.empty() if one is None else face(one) for i, one in enumerate(moved)}
    return measure(found, PictureSet("portraits", "centre", dict.fromkeys(found, marked)))


def test_hard_faces_must_be_found_better_by_a_twentieth() -> None:
    rows = {row.what: row for row in targets("wider", wider(18), {"worse": wider(10), "best": wider(17)})}
    assert [*rows] == ["AP easy", "AP medium", "AP hard", "recall"]
    assert {(row.best, round(row.theirs, 6)) for row in rows.values()} == {("best", 0.85)}
    assert [row.limit for row in rows.values()] == pytest.approx([0.85, 0.85, 0.9, 0.85])
    assert rows["AP hard"].ours == pytest.approx(0.9)
    assert not rows["AP easy"].missed
    less = {row.what: row for row in targets("wider", wider(17), {"best": wider(17)})}
    assert [what for what, row in less.items() if row.missed] == ["AP hard"]


def test_the_difference_of_precision_has_its_interval() -> None:
    difference = next(targets("wider", wider(18), {"best": wider(12)})).difference
    assert difference is not None
    assert (difference.value, difference.low, difference.high) == pytest.approx((0.3, 0.3, 0.3))


def test_landmarks_are_compared_on_the_faces_that_all_found() -> None:
    """The fourth face is found by this package alone, far off; the best of the others misses it."""
    others = {"far": portraits(3, 3, 3, 3), "near": portraits(1, 2, 1, None)}
    recall, error = targets("portraits", portraits(1, 1, 1, 19), others)
    assert (recall.best, recall.theirs, recall.missed) == ("far", 1.0, False)
    assert (error.what, error.best, error.missed) == ("NME of 3 faces", "near", False)
    assert (error.ours, error.theirs) == pytest.approx((0.05, 4 / 60))
    assert error.difference is not None
    assert error.difference.value == pytest.approx(-1 / 60)
    *_, worse = targets("portraits", portraits(2, 2, 2, 0), others)
    assert worse.missed


def test_nobody_to_compare_with_sets_no_target() -> None:
    assert list(targets("wider", wider(1), {})) == []
    (recall,) = targets("portraits", portraits(None, 1), {"other": portraits(1, None)})
    assert recall.what == "recall"


def test_tables() -> None:
    missed = Target("made", "AP hard", 0.5, "other", 0.48, lead=0.05)
    assert target_table([missed]).splitlines()[-1].endswith("| >= 0.5300 |  MISSED |")
    assert "MISSED" not in beside_table([missed])
    assert "| 0.8500 (51/60) |" in precision_table({"it": wider(17)})
    table = landmark_table({"it": portraits(1, 2, 3), "other": portraits(2, 3, None)}, ["it"])
    assert "3 that MTCNNs find" in table
    assert "2 that all find" in table
    assert "+0.0500 (+0.0500 to +0.0500)" in table.splitlines()[-1]

"""Landmark error by hand, and which detection belongs to which face."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade.errors import AnnotationError
from facecascade.evaluate.landmarks import RULES, Errors, landmark_errors, match_faces
from facecascade.evaluate.truth import Marked
from facecascade.faces import Faces

POINTS = np.array([[10, 10], [30, 10], [20, 20], [12, 30], [28, 30]], np.float64)


def marked(*corners: float, ignore: int | None = None) -> Marked:
    """Faces of 40 pixels, eyes 20 apart, at x = corner."""
    shift = np.array([[[x, 0.0]] for x in corners])
    boxes = np.array([[x, 0, x + 40, 40] for x in corners])
    return Marked(boxes, {"all": np.arange(len(corners)) != ignore}, POINTS + shift)


def found(*corners: float, off: float = 0.0) -> Faces:
    truth = marked(*corners)
    assert truth.landmarks is not None
    points = truth.landmarks.astype(np.float32) + np.float32(off)
    return Faces(truth.boxes.astype(np.float32), np.full(len(corners), 0.9, np.float32), points)


def errors(*values: float) -> Errors:
    return Errors(np.repeat(np.array(values, np.float64)[:, None], 5, axis=1))


def test_points_where_they_are_marked_have_no_error() -> None:
    result = landmark_errors({"a": found(0)}, {"a": marked(0)})
    assert result.by_eyes().mean == 0
    assert result.by_eyes().area() == 1
    assert result.by_eyes().failures() == 0


def test_nme_by_eyes_and_by_box() -> None:
    """3 to the right and 4 down are 5 pixels; 5 / 20 by the eyes, 5 / 40 by the box."""
    faces = found(0)
    assert faces.landmarks is not None
    moved = Faces(faces.boxes, faces.scores, faces.landmarks + np.array([3, 4], np.float32))
    result = landmark_errors({"a": moved}, {"a": marked(0)})
    assert result.distances.tolist() == [[5] * 5]
    assert result.by_eyes().mean == 0.25
    assert result.by_size().mean == 0.125
    assert result.by_eyes().by_point == (0.25,) * 5
    assert result.by_eyes().failures() == 1


def test_each_point_has_its_own_error() -> None:
    faces = found(0)
    assert faces.landmarks is not None
    points = faces.landmarks.copy()
    points[0, 2, 0] += 10
    result = landmark_errors({"a": Faces(faces.boxes, faces.scores, points)}, {"a": marked(0)})
    assert result.by_eyes().by_point == pytest.approx((0, 0, 0.5, 0, 0))
    assert result.by_eyes().mean == pytest.approx(0.1)


def test_an_error_of_the_limit_is_no_failure() -> None:
    assert errors(0.1, 0.1001).failures() == 0.5


def test_the_area_under_the_cumulative_errors() -> None:
    """0 gives all, .05 a half, .1 and .3 nothing; a face that is not found lowers only the area that counts it."""
    some = errors(0, 0.05, 0.1, 0.3)
    assert some.area() == pytest.approx(1.5 / 4)
    with_missed = errors(0, 0.05, 0.1, 0.3, np.nan)
    assert with_missed.area() == pytest.approx(1.5 / 4)
    assert with_missed.area(missed=True) == pytest.approx(1.5 / 5)
    assert with_missed.failures() == 1 / 4
    assert with_missed.failures(missed=True) == 2 / 5


def test_the_area_is_that_of_the_curve() -> None:
    some = errors(*np.random.default_rng(0).uniform(0, 0.2, 50))
    x = np.linspace(0, 0.1, 20001)
    known, share = some.ced()
    below = np.concatenate([[0.0], share])[np.searchsorted(known, x, side="right")]
    assert some.area() == pytest.approx(below.mean(), abs=1e-3)


def test_faces_that_are_not_found_are_counted_and_have_no_error() -> None:
    result = landmark_errors({"a": found(0), "b": Faces.empty()}, {"a": marked(0, 100), "b": marked(0)})
    assert result.matched.tolist() == [True, False, False]
    assert np.isnan(result.by_eyes().faces).tolist() == [False, True, True]
    assert result.by_eyes().ced()[1].tolist() == [1 / 3]


def test_nothing_found_at_all_is_nan_and_no_warning() -> None:
    result = landmark_errors({"a": Faces.empty()}, {"a": marked(0)}).by_eyes()
    assert np.isnan([result.mean, result.area(), result.failures(), *result.by_point]).all()
    assert (result.area(missed=True), result.failures(missed=True)) == (0, 1)


def test_ignored_faces_and_detections_without_partner_do_not_count() -> None:
    result = landmark_errors({"a": found(0, 100, 200)}, {"a": marked(0, 100, ignore=1)})
    assert result.partner.tolist() == [0]


def test_the_nearest_centre_wins_and_each_is_taken_once() -> None:
    truth = marked(0, 10)
    assert match_faces(found(11, 1), truth).tolist() == [1, 0]
    assert match_faces(found(1), truth).tolist() == [0, -1]


def test_a_hull_of_points_as_box_does_not_keep_faces_apart() -> None:
    hull = Marked(np.array([[10, 10, 30, 30]]), {"all": np.array([True])}, POINTS[None])
    assert match_faces(found(0), hull).tolist() == [0]
    assert match_faces(found(0), hull, rule="overlap").tolist() == [-1]


def test_a_far_detection_belongs_to_nobody() -> None:
    for rule in RULES:
        assert match_faces(found(500), marked(0), rule=rule).tolist() == [-1]


def test_boxes_without_area_belong_to_nobody() -> None:
    flat = Faces(np.array([[20, 20, 20, 20]], np.float32), np.ones(1, np.float32), POINTS[None].astype(np.float32))
    assert match_faces(flat, marked(0)).tolist() == [-1]


def test_eyes_in_one_place_have_no_error_by_eyes() -> None:
    points: NDArray[np.float64] = POINTS[None].copy()
    points[0, 1] = points[0, 0]
    truth = {"a": Marked(np.array([[0, 0, 40, 40]]), {"all": np.array([True])}, points)}
    result = landmark_errors({"a": found(0)}, truth)
    assert np.isnan(result.by_eyes().mean)
    assert result.by_size().mean > 0


def test_faces_without_marked_points_are_left_out() -> None:
    truth = marked(0, 100)
    assert truth.landmarks is not None
    points = truth.landmarks.copy()
    points[1] = np.nan
    result = landmark_errors({"a": found(0, 100)}, {"a": Marked(truth.boxes, truth.members, points)})
    assert result.places.tolist() == [0]


def test_what_cannot_be_measured_is_an_error() -> None:
    boxes = Marked(np.array([[0, 0, 9, 9]]), {"all": np.array([True])})
    with pytest.raises(AnnotationError, match="marked with landmarks, got boxes alone"):
        landmark_errors({"a": found(0)}, {"a": boxes})
    with pytest.raises(AnnotationError, match="detections with landmarks"):
        landmark_errors({"a": Faces.empty(landmarks=False)}, {"a": marked(0)})
    with pytest.raises(AnnotationError, match="got none"):
        landmark_errors({"a": found(0)}, {"a": marked(0, ignore=0)})
    with pytest.raises(AnnotationError, match="such as 'b'"):
        landmark_errors({"a": found(0)}, {"a": marked(0), "b": marked(0)})
    with pytest.raises(AnnotationError, match='"centre" or "overlap"'):
        match_faces(found(0), marked(0), rule="nearest")  # type: ignore[arg-type]

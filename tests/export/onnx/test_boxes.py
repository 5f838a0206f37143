"""Suppression and averages as ONNX against the specification, exactly."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.export.running import Compiled

from facecascade.engines import reference
from facecascade.engines.reference import GEOMETRIES
from facecascade.export.onnx import boxes as rules

BOXES = {"boxes": (np.float64, 2), "scores": (np.float32, 1)}


@cache
def suppressed(geometry: str, threshold: float, smaller: bool) -> Compiled:
    return Compiled(
        lambda boxes, scores: rules.suppressed(
            boxes, scores, threshold=threshold, geometry=GEOMETRIES[geometry], smaller=smaller
        ),
        result=1,
        **BOXES,
    )


def clutter(seed: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Boxes of whole numbers with many equal scores and exact overlaps; some have no area, or a negative one."""
    random = np.random.default_rng(seed)
    corner = random.integers(0, 60, (count, 2)).astype(np.float64)
    boxes = np.concatenate([corner, corner + random.integers(-2, 40, (count, 2))], axis=1)
    return boxes, random.integers(0, 12, count).astype(np.float32)


@pytest.mark.parametrize("geometry", ["subpixel", "classic"])
@pytest.mark.parametrize("threshold", [0.5, 0.7])
@given(seed=st.integers(0, 9999), count=st.integers(0, 300), smaller=st.booleans())
@example(seed=1, count=64, smaller=False)
@example(seed=2, count=65, smaller=True)
@settings(max_examples=40)
def test_suppression_is_equal(geometry: str, threshold: float, seed: int, count: int, smaller: bool) -> None:
    boxes, scores = clutter(seed, count)
    as_doubles = scores.astype(np.float64)
    expected = reference.nms(boxes, as_doubles, threshold=threshold, geometry=GEOMETRIES[geometry], smaller=smaller)
    assert suppressed(geometry, threshold, smaller)(boxes, scores).tolist() == expected.tolist()


def test_a_chain_of_boxes_is_settled_link_by_link() -> None:
    """Each box beats the next, so every other one stays: one round of the rule for each link."""
    left = np.arange(200) * 1.0
    boxes = np.stack([left, np.zeros(200), left + 6, np.full(200, 6.0)], axis=1)
    scores = np.linspace(1, 0.5, 200, dtype=np.float32)
    assert suppressed("subpixel", 0.7, False)(boxes, scores).tolist() == list(range(0, 200, 2))


def test_far_from_the_corner_of_a_large_picture_the_overlap_is_still_exact() -> None:
    """IoU .7000003 goes and .6999997 stays, at 60,000 pixels, where float32 boxes are whole numbers / 256."""
    x = 60000.0
    for width, kept in ((10 - 4e-6, 1), (10 + 4e-6, 2)):
        boxes = np.array([[x, x, x + 7, x + 10], [x, x, x + width, x + 10]])
        assert len(suppressed("subpixel", 0.7, False)(boxes, np.array([0.9, 0.8], np.float32))) == kept


@given(seed=st.integers(0, 9999), count=st.integers(1, 60))
@settings(max_examples=40)
def test_landmarks_are_averaged_as_in_the_specification(seed: int, count: int) -> None:
    boxes, _ = clutter(seed, count)
    random = np.random.default_rng(seed)
    points, logits = random.uniform(0, 60, (count, 5, 2)), random.normal(0, 2, count).astype(np.float32)
    best = np.flatnonzero(random.random(count) < 0.3)
    scores = 1 / (1 + np.exp(-logits.astype(np.float64)))
    expected = reference.average_landmarks(points, boxes, scores, best=best)
    assert np.abs(averaged()(points, boxes, logits, best) - expected).max(initial=0) < 1e-5


@cache
def averaged() -> Compiled:
    return Compiled(
        lambda points, boxes, logits, best: rules.averaged(points, boxes, logits, best=best),
        result=3,
        points=(np.float64, 3),
        boxes=(np.float64, 2),
        logits=(np.float32, 1),
        best=(np.int64, 1),
    )


@given(seed=st.integers(0, 9999), count=st.integers(0, 20), share=st.sampled_from([1, 0.975]))
@settings(max_examples=20)
def test_boxes_move_as_in_the_specification(seed: int, count: int, share: float) -> None:
    boxes, _ = clutter(seed, count)
    regression = np.random.default_rng(seed).integers(-9, 9, (count, 4)) / 16
    for geometry in GEOMETRIES.values():
        width, height = geometry.sides(boxes)
        expected = geometry.cut(reference.squared(reference.calibrate(boxes, regression, width, height)))
        found = moved(geometry.whole)(boxes, regression.astype(np.float32))
        assert np.abs(found - expected).max(initial=0) < 1e-9
    assert np.abs(tightened(share)(boxes) - reference.tightened(boxes, share)).max(initial=0) < 1e-9


@cache
def moved(whole: bool) -> Compiled:
    geometry = GEOMETRIES["classic" if whole else "subpixel"]
    return Compiled(
        lambda boxes, regression: rules.cut(
            rules.squared(rules.calibrated(boxes, regression, rules.sides(boxes, geometry=geometry))), geometry=geometry
        ),
        result=2,
        boxes=(np.float64, 2),
        regression=(np.float32, 2),
    )


@cache
def tightened(share: float) -> Compiled:
    return Compiled(lambda boxes: rules.tightened(boxes, share) + 0, result=2, boxes=(np.float64, 2))

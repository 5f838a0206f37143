"""Crops as ONNX against the specification."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.export.running import Compiled, random_picture

from facecascade.engines import reference
from facecascade.engines.reference import GEOMETRIES
from facecascade.export.onnx.crops import crops

LIMIT = 0.01
"""Of 255 levels."""


@cache
def cropper(side: int, geometry: str) -> Compiled:
    return Compiled(
        lambda picture, boxes: crops(picture.transpose(2, 0, 1), boxes, side=side, geometry=GEOMETRIES[geometry]),
        result=4,
        picture=(np.uint8, 3),
        boxes=(np.float64, 2),
    )


@pytest.mark.parametrize("geometry", ["subpixel", "classic"])
@pytest.mark.parametrize("side", [24, 48])
@given(seed=st.integers(0, 9999), height=st.integers(1, 120), width=st.integers(1, 120))
@settings(max_examples=25)
def test_crops_are_equal_anywhere(geometry: str, side: int, seed: int, height: int, width: int) -> None:
    """Boxes over the edges, outside, empty, turned round, smaller than a pixel, larger than the picture."""
    random = np.random.default_rng(seed)
    corner = random.uniform(-100, 140, (12, 2))
    boxes = np.concatenate(
        [corner, corner + random.choice([0.3, 5, 30, 200]) * random.uniform(-0.2, 1, (12, 2))], axis=1
    )
    boxes = GEOMETRIES[geometry].cut(boxes)
    picture = random_picture(height, width, seed=seed)
    expected = reference.crops(picture, boxes, side, geometry=GEOMETRIES[geometry])
    found = cropper(side, geometry)(picture, boxes).transpose(0, 2, 3, 1)
    assert np.abs(found - expected).max() < LIMIT


def test_crops_of_a_large_picture_are_as_good_far_from_its_corner() -> None:
    picture = random_picture(40, 30000)
    boxes = np.array([[29950.3, 5.1, 29970.7, 25.5], [29000.25, -500, 29990.5, 490.25]])
    expected = reference.crops(picture, boxes, 24, geometry=GEOMETRIES["subpixel"])
    assert np.abs(cropper(24, "subpixel")(picture, boxes).transpose(0, 2, 3, 1) - expected).max() < LIMIT

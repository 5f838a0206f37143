"""Levels as ONNX against the specification, to the byte."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.export.running import Compiled, random_picture

from facecascade.engines import reference
from facecascade.export.onnx import pyramid
from facecascade.export.onnx.graph import Value
from facecascade.settings import Settings, level_size


@cache
def level() -> Compiled:
    def of(picture: Value, scale: Value) -> Value:
        return pyramid.level(picture.transpose(2, 0, 1).cast(np.float32), scale)

    return Compiled(of, result=4, picture=(np.uint8, 3), scale=(np.float64, 1))


def assert_equal_to_the_byte(picture: NDArray[np.uint8], scale: float) -> None:
    height, width = level_size(picture.shape[0], picture.shape[1], scale)
    found = level()(picture, np.array([scale], np.float64))
    assert found.shape == (1, 3, height, width)
    assert np.array_equal(found[0].transpose(1, 2, 0), reference.level(picture, height, width))


@given(height=st.integers(12, 140), width=st.integers(12, 140), scale=st.floats(0.02, 3), seed=st.integers(0, 99))
@settings(max_examples=100)
def test_a_level_is_equal_to_the_byte(height: int, width: int, scale: float, seed: int) -> None:
    assert_equal_to_the_byte(random_picture(height, width, seed=seed), scale)


@pytest.mark.parametrize("value", [0, 1, 254, 255])
@pytest.mark.parametrize("scale", [0.6, 1, 0.0123, 1.7])
def test_a_flat_picture_stays_as_it_is(value: int, scale: float) -> None:
    assert_equal_to_the_byte(np.full((90, 1100, 3), value, np.uint8), scale)


@pytest.mark.parametrize("scale", [0.6, 0.21, 0.03])
def test_a_large_picture_is_equal_to_the_byte(scale: float) -> None:
    assert_equal_to_the_byte(random_picture(1080, 1920), scale)


@pytest.mark.parametrize(
    "chosen", [Settings(), Settings(min_face_size=12.5, scale_factor=0.99), Settings(min_face_size=7, scale_factor=0.1)]
)
def test_scales_are_the_same_numbers(chosen: Settings) -> None:
    run = Compiled(lambda picture: pyramid.scales(picture, chosen), result=1, picture=(np.uint8, 3))
    for size in [(0, 9), (11, 300), (19, 20), (20, 20), (21, 20), (720, 1280), (12000, 3), (3000, 4000)]:
        picture = np.broadcast_to(np.uint8(0), (*size, 3))
        assert run(np.ascontiguousarray(picture)).tolist() == chosen.scales(*size)

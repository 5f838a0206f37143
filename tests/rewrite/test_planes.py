from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.rewrite.clips import QUARTER

from facecascade.rewrite.planes import kept_format, paste, planes, rgb_of, upright_frame

av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'facecascade[video]'")
TURN = np.array(QUARTER, np.int32)


def frame(width: int, height: int, pixel_format: str = "yuv420p", seed: int = 1) -> Any:
    made = av.VideoFrame(width, height, pixel_format)
    rng = np.random.default_rng(seed)
    for plane in planes(made):
        plane[...] = rng.integers(40, 200, plane.shape)
    made.pts, made.time_base = 7, Fraction(1, 25)
    return made


@pytest.mark.parametrize(
    ("name", "matrix", "kept"),
    [
        ("yuv420p", None, "yuv420p"),
        ("yuv422p", None, "yuv422p"),
        ("yuv422p", TURN, "yuv420p"),
        ("yuv444p10le", TURN, "yuv444p10le"),
        ("nv12", None, "yuv420p"),
        ("yuva420p", None, "yuv420p"),
    ],
)
def test_formats(name: str, matrix: Any, kept: str) -> None:
    assert kept_format(name, matrix) == kept


@pytest.mark.parametrize("size", [(64, 48), (62, 46), (33, 17)])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p", "yuv420p10le"])
def test_an_upright_frame_has_the_bits_of_the_stored_one(size: tuple[int, int], pixel_format: str) -> None:
    stored = frame(*size, pixel_format)
    for new, old in zip(planes(upright_frame(stored, pixel_format, None)), planes(stored), strict=True):
        assert np.array_equal(new[: old.shape[0], : old.shape[1]], old)
        assert np.array_equal(new[-1, : old.shape[1]], old[-1])
    for new, old in zip(planes(upright_frame(stored, pixel_format, TURN)), planes(stored), strict=True):
        turned = np.rot90(old, -1)
        assert np.array_equal(new[: turned.shape[0], : turned.shape[1]], turned)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"])
def test_what_is_not_changed_keeps_its_bits(pixel_format: str) -> None:
    upright = frame(64, 48, pixel_format)
    before = [plane.copy() for plane in planes(upright)]
    picture = rgb_of(upright, None)
    changed = picture.copy()
    changed[11:20, 21:40] = (255, 255, 255)
    paste(upright, picture, changed)
    luma = planes(upright)[0] != before[0]
    assert not luma[:11].any()
    assert not luma[20:].any()
    assert not luma[:, :21].any()
    assert not luma[:, 40:].any()
    scale = 1 if pixel_format != "yuv420p10le" else 4
    assert (np.abs(planes(upright)[0][11:20, 21:40].astype(int) - 235 * scale) <= 2 * scale).all()
    for plane, old in zip(planes(upright)[1:], before[1:], strict=True):
        down, across = 48 // plane.shape[0], 64 // plane.shape[1]
        outside = np.ones(plane.shape, bool)
        outside[11 // down : -(-20 // down), 21 // across : -(-40 // across)] = False
        assert np.array_equal(plane[outside], old[outside])
        assert (np.abs(plane[~outside].astype(int) - 128 * scale)[3:-3] <= 64 * scale).all()


def test_an_equal_picture_changes_nothing() -> None:
    upright = frame(64, 48)
    before = [plane.copy() for plane in planes(upright)]
    picture = rgb_of(upright, None)
    paste(upright, picture, picture.copy())
    assert all(np.array_equal(plane, old) for plane, old in zip(planes(upright), before, strict=True))

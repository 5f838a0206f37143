"""Crops by the core against the rule written out in NumPy: to the byte."""

from __future__ import annotations

import importlib
import math
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from facecascade.engines.core import native

Pixels = NDArray[np.uint8]
Numbers = NDArray[np.int64]
Matrix = NDArray[np.float64]
Colour = tuple[int, int, int]

PHASES, LEVEL_BITS, WEIGHT_BITS, SHARE_BITS, POSITION_BITS = 128, 6, 14, 48, 28
FINEST_STRAIGHT, FINEST_TURNED = 2, 1.25
FILL = (10, 200, 30)


def noise(height: int, width: int, *, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def seen(pitch: float, degrees: float, *, centre: tuple[float, float], size: tuple[int, int]) -> Matrix:
    """(2, 3): from the crop to the picture, by edges, with the picture's `centre` in the middle of the crop."""
    cosine, sine = pitch * math.cos(math.radians(degrees)), pitch * math.sin(math.radians(degrees))
    if degrees % 90 == 0:
        cosine, sine = (pitch * math.copysign(round(abs(part / pitch)), part) for part in (cosine, sine))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([turn, np.array(centre) - turn @ (np.array(size) / 2)])


def rounded(values: Numbers, bits: int) -> Numbers:
    return (values + (1 << (bits - 1))) >> bits


def fixed(position: float) -> int:
    return math.floor(position * (1 << POSITION_BITS) + 0.5)


def split(positions: Numbers) -> tuple[Numbers, Numbers]:
    """The pixel before each position, and the phase behind it."""
    phases = rounded(positions, POSITION_BITS - 7)
    return phases >> 7, phases & (PHASES - 1)


def keys(x: Matrix) -> Matrix:
    x = np.abs(x)
    return np.where(x < 1, (1.5 * x - 2.5) * x * x + 1, np.where(x < 2, ((2.5 - 0.5 * x) * x - 4) * x + 2, 0))


def table(width: float, spread: float = 0) -> Numbers:
    """(128, taps): the first tap weighs the pixel 1 - taps / 2 behind the one before the point."""
    taps = 2 * math.ceil(2 * width + (spread > 0))
    pixels, points = np.arange(taps) + 1 - taps // 2, np.arange(PHASES)[:, np.newaxis] / PHASES
    x = pixels - points
    values = keys(x / width)
    if spread > 0:
        values = values - spread / 2 * (keys((x - 1) / width) - 2 * values + keys((x + 1) / width))
    sums = np.cumsum(values, axis=1)
    shares = (sums / sums[:, -1:] * (1 << WEIGHT_BITS) + (65536 + 0.5)).astype(np.int64) - 65536
    return np.diff(shares, axis=1, prepend=0)


def weighed(blocks: Numbers, kernel: Numbers, phase: Numbers) -> Numbers:
    """(..., 3) out of (..., taps, 3), before rounding."""
    sums: Numbers = (blocks * kernel[phase][..., np.newaxis]).sum(axis=-2)
    return sums


def reduced(picture: Pixels, factor: int, fill: Colour, rows: range, columns: range) -> Numbers:
    """Means of blocks, in 1 / 64 of a level."""
    y, x = (np.arange(factor * axis.start, factor * axis.stop) for axis in (rows, columns))
    inside = ((y >= 0) & (y < len(picture)))[:, np.newaxis] & ((x >= 0) & (x < picture.shape[1]))
    pixels = picture[y.clip(0, len(picture) - 1)][:, x.clip(0, picture.shape[1] - 1)].astype(np.int64)
    pixels = np.where(inside[..., np.newaxis], pixels, fill)
    sums = pixels.reshape(len(rows), factor, len(columns), factor, 3).sum(axis=(1, 3))
    share = ((1 << (SHARE_BITS + LEVEL_BITS)) + factor * factor // 2) // (factor * factor)
    return rounded(sums * share, SHARE_BITS)


def reach(pixels: Numbers, kernel: Numbers) -> range:
    """All pixels that the kernel weighs."""
    taps = kernel.shape[1]
    return range(int(pixels.min()) + 1 - taps // 2, int(pixels.max()) + 1 + taps // 2)


def around(pixels: Numbers, kernel: Numbers, start: int) -> Numbers:
    """(..., taps): which they are, counted from `start`."""
    taps = kernel.shape[1]
    numbers: Numbers = pixels[..., np.newaxis] + np.arange(taps) + (1 - taps // 2 - start)
    return numbers


def axes(back: Matrix, factor: int) -> list[tuple[float, float, float]]:
    """Of the picture, by pixel centres."""
    rows = back.tolist()
    return [(u / factor, v / factor, (shift + 0.5 * (u + v)) / factor - 0.5) for u, v, shift in rows]


def enlarged(picture: Pixels, back: Matrix, height: int, width: int, fill: Colour) -> Numbers:
    u, v = np.arange(width), np.arange(height)[:, np.newaxis]
    (x, x_phase), (y, y_phase) = (split(fixed(a) * u + fixed(b) * v + fixed(c)) for a, b, c in axes(back, 1))
    kernel = table(1)
    rows, columns = reach(y, kernel), reach(x, kernel)
    levels = reduced(picture, 1, fill, rows, columns)
    near = levels[
        around(y, kernel, rows.start)[..., np.newaxis, :], around(x, kernel, columns.start)[..., np.newaxis]
    ]  # (height, width, columns, rows, 3)
    standing = rounded(weighed(near, kernel, y_phase[..., np.newaxis]), WEIGHT_BITS)
    return rounded(weighed(standing, kernel, x_phase), WEIGHT_BITS + LEVEL_BITS)


def shrunk(picture: Pixels, back: Matrix, height: int, width: int, fill: Colour) -> Numbers:
    if abs(back[0, 1]) > abs(back[1, 1]):
        return shrunk(picture.transpose(1, 0, 2), back[::-1], height, width, fill)
    straight = back[0, 1] == back[1, 0] == 0
    times = 1 if straight else 2
    factor = max(math.floor(abs(back[1, 1]) / (FINEST_STRAIGHT if straight else FINEST_TURNED)), 1)
    (xu, xv, x0), (yu, yv, y0) = axes(back, factor)
    step, slant, before = (xu - xv * yu / yv) / times, xv / yv, (times - 1) / 4
    spread, area = (1 - 1 / factor**2) / 12, abs(xu * yv - xv * yu)
    across = table(max(abs(step), 1), spread if times == 1 else 0)
    down = table(max(abs(yv), 1), spread * yv * yv / area)
    half = table(2, 4 * spread / area)
    border = half.shape[1] // 2 - 1 if times == 2 else 0
    fine = np.arange(-border, times * width + border)
    y, y_phase = split(
        fixed(yu / times) * fine + fixed(yv) * np.arange(height)[:, np.newaxis] + fixed(y0 - yu * before)
    )
    rows = reach(y, down)
    lines = np.arange(rows.start, rows.stop)[:, np.newaxis]
    x, x_phase = split(fixed(step) * fine + fixed(slant) * lines + fixed(x0 - slant * y0 - times * step * before))
    columns = reach(x, across)
    levels = reduced(picture, factor, fill, rows, columns)
    near = levels[np.arange(len(rows))[:, np.newaxis, np.newaxis], around(x, across, columns.start)]
    lying = rounded(weighed(near, across, x_phase), WEIGHT_BITS)
    near = lying[around(y, down, rows.start), np.arange(len(fine))[:, np.newaxis]]
    standing = rounded(weighed(near, down, y_phase), WEIGHT_BITS)
    if times == 1:
        return rounded(standing, LEVEL_BITS)
    near = standing[:, 2 * np.arange(width)[:, np.newaxis] + np.arange(half.shape[1])]
    return rounded(weighed(near, half, np.full((height, width), PHASES // 2)), WEIGHT_BITS + LEVEL_BITS)


def oracle(picture: Pixels, back: Matrix, height: int, width: int, fill: Colour) -> Pixels:
    area = back[0, 0] * back[1, 1] - back[0, 1] * back[1, 0]
    crop = (shrunk if area > 1 else enlarged)(picture, back, height, width, fill)
    return crop.clip(0, 255).astype(np.uint8)


@settings(max_examples=150, deadline=None)
@given(
    pitch=st.one_of(st.floats(0.02, 8), st.sampled_from([0.5, 1.0, 2.0, 2.5, 4.0])),
    degrees=st.one_of(st.floats(-180, 180), st.sampled_from([0, 45, 90, 180, 270])),
    centre=st.tuples(st.floats(-20, 70), st.floats(-20, 70)),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    shape=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_every_byte(
    pitch: float, degrees: float, centre: tuple[float, float], size: tuple[int, int], shape: tuple[int, int]
) -> None:
    back = seen(pitch, degrees, centre=centre, size=size)
    width, height = size
    crop = native.warp(noise(*shape), back, height, width, FILL)
    assert np.array_equal(crop, oracle(noise(*shape), back, height, width, FILL))


@pytest.mark.parametrize("degrees", [0, 20, 135])
@pytest.mark.parametrize("pitch", [0.4, 1.2, 3.3])
def test_crops_of_several_tiles(pitch: float, degrees: float) -> None:
    back = seen(pitch, degrees, centre=(150, 170), size=(290, 150))
    picture = noise(330, 300)
    assert np.array_equal(native.warp(picture, back, 150, 290, FILL), oracle(picture, back, 150, 290, FILL))


@pytest.mark.parametrize("pitch", [0.7, 1.5, 6.0])
@pytest.mark.parametrize("degrees", [0, 30, 80])
def test_arrays_in_any_order(pitch: float, degrees: float) -> None:
    back = seen(pitch, degrees, centre=(30, 40), size=(20, 25))
    whole = noise(90, 80)
    for view in (whole[::-1], whole[:, ::-2], whole[..., ::-1], whole.transpose(1, 0, 2), np.asfortranarray(whole)):
        view.setflags(write=False)
        straight = native.warp(np.ascontiguousarray(view), back, 25, 20, FILL)
        assert np.array_equal(native.warp(view, back, 25, 20, FILL), straight)


@pytest.mark.parametrize("pitch", [0.3, 1.0, 1.01, 1.9, 2.6, 7.7, 300.0])
@pytest.mark.parametrize("degrees", [0, 7, 45, 100])
@pytest.mark.parametrize("shade", [0, 1, 77, 254, 255])
def test_a_plain_picture_stays_plain(pitch: float, degrees: float, shade: int) -> None:
    picture = np.full((70, 50, 3), shade, np.uint8)
    back = seen(pitch, degrees, centre=(25, 35), size=(60, 60))
    assert (native.warp(picture, back, 60, 60, (shade,) * 3) == shade).all()


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_quarter_turns_are_exact(degrees: int) -> None:
    picture = noise(24, 24)
    crop = native.warp(picture, seen(1, degrees, centre=(12, 12), size=(24, 24)), 24, 24, FILL)
    assert np.array_equal(crop, np.rot90(picture, degrees // 90))


def test_the_same_from_many_threads() -> None:
    picture = noise(400, 400)
    cases = [seen(pitch, degrees, centre=(200, 200), size=(60, 60)) for pitch in (0.6, 1.4, 5) for degrees in (0, 33)]
    alone = [native.warp(picture, back, 60, 60, FILL) for back in cases]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda back: native.warp(picture, back, 60, 60, FILL), cases * 20))
    assert all(np.array_equal(crop, alone[number % len(cases)]) for number, crop in enumerate(together))


@pytest.mark.parametrize("shift", [np.nan, np.inf, 1e300, 1000.0])
def test_what_is_nowhere_is_filled(shift: float) -> None:
    back = np.array([[1.0, 0, shift], [0, 1, 0]])
    assert (native.warp(noise(20, 20), back, 7, 300, FILL) == FILL).all()


def test_a_large_crop_of_a_dot() -> None:
    """Only what sees the picture is worked on; the rest would take some 10 seconds."""
    back = seen(1.3, 20, centre=(2, 2), size=(4096, 4096))
    crop = native.warp(noise(4, 4), back, 4096, 4096, FILL)
    changed = np.argwhere((crop != FILL).any(axis=2))
    assert len(changed) > 4
    assert np.abs(changed - 2047.5).max() < 8


def test_block_sums_of_a_large_picture() -> None:
    """The factor is 2400: sums of 16 bits would not do, and one row of blocks is more than 256 rows."""
    picture = np.broadcast_to(np.uint8(255), (12000, 12000, 3))
    back = seen(3000, 10, centre=(6000, 6000), size=(2, 2))
    assert native.warp(picture, back, 2, 2, (255, 255, 255)).min() == 255


def test_calls_that_do_not_fit() -> None:
    back = np.eye(2, 3)
    with pytest.raises(ValueError, match="at least one pixel"):
        native.warp(noise(5, 5), back, 0, 5, FILL)
    for picture, matrix in ((noise(5, 5)[..., :2], back), (noise(5, 5).astype(float), back), (noise(5, 5), np.eye(3))):
        with pytest.raises(TypeError, match="incompatible function arguments"):
            native.warp(picture, matrix, 5, 5, FILL)


def test_a_missing_core_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "facecascade.engines._native", None)
    monkeypatch.delattr("facecascade.engines._native")
    monkeypatch.delitem(sys.modules, "facecascade.engines.core")
    with pytest.raises(ImportError, match=r"compiled core .* lacks .*pip install"):
        importlib.import_module("facecascade.engines.core")

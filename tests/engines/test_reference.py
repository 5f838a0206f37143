"""The specification itself, held against plainer statements of the same things."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facecascade.engines import reference
from facecascade.engines.reference import (
    GEOMETRIES,
    ReferenceEngine,
    average_landmarks,
    coverage,
    crops,
    level,
    level_weights,
    nms,
    pool,
    tightened,
)
from facecascade.settings import Settings
from facecascade.weights import Weights

SUBPIXEL, CLASSIC = GEOMETRIES["subpixel"], GEOMETRIES["classic"]


def random_picture(height: int, width: int, *, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def gradient(height: int, width: int) -> NDArray[np.uint8]:
    """Pixel (x, y) is (2 x, 3 y, 100): interpolation of it is exact at pixel centres plus any offset."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack([2 * x, 3 * y, np.full_like(x, 100)], axis=2).astype(np.uint8)


@given(st.integers(1, 120), st.integers(1, 150))
def test_weights_of_a_level_sum_to_one_and_are_near_the_coverage(size: int, cells: int) -> None:
    weights = level_weights(size, cells)
    assert weights.shape == (cells, size)
    assert (weights >= 0).all()
    assert (weights.sum(axis=1) == 2**16).all()
    if cells <= size:
        exact = coverage(0, size, cells, low=0, high=size, least=1.0)
        assert np.abs(weights / 2**16 - exact).max() <= 2**-16


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 5))
def test_a_level_of_a_whole_factor_is_the_mean_of_blocks(rows: int, columns: int, factor: int) -> None:
    picture = random_picture(rows * factor, columns * factor, seed=rows)
    blocks = picture.reshape(rows, factor, columns, factor, 3).mean(axis=(1, 3))
    # Half a step of rounding at the end, half of a 128th before, and the weights' own.
    assert np.abs(level(picture, rows, columns) - blocks).max() <= 0.5 + 1 / 128


def test_a_level_of_the_same_size_is_the_picture() -> None:
    picture = random_picture(31, 47)
    assert np.array_equal(level(picture, 31, 47), picture)


def test_an_enlarged_level_interpolates_linearly_and_keeps_the_edge() -> None:
    row = np.repeat(np.array([0, 100], np.uint8)[None, :, None], 3, axis=2)
    assert level(row, 1, 4)[0, :, 0].tolist() == [0, 25, 75, 100]


@pytest.mark.parametrize(("size", "length", "expected"), [(2, 4, 2), (2, 5, 3), (3, 4, 2), (3, 5, 2), (3, 6, 3)])
def test_the_pool_counts_what_the_last_window_has(size: int, length: int, expected: int) -> None:
    x = np.arange(float(length * length)).reshape(length, length, 1)
    pooled = pool(x, size)
    assert pooled.shape == (expected, expected, 1)
    assert pooled[-1, -1, 0] == length * length - 1
    for i in range(expected):
        for j in range(expected):
            assert pooled[i, j, 0] == x[2 * i : 2 * i + size, 2 * j : 2 * j + size].max()


def test_a_crop_at_its_own_size_is_the_picture() -> None:
    picture = random_picture(60, 70)
    crop = crops(picture, np.array([[5.0, 9.0, 29.0, 33.0]]), 24, geometry=SUBPIXEL)[0]
    assert np.array_equal(crop, picture[9:33, 5:29])


def test_classic_boxes_name_their_first_and_last_pixel_from_one() -> None:
    picture = random_picture(60, 70)
    crop = crops(picture, np.array([[6.0, 10.0, 29.0, 33.0]]), 24, geometry=CLASSIC)[0]
    assert np.array_equal(crop, picture[9:33, 5:29])


@pytest.mark.parametrize("side", [7.5, 13.0, 24.0, 30.25, 55.0])
def test_a_crop_of_a_gradient_is_the_gradient_at_the_centre_of_each_cell(side: float) -> None:
    x1, y1 = 10.375, 12.0625
    crop = crops(gradient(80, 100), np.array([[x1, y1, x1 + side, y1 + side]]), 24, geometry=SUBPIXEL)[0]
    centre = (np.arange(24) + 0.5) * side / 24 - 0.5
    # Averages over parts of pixels, whose value stands for their centre, are off by up to an eighth of a pixel.
    off = 0 if side <= 24 else 1 / 8
    assert np.abs(crop[0, :, 0] - 2 * (x1 + centre)).max() <= 2 * off + 1e-9
    assert np.abs(crop[:, 0, 1] - 3 * (y1 + centre)).max() <= 3 * off + 1e-9
    assert np.allclose(crop[..., 2], 100)


def test_a_crop_is_black_outside_the_picture() -> None:
    white = np.full((20, 20, 3), 255, np.uint8)
    boxes = np.array([[-24.0, -4.0, 0.0, 20.0], [-12.0, 0.0, 12.0, 24.0], [5.0, 5.0, 5.0, 5.0], [9.0, 9.0, 5.0, 5.0]])
    beside, across, empty, reversed_ = crops(white, boxes, 24, geometry=SUBPIXEL)
    assert beside.max() == empty.max() == reversed_.max() == 0
    assert across[:20, :12].max() == 0
    assert across[:20, 12:].min() == across[:20, 12:].max() == 255
    assert across[20:].max() == 0


@st.composite
def boxes_and_scores(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    count = draw(st.integers(0, 30))
    numbers = st.lists(st.integers(0, 40), min_size=4 * count, max_size=4 * count)
    boxes = np.array(draw(numbers), np.float64).reshape(count, 4)
    boxes[:, 2:] += boxes[:, :2] + 1
    scores = np.array(draw(st.lists(st.integers(0, 9), min_size=count, max_size=count)), np.float64)
    return boxes, scores


@given(boxes_and_scores(), st.sampled_from([0.3, 0.5, 0.7]), st.booleans(), st.sampled_from([SUBPIXEL, CLASSIC]))
def test_nms_keeps_its_promises(
    table: tuple[NDArray[np.float64], NDArray[np.float64]],
    threshold: float,
    smaller: bool,
    geometry: reference.Geometry,
) -> None:
    boxes, scores = table
    keep = nms(boxes, scores, threshold=threshold, geometry=geometry, smaller=smaller)
    assert len(set(keep.tolist())) == len(keep)
    assert (np.diff(scores[keep]) <= 0).all()
    again = nms(boxes[keep], scores[keep], threshold=threshold, geometry=geometry, smaller=smaller)
    assert again.tolist() == list(range(len(keep)))
    if len(boxes):
        assert keep[0] == np.argmax(scores)
    shifted = nms(boxes + 64, scores, threshold=threshold, geometry=geometry, smaller=smaller)
    assert shifted.tolist() == keep.tolist()


def test_p_nets_windows_lie_in_the_pixels_they_see() -> None:
    column, row = np.array([3.0]), np.array([5.0])
    assert SUBPIXEL.windows(column, row, 0.5).tolist() == [[14.5, 22.5, 35.0, 43.0]]
    assert CLASSIC.windows(column, row, 0.6).tolist() == [[11, 18, 30, 36]]  # 7, 11, 18, 22 over .6, by floor


def test_tightened_squares_keep_their_centres() -> None:
    squares = np.array([[10.0, 20.0, 50.0, 60.0]])
    assert tightened(squares, 0.95).tolist() == [[11.0, 21.0, 49.0, 59.0]]
    assert tightened(squares, 1) is squares


def test_landmarks_are_the_mean_of_the_boxes_that_found_the_face() -> None:
    # IoU with the first: 1, 2/3, and below a half; by scores .9 and .6 that is weights .45 and .1.
    boxes = np.array([[0.0, 0, 10, 10], [2, 0, 12, 10], [4, 0, 14, 10]])
    landmarks = np.arange(3.0)[:, None, None] * np.ones((3, 5, 2)) * 11
    means = average_landmarks(landmarks, boxes, np.array([0.9, 0.6, 0.9]), best=np.array([0]))
    assert means == pytest.approx(np.full((1, 5, 2), 2.0))


def test_a_box_without_an_area_keeps_its_own_landmarks() -> None:
    boxes = np.array([[3.0, 3, 3, 3], [0, 0, 10, 10]])
    landmarks = np.array([3.0, 5.0])[:, None, None] * np.ones((2, 5, 2))
    assert (average_landmarks(landmarks, boxes, np.ones(2), best=np.array([0])) == 3).all()


def test_a_picture_without_a_level_has_no_faces() -> None:
    engine = ReferenceEngine(Weights.load().tensors)
    for height, width in [(1, 1), (11, 400), (19, 19), (400, 5)]:
        assert len(engine.detect([random_picture(height, width)], Settings())[0]) == 0


def test_it_finds_the_astronaut(astronaut: NDArray[np.uint8]) -> None:
    engine = ReferenceEngine(Weights.load().tensors)
    for geometry in ("subpixel", "classic"):
        faces = engine.detect([astronaut], Settings(geometry=geometry, min_face_size=60))[0]
        assert len(faces) == 1
        assert faces.scores[0] > 0.999
        x1, y1, x2, y2 = faces.boxes[0]
        assert np.abs(np.array([x1, y1, x2, y2]) - [180, 62, 268, 173]).max() < 8
        left_eye, right_eye, nose, mouth_left, mouth_right = faces[0].landmarks  # type: ignore[misc]
        assert left_eye[0] < nose[0] < right_eye[0]
        assert mouth_left[0] < mouth_right[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < min(mouth_left[1], mouth_right[1])

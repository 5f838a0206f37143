from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from facecascade.errors import SettingsError
from facecascade.extract import crop_faces
from facecascade.faces import Faces

Pixels = NDArray[np.uint8]


def found(boxes: ArrayLike, scores: ArrayLike, landmarks: ArrayLike | None = None) -> Faces:
    points = None if landmarks is None else np.asarray(landmarks, np.float32)
    return Faces(np.asarray(boxes, np.float32), np.asarray(scores, np.float32), points)


def gradient(height: int = 200, width: int = 240) -> Pixels:
    """Red is the column, green the row, blue 77: what is sampled at (x, y) must be (x - .5, y - .5, 77)."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([columns, rows, np.full_like(rows, 77)], axis=2).astype(np.uint8)


def noise(height: int = 120, width: int = 150) -> Pixels:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def one(*box: float) -> Faces:
    return found([box], [0.9])


def expected_of_gradient(left: float, top: float, side: float, size: int) -> NDArray[np.float64]:
    steps = (np.arange(size) + 0.5) * side / size - 0.5
    columns, rows = np.meshgrid(left + steps, top + steps)
    return np.stack([columns, rows, np.full_like(rows, 77)], axis=2)


@pytest.mark.parametrize("size", [1, 7, 40, 50, 64, 160])
def test_sampled_where_the_box_lies(size: int) -> None:
    crop = crop_faces(gradient(), one(60.3, 50.7, 100.3, 90.7), size=size, margin=0)[0]
    assert np.abs(crop - expected_of_gradient(60.3, 50.7, 40, size)).max() <= 0.75  # half of it is rounding


@settings(max_examples=60, deadline=None)
@given(
    left=st.floats(30, 120),
    top=st.floats(30, 90),
    width=st.floats(5, 60),
    height=st.floats(5, 60),
    margin=st.floats(0, 0.15),
    size=st.integers(2, 90),
)
def test_any_box_any_margin(left: float, top: float, width: float, height: float, margin: float, size: int) -> None:
    faces = one(left, top, left + width, top + height)
    x1, y1, x2, y2 = faces[0].box
    side = max(x2 - x1, y2 - y1) * (1 + 2 * margin)
    wanted = expected_of_gradient((x1 + x2) / 2 - side / 2, (y1 + y2) / 2 - side / 2, side, size)
    reach = 2 * max(side / size, 1) + 1  # beyond it the filter sees the black around the picture
    inside = ((wanted > reach) & (wanted < (240 - reach, 200 - reach, 255))).all(axis=2)
    crop = crop_faces(gradient(), faces, size=size, margin=margin)[0]
    assert np.abs(crop - wanted)[inside].max(initial=0) <= 0.8


def test_a_whole_pixel_box_of_the_crops_size_is_a_copy() -> None:
    picture = noise()
    crop = crop_faces(picture, one(30, 20, 94, 84), size=64, margin=0)[0]
    assert np.array_equal(crop, picture[20:84, 30:94])


def test_a_copy_at_each_edge_and_black_beyond() -> None:
    picture = noise(60, 60)
    for left, top in ((-20, -10), (40, 35), (-20, 30), (30, -50)):
        crop = crop_faces(picture, one(left, top, left + 64, top + 64), size=64, margin=0)[0]
        wanted = np.zeros((64, 64, 3), np.uint8)
        wanted[max(-top, 0) : 60 - top, max(-left, 0) : 60 - left] = picture[
            max(top, 0) : top + 64, max(left, 0) : left + 64
        ]
        assert np.array_equal(crop, wanted), (left, top)


def test_the_margin_is_a_share_of_the_longer_side_on_each_side() -> None:
    picture = noise(200, 200)
    # 40 x 20 around (100, 100), and a quarter of 40 on each side: 60 x 60
    crop = crop_faces(picture, one(80, 90, 120, 110), size=60, margin=0.25)[0]
    assert np.array_equal(crop, picture[70:130, 70:130])


def test_shrinking_averages_all_pixels() -> None:
    board = np.zeros((400, 400, 3), np.uint8)
    board[::2, 1::2] = board[1::2, ::2] = 255
    crop = crop_faces(board, one(37.3, 41.9, 337.3, 341.9), size=20, margin=0)[0]
    assert crop.min() >= 122
    assert crop.max() <= 133


def test_a_face_partly_outside_is_what_padding_first_would_give() -> None:
    picture = noise(100, 100)
    padded = np.zeros((300, 300, 3), np.uint8)
    padded[100:200, 100:200] = picture
    for box in ((-33.3, -20.1, 60.2, 73.4), (70.5, 61.7, 131.9, 123.1), (-90, -90, 190, 190)):
        moved = one(*(value + 100 for value in box))
        a, b = crop_faces(picture, one(*box), size=48, margin=0), crop_faces(padded, moved, size=48, margin=0)
        assert np.abs(a.astype(int) - b).max() <= 1, box


def test_every_face_in_order() -> None:
    picture = noise()
    faces = found([[10, 10, 50, 50], [60, 40, 100, 80], [5, 70, 45, 110]], [0.9, 0.8, 0.7])
    crops = crop_faces(picture, faces, size=40, margin=0)
    assert crops.shape == (3, 40, 40, 3)
    assert crops.dtype == np.uint8
    assert all(
        np.array_equal(crop, picture[int(y) : int(y) + 40, int(x) : int(x) + 40])
        for crop, (x, y, _, _) in zip(crops, faces.boxes.tolist(), strict=True)
    )


def test_no_faces() -> None:
    assert crop_faces(noise(), Faces.empty(), size=32).shape == (0, 32, 32, 3)


@pytest.mark.parametrize(
    "box",
    [
        (50, 50, 50, 50),
        (50, 50, 50, 90),
        (90, 90, 50, 50),
        (np.nan, 0, 10, 10),
        (0, 0, np.inf, 10),
        (-1e30, -1e30, 1e30, 1e30),
        (-1e6, -1e6, 1e6, 1e6),
        (-900, -900, -800, -800),
        (1e7, 1e7, 1e7 + 50, 1e7 + 50),
    ],
)
def test_boxes_that_show_nothing_are_black(box: tuple[float, float, float, float]) -> None:
    crops = crop_faces(np.full((60, 60, 3), 200, np.uint8), one(*box), size=32)
    assert crops.shape == (1, 32, 32, 3)
    assert not crops.any()


def test_a_huge_box_shows_the_picture_small_without_huge_memory() -> None:
    crop = crop_faces(np.full((60, 60, 3), 200, np.uint8), one(-270, -270, 330, 330), size=100, margin=0)[0]
    assert (crop[47:53, 47:53] > 195).all()
    assert not crop[:43].any()
    assert not crop[:, 57:].any()


def test_the_picture_may_be_a_view_or_read_only() -> None:
    picture = noise()
    view = picture[::-1, ::-1][10:100, 10:100]
    view.setflags(write=False)
    crop = crop_faces(view, one(5, 5, 45, 45), size=40, margin=0)[0]
    assert np.array_equal(crop, view[5:45, 5:45])


def test_the_same_as_a_large_pillow_resize() -> None:
    """In Pillow's float mode, since its bytes are rounded and cut off between columns and rows."""
    picture = noise(300, 300)
    crop = crop_faces(picture, one(50.25, 60.5, 204.25, 214.5), size=77, margin=0)[0]
    for channel in range(3):
        levels = Image.fromarray(picture[..., channel].astype(np.float32))
        whole = np.asarray(levels.resize((77, 77), Image.Resampling.BICUBIC, box=(50.25, 60.5, 204.25, 214.5)))
        assert np.abs(crop[..., channel] - whole.clip(0, 255)).max() <= 0.6, "half of it is rounding"


@pytest.mark.parametrize("size", [0, -1, 5000, 16.5, True, "160"])
def test_sizes_that_cannot_work(size: object) -> None:
    with pytest.raises(SettingsError, match="expected a crop size of 1 to 4096"):
        crop_faces(noise(), Faces.empty(), size=size)  # type: ignore[arg-type]


@pytest.mark.parametrize("margin", [-0.1, 11, float("nan"), float("inf")])
def test_margins_that_cannot_work(margin: float) -> None:
    with pytest.raises(SettingsError, match="expected a margin of 0 to 10"):
        crop_faces(noise(), Faces.empty(), margin=margin)


@pytest.mark.parametrize("wrong", [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3), np.float64)])
def test_anything_but_rgb_bytes_is_refused(wrong: Pixels) -> None:
    with pytest.raises(ValueError, match="expected a picture of shape"):
        crop_faces(wrong, Faces.empty())

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from facecascade.draw import BOX_COLOUR, POINT_COLOUR, draw_faces
from facecascade.faces import Faces

Pixels = NDArray[np.uint8]


def found(boxes: ArrayLike, scores: ArrayLike, landmarks: ArrayLike | None = None) -> Faces:
    points = None if landmarks is None else np.asarray(landmarks, np.float32)
    return Faces(np.asarray(boxes, np.float32), np.asarray(scores, np.float32), points)


def grey(height: int, width: int, level: int = 120) -> Pixels:
    return np.full((height, width, 3), level, np.uint8)


def face(x1: float, y1: float, x2: float, y2: float, *, score: float = 0.9, landmarks: bool = True) -> Faces:
    w, h = x2 - x1, y2 - y1
    shares = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])
    points = (shares * [w, h] + [x1, y1])[np.newaxis] if landmarks else None
    return found([[x1, y1, x2, y2]], [score], points)


def pixels(picture: Pixels, faces: Faces, *, scores: bool = False) -> Pixels:
    return np.asarray(draw_faces(picture, faces, scores=scores))


def changed(before: Pixels, after: Pixels) -> NDArray[np.bool_]:
    different: NDArray[np.bool_] = (before != after).any(axis=2)
    return different


def test_the_input_stays_as_it_was_and_may_be_read_only() -> None:
    picture = grey(200, 300)
    picture.setflags(write=False)
    drawn = draw_faces(picture, face(50, 50, 150, 150), scores=True)
    assert (picture == 120).all()
    assert drawn.size == (300, 200)
    assert drawn.mode == "RGB"


def test_no_faces_leave_the_picture_as_it_is() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (90, 70, 3), dtype=np.uint8)
    assert np.array_equal(pixels(picture, Faces.empty(), scores=True), picture)


def test_the_line_lies_on_the_box_and_the_points_on_the_landmarks() -> None:
    drawn = pixels(grey(1600, 1600), face(400, 480, 1040, 1280))
    for x, y in ((720, 480), (720, 1279), (400, 880), (1039, 880)):
        assert drawn[y, x].tolist() == list(BOX_COLOUR), (x, y)
    for x, y in ((592, 800), (848, 800), (720, 960), (624, 1120), (816, 1120)):
        assert drawn[y, x].tolist() == list(POINT_COLOUR), (x, y)
    assert (drawn[1040:1080, 480:560] == 120).all()
    assert (drawn[:460] == 120).all()


@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5, 0.75])
def test_lines_lie_where_the_box_does_to_a_tenth_of_a_pixel(shift: float) -> None:
    before = grey(400, 400, 12)  # near the outline's colour, so that the line alone is seen
    green = pixels(before, face(100 + shift, 100, 300 + shift, 300))[200, :150, 1].astype(float) - 12
    centre = (green * (np.arange(150) + 0.5)).sum() / green.sum()
    assert centre == pytest.approx(100 + shift, abs=0.1)


@pytest.mark.parametrize("level", [0, 60, 120, 150, 200, 255])
def test_a_box_stands_out_on_any_grey(level: int) -> None:
    drawn = pixels(grey(300, 300, level), face(100, 100, 200, 200))
    around = drawn[150, 90:110].astype(float)
    assert np.ptp(around, axis=0).max() > 100


def test_a_box_stands_out_on_its_own_colour() -> None:
    picture = np.empty((300, 300, 3), np.uint8)
    picture[:] = BOX_COLOUR
    drawn = pixels(picture, face(100, 100, 200, 200))
    assert np.abs(drawn[150, 90:110].astype(int) - BOX_COLOUR).max() > 80


def test_edges_are_soft() -> None:
    drawn = pixels(grey(300, 300, 0), face(100.3, 100.3, 200.3, 200.3))
    assert len(np.unique(drawn[150, :, 1])) >= 4


def test_lines_grow_with_the_picture_and_the_face() -> None:
    def weight(scale: int) -> int:
        drawn = pixels(grey(400 * scale, 600 * scale, 0), face(*(np.array([100, 100, 200, 200]) * scale)))
        return int((drawn[150 * scale, : 150 * scale, 1] > 128).sum())

    assert weight(1) in (1, 2)
    assert weight(4) >= 3 * weight(1)
    small = pixels(grey(1600, 2400, 0), face(400, 400, 420, 420))
    assert (small[405:415, 404:416, 1] < 128).mean() > 0.4, "a face of 20 pixels is still seen in a large picture"


@pytest.mark.parametrize(
    "box",
    [(-50, -50, 40, 40), (260, 160, 380, 280), (-100, -100, 500, 400), (-80, 50, -20, 110), (400, 400, 500, 500)],
)
def test_faces_partly_or_wholly_outside(box: tuple[float, float, float, float]) -> None:
    picture = grey(200, 300)
    drawn = pixels(picture, face(*box))
    x1, y1, x2, y2 = box
    edge_inside = (0 <= x1 <= 300 or 0 <= x2 <= 300) and y1 < 200 and y2 > 0
    assert changed(picture, drawn).any() == (edge_inside or box == (-100, -100, 500, 400))


def test_a_box_around_the_whole_picture_shows_its_points_alone() -> None:
    picture = grey(200, 300)
    inside = changed(picture, pixels(picture, face(-100, -100, 500, 400)))
    assert 0 < inside.mean() < 0.02


@pytest.mark.parametrize("box", [(50, 50, 50, 50), (50, 50, 50, 90), (60, 60, 40, 40), (10, 10, 10.01, 10.01)])
def test_boxes_without_area_do_no_harm(box: tuple[float, float, float, float]) -> None:
    drawn = pixels(grey(100, 100), face(*box, landmarks=False), scores=True)
    assert drawn.shape == (100, 100, 3)


def test_what_is_not_finite_is_left_out() -> None:
    picture = grey(100, 100)
    nowhere = found([[np.nan, 0, 10, 10], [0, 0, np.inf, 10]], [0.5, 0.5], np.full((2, 5, 2), np.nan))
    assert np.array_equal(pixels(picture, nowhere, scores=True), picture)


def test_without_landmarks_only_the_box_is_drawn() -> None:
    picture = grey(400, 400)
    drawn = pixels(picture, face(100, 100, 300, 300, landmarks=False))
    assert not changed(picture, drawn)[120:280, 120:280].any()
    assert changed(picture, drawn)[200, 95:105].any()


def test_the_best_face_is_on_top() -> None:
    picture = grey(1500, 1500, 0)
    best, other = face(500, 500, 1000, 1000, landmarks=False), face(750, 750, 1250, 1250, landmarks=False)
    both = found(np.concatenate([best.boxes, other.boxes]), [0.9, 0.8])
    assert not np.array_equal(pixels(picture, both), pixels(picture, both[::-1]))
    crossing = slice(990, 1010), slice(740, 760)  # their lines cross at (750, 1000)
    assert np.array_equal(pixels(picture, both)[crossing][8:12], pixels(picture, best)[crossing][8:12])


@pytest.mark.parametrize("box", [(100, 100, 200, 200), (0, 0, 60, 60), (250, 170, 330, 230), (-30, -30, 20, 20)])
def test_scores_are_written_inside_the_picture(box: tuple[float, float, float, float]) -> None:
    picture = grey(200, 300)
    without, with_score = pixels(picture, face(*box)), pixels(picture, face(*box), scores=True)
    label = changed(without, with_score)
    rows, columns = np.flatnonzero(label.any(axis=1)), np.flatnonzero(label.any(axis=0))
    assert np.ptp(rows) >= 7, "high enough to be read"
    assert np.ptp(columns) >= 20, "all of 0.900, not its end cut off"


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (3, 2), (12, 12)])
def test_tiny_pictures(shape: tuple[int, int]) -> None:
    assert pixels(grey(*shape), face(0, 0, shape[1], shape[0]), scores=True).shape == (*shape, 3)


def test_a_large_face_costs_time_by_its_outline() -> None:
    picture = grey(2000, 3000)
    drawn = pixels(picture, face(200, 200, 1800, 1800))
    assert (drawn[600, 500:1400] == 120).all()
    assert (drawn[1799:1801, 1000] != 120).any()


@pytest.mark.parametrize(
    "wrong", [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3), np.float32)]
)
def test_anything_but_rgb_bytes_is_refused(wrong: Pixels) -> None:
    with pytest.raises(ValueError, match="expected a picture of shape"):
        draw_faces(wrong, Faces.empty())

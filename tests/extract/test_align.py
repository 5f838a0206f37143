from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from facecascade.errors import SettingsError
from facecascade.extract import TEMPLATES, aligned_crops, alignments, box_crops, similarity, warp
from facecascade.extract.crop import window_around
from facecascade.faces import Faces

Pixels = NDArray[np.uint8]
Matrix = NDArray[np.float64]

ARCFACE = TEMPLATES["arcface-112"].as_array()


def turned(degrees: float, scale: float, shift: tuple[float, float]) -> Matrix:
    """(2, 3): turns clockwise as one sees it, scales, shifts."""
    cosine, sine = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    return np.array([[cosine, -sine, shift[0]], [sine, cosine, shift[1]]])


def moved(points: ArrayLike, matrix: Matrix) -> Matrix:
    result: Matrix = np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return result


def umeyama(source: Matrix, target: Matrix) -> Matrix:
    """The paper's own way, by singular values: equations 34 to 42."""
    x, y = source - source.mean(0), target - target.mean(0)
    u, d, v = np.linalg.svd(y.T @ x / len(x))
    keep = np.diag([1.0, np.sign(np.linalg.det(u) * np.linalg.det(v))])
    turn = u @ keep @ v
    scale = np.trace(np.diag(d) @ keep) / np.square(x).sum(axis=1).mean()
    return np.column_stack([scale * turn, target.mean(0) - scale * turn @ source.mean(0)])


def faces_with(*landmarks: ArrayLike) -> Faces:
    points = np.asarray(landmarks, np.float32)
    boxes = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)
    return Faces(boxes, np.full(len(points), 0.9, np.float32), points)


def smooth(height: int = 240, width: int = 260, *, cycles: float = 9) -> Pixels:
    """A picture without detail finer than some 14 pixels: what it is between its pixels is known."""
    return np.rint(waves(*np.meshgrid(np.arange(float(width)), np.arange(float(height))), cycles=cycles)).astype(
        np.uint8
    )


def waves(x: Matrix, y: Matrix, *, cycles: float = 9) -> Matrix:
    """(..., 3) levels at points."""
    step = 2 * np.pi * cycles / 240
    channels = [np.sin(step * x), np.cos(step * y), np.sin(step * (x + y) / 2)]
    return np.stack([127.5 + 100 * channel for channel in channels], axis=-1)


@given(st.floats(-180, 180), st.floats(0.05, 20), st.floats(-3000, 3000), st.floats(-3000, 3000))
def test_a_similarity_is_found_again(degrees: float, scale: float, x: float, y: float) -> None:
    wanted = turned(degrees, scale, (x, y))
    found = similarity(ARCFACE, moved(ARCFACE, wanted))
    assert np.abs(moved(ARCFACE, found) - moved(ARCFACE, wanted)).max() < 1e-8 * (1 + scale * 100)
    assert np.allclose(found[:, :2], wanted[:, :2], rtol=0, atol=1e-9 * scale)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=5, max_size=5))
def test_it_is_umeyamas_solution_and_never_mirrors(points: list[tuple[float, float]]) -> None:
    source = np.array(points)
    found = similarity(source, ARCFACE)
    if np.isnan(found).all():
        return
    assert np.linalg.det(found[:, :2]) > 0
    about = source - source.mean(0)
    if np.linalg.matrix_rank(about, tol=1e-3) == 2:
        assert np.abs(moved(source, found) - moved(source, umeyama(source, ARCFACE))).max() < 1e-5


def test_no_other_similarity_comes_nearer() -> None:
    random = np.random.default_rng(3)
    source = moved(ARCFACE, turned(25, 2.5, (300, 200))) + random.normal(0, 6, (5, 2))
    found = similarity(source, ARCFACE)
    least = np.square(moved(source, found) - ARCFACE).sum()
    for _ in range(300):
        degrees, scale, x, y = random.normal(0, (3, 1e-2, 1, 1))
        other = found + turned(degrees, scale, (x, y))
        assert np.square(moved(source, other) - ARCFACE).sum() >= least


def test_mirrored_landmarks_are_turned_not_mirrored() -> None:
    mirrored = ARCFACE * (-1, 1) + (112, 0)
    found = similarity(mirrored, ARCFACE)
    assert np.linalg.det(found[:, :2]) > 0
    assert np.allclose(found, umeyama(mirrored, ARCFACE))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_landmarks_that_are_not_finite_determine_nothing(bad: float) -> None:
    points = np.stack([ARCFACE, ARCFACE])
    points[1, 3, 0] = bad
    matrices = similarity(points, ARCFACE)
    assert np.allclose(matrices[0], [[1, 0, 0], [0, 1, 0]], atol=1e-12)
    assert np.isnan(matrices[1]).all()


@pytest.mark.parametrize("point", [(0, 0), (1000.1, 2000.7), (1e-9, 0)])
def test_landmarks_in_one_point_determine_nothing(point: tuple[float, float]) -> None:
    one_place = np.full((5, 2), point, np.float32)
    assert np.isnan(similarity(one_place, ARCFACE)).all()
    nearly = one_place + np.random.default_rng(0).normal(0, 1e-8, (5, 2)) * max(point)
    assert np.isnan(similarity(nearly, ARCFACE)).all()


def test_points_that_resemble_nothing_determine_nothing() -> None:
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    swapped = square[[0, 3, 2, 1]] * (1, 1)  # mirrored at its diagonal: every turn fits as badly
    assert np.isnan(similarity(swapped, square)).all()
    assert np.allclose(similarity(square[[1, 2, 3, 0]], square)[:, :2], [[0, 1], [-1, 0]])


def test_landmarks_on_a_line_are_enough() -> None:
    line = np.array([(10, 10), (50, 10), (30, 10), (15, 10), (45, 10)], np.float64)
    found = similarity(line, ARCFACE)
    assert np.isfinite(found).all()
    assert np.linalg.det(found[:, :2]) > 0
    assert abs(math.degrees(math.atan2(found[1, 0], found[0, 0]))) < 1, "the eyes lie along the line, and stay level"


def test_shapes_that_do_not_fit() -> None:
    for points, target in (((4, 2), (5, 2)), ((5, 3), (5, 3)), ((1, 2), (1, 2)), ((5, 2), (1, 5, 2))):
        with pytest.raises(ValueError, match="expected points"):
            similarity(np.zeros(points), np.zeros(target))
    assert similarity(np.zeros((0, 5, 2)), ARCFACE).shape == (0, 2, 3)


@pytest.mark.parametrize(
    ("degrees", "scale"),
    [(0, 1), (10, 1), (-35, 0.7), (180, 0.5), (90, 1.5), (13, 2.5), (60, 5), (-5, 0.4), (45, 0.9)],
)
def test_warped_where_the_matrix_says(degrees: float, scale: float) -> None:
    size = 64
    matrix = turned(degrees, scale, (0, 0))
    matrix[:, 2] = (size - 1) / 2 - matrix[:, :2] @ (130.3, 119.6)
    crop = warp(smooth(), matrix, size=size)
    back = np.linalg.inv(matrix[:, :2])
    away = np.stack(np.meshgrid(np.arange(size), np.arange(size)), axis=-1) - matrix[:, 2]
    wanted = waves(*np.moveaxis(away @ back.T, -1, 0))
    assert np.abs(crop - wanted).max() <= 4, "a shift by a tenth of a pixel of the picture makes 2.4"
    assert np.abs((crop - wanted).mean(axis=(0, 1))).max() < 0.6


def kernel_over(picture: Pixels, matrix: Matrix, size: int) -> Matrix:
    """The crop by definition: the bicubic kernel laid over the picture in the crop's own directions."""
    x, y = np.meshgrid(np.arange(picture.shape[1]), np.arange(picture.shape[0]))
    places = moved(np.stack([x, y], axis=-1), matrix)
    crop = np.empty((size, size, 3))
    for row in range(size):
        for column in range(size):
            weights = bicubic(places[..., 0] - column) * bicubic(places[..., 1] - row)
            crop[row, column] = np.tensordot(weights, picture, 2) / weights.sum()
    return crop.clip(0, 255)


def bicubic(x: Matrix) -> Matrix:
    x = np.abs(x)
    return np.where(x < 1, (1.5 * x - 2.5) * x * x + 1, np.where(x < 2, ((2.5 - 0.5 * x) * x - 4) * x + 2, 0))


@pytest.mark.parametrize(("degrees", "shrink"), [(0, 2), (11, 3), (-30, 4.5), (45, 8), (8, 1.4)])
def test_shrinking_is_antialiased(degrees: float, shrink: float) -> None:
    picture = np.random.default_rng(5).integers(0, 256, (240, 240, 3), dtype=np.uint8)  # as fine as can be
    size = 12
    matrix = turned(degrees, 1 / shrink, (0, 0))
    matrix[:, 2] = (size - 1) / 2 - matrix[:, :2] @ (119.5, 119.5)
    truth = kernel_over(picture, matrix, size)
    error = warp(picture, matrix, size=size) - truth
    points = np.rint(moved(np.stack(np.meshgrid(range(size), range(size)), -1) - matrix[:, 2], zero_shift(matrix)))
    nearest = picture[points[..., 1].astype(int), points[..., 0].astype(int)] - truth
    assert rms(error) < 0.2 * rms(nearest)
    assert rms(error) < 12, "of a noise of 74 levels"


def zero_shift(matrix: Matrix) -> Matrix:
    return np.column_stack([np.linalg.inv(matrix[:, :2]), np.zeros(2)])


def rms(values: NDArray[np.generic]) -> float:
    return float(np.sqrt(np.square(np.asarray(values, np.float64)).mean()))


@pytest.mark.parametrize("side", [30.0, 90.0, 100.5, 190.0])
def test_without_a_turn_it_is_the_crop_by_the_box(side: float) -> None:
    faces = Faces(np.array([[30.4, 20.9, 30.4 + side, 20.9 + side]], np.float32), np.ones(1, np.float32))
    by_box = box_crops(smooth(), faces, size=100, margin=0, shape="square")[0].astype(float)
    matrix = window_around(faces[0], size=100, margin=0, shape="square").matrix
    assert np.abs(by_box - warp(smooth(), matrix, size=100)).max() <= 5
    assert rms(by_box - warp(smooth(), matrix, size=100)) < 1.5


def test_the_crops_edge_is_as_exact_as_its_middle() -> None:
    matrix = turned(17, 0.4, (-20, -30))
    large = warp(smooth(), matrix, size=60)
    shifted = matrix.copy()
    shifted[:, 2] -= (13, 17)
    assert np.abs(warp(smooth(), shifted, size=20).astype(int) - large[17:37, 13:33]).max() <= 3


@pytest.mark.parametrize("scale", [0.3, 1.0, 2.5])
def test_filled_where_the_picture_ends(scale: float) -> None:
    white = np.full((50, 50, 3), 255, np.uint8)
    matrix = turned(20, scale, (0, 0))
    matrix[:, 2] = 40 - matrix[:, :2] @ (24.5, 24.5)
    crop = warp(white, matrix, size=(120, 81), fill=(10, 20, 30))
    back = np.linalg.inv(matrix[:, :2])
    away = np.stack(np.meshgrid(np.arange(120), np.arange(81)), axis=-1) - matrix[:, 2]
    x, y = np.moveaxis(away @ back.T, -1, 0)
    near = 2.5 * max(1 / scale, 1)
    inside = (np.minimum(x, y) > near) & (np.maximum(x, y) < 49 - near)
    outside = (np.minimum(x, y) < -near) | (np.maximum(x, y) > 49 + near)
    assert crop.shape == (81, 120, 3)
    assert inside.any()
    assert crop[inside].min() >= 250
    assert (crop[outside] == (10, 20, 30)).all()


def test_a_crop_that_sees_nothing_of_the_picture_is_filled() -> None:
    for matrix in (
        turned(5, 1, (5000, 0)),  # far beside it
        turned(5, 1e-4, (50, 50)),  # the whole picture is a dot
        np.full((2, 3), np.nan),
    ):
        assert (warp(smooth(), matrix, size=20, fill=(1, 2, 3)) == (1, 2, 3)).all()


def test_a_crop_of_less_than_a_pixel() -> None:
    matrix = turned(30, 1e7, (0, 0))
    matrix[:, 2] = 10 - matrix[:, :2] @ (100, 100)
    crop = warp(smooth(), matrix, size=20)
    assert np.abs(crop.astype(int) - smooth()[100, 100]).max() <= 2


def test_matrices_that_are_none() -> None:
    none = (np.array([[-1.0, 0, 0], [0, 1, 0]]), np.zeros((2, 3)), np.array([[1.1, 0, 0], [0, 1, 0]]), np.tri(2, 3, 1))
    for matrix in none:
        with pytest.raises(ValueError, match="mirrors, flattens or stretches"):
            warp(smooth(), matrix, size=20)
    with pytest.raises(ValueError, match="shape"):
        warp(smooth(), np.eye(3), size=20)
    with pytest.raises(ValueError, match="dtype uint8"):
        warp(smooth().astype(np.float32), np.eye(2, 3), size=20)
    with pytest.raises(SettingsError, match="crop size"):
        warp(smooth(), np.eye(2, 3), size=(20, 0))
    with pytest.raises(SettingsError, match="colour"):
        warp(smooth(), np.eye(2, 3), size=20, fill=(0, 0, 256))


@pytest.mark.parametrize("name", sorted(TEMPLATES))
@pytest.mark.parametrize(("degrees", "scale"), [(0, 0.5), (40, 0.3), (-100, 1.0)])
def test_landmarks_come_to_lie_where_the_template_has_them(name: str, degrees: float, scale: float) -> None:
    template = TEMPLATES[name].scaled(112)
    placed = moved(template.as_array(), turned(degrees, scale, (60 + 40 * scale, 150)))
    picture = np.zeros((300, 300, 3), np.uint8)
    y, x = np.mgrid[:300, :300]
    for px, py in placed:  # a bright dot on each landmark
        dot = 255 * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 1.5**2))
        picture = np.maximum(picture, np.rint(dot).astype(np.uint8)[..., np.newaxis])
    (crop,) = aligned_crops(picture, faces_with(placed), template=name, size=112)
    rows, columns = np.mgrid[:112, :112]
    for px, py in template.points:
        near = np.hypot(columns - px, rows - py) < 7
        weights = crop[..., 0].astype(float) * near
        centre = (columns * weights).sum() / weights.sum(), (rows * weights).sum() / weights.sum()
        assert math.hypot(centre[0] - px, centre[1] - py) < 0.15


def test_a_larger_crop_shrunk_is_the_smaller_one() -> None:
    faces = faces_with(moved(ARCFACE, turned(9, 1.2, (40, 30))))
    small, large = (aligned_crops(smooth(), faces, size=size)[0] for size in (112, 224))
    shrunk = np.asarray(Image.fromarray(large).reduce(2))
    assert np.abs(shrunk.astype(int) - small).max() <= 4


def test_no_faces_and_no_landmarks() -> None:
    assert aligned_crops(smooth(), Faces.empty(), size=30).shape == (0, 30, 30, 3)
    with pytest.raises(SettingsError, match="landmarks"):
        aligned_crops(smooth(), Faces.empty(landmarks=False))
    degenerate = faces_with(np.full((5, 2), 20.0), ARCFACE)
    crops = aligned_crops(smooth(), degenerate, fill=(9, 9, 9))
    assert (crops[0] == 9).all()
    assert crops[1].std() > 20
    assert np.isnan(alignments(degenerate, template=TEMPLATES["arcface-112"])[0]).all()


def test_eyes_are_level_and_in_place_on_photographs(shared_data: Path) -> None:
    from facecascade import MTCNN, read_picture

    picture = read_picture(shared_data / "photos" / "MTCNN__group2013.jpg")
    with MTCNN(min_face_size=40) as detector:
        faces = detector.detect(picture)
        crops = aligned_crops(picture, faces, template="ffhq-512", size=256)
        again = [found[0] for found in map(detector.detect, crops) if len(found)]
    assert len(again) >= 17
    points = np.array([face.landmarks for face in again])
    wanted = TEMPLATES["ffhq-512"].scaled(256).as_array()
    eyes = points[:, 1] - points[:, 0]
    assert np.abs(np.degrees(np.arctan2(eyes[:, 1], eyes[:, 0]))).mean() < 3
    assert np.linalg.norm(np.median(points, axis=0) - wanted, axis=1).max() < 0.05 * 256

from __future__ import annotations

import io
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageFilter

from facecascade.extract import TEMPLATES, Measures, aligned_crops, hamming_distance, measure_faces, similarity
from facecascade.extract.measures import inside_picture, roll, sharpness, yaw
from facecascade.faces import Faces

Pixels = NDArray[np.uint8]
ARCFACE = TEMPLATES["arcface-112"].as_array()


def about(points: ArrayLike, degrees: float, *, scale: float = 1, centre: tuple[float, float]) -> NDArray[np.float64]:
    """Points turned clockwise (y points down) about their middle, which comes to lie at `centre`."""
    angle = math.radians(degrees)
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = np.asarray(points, np.float64)
    turned: NDArray[np.float64] = (points - points.mean(axis=0)) @ turn.T + centre
    return turned


def one(points: ArrayLike, *, landmarks: bool = True) -> Faces:
    table = np.asarray(points, np.float32)[np.newaxis]
    boxes = np.concatenate([table.min(axis=1) - 20, table.max(axis=1) + 20], axis=1)
    return Faces(boxes, np.ones(1, np.float32), table if landmarks else None)


def portrait(seed: int = 0, side: int = 200) -> Pixels:
    """Noise of all sizes, like photographs have: as much power in each octave."""
    random = np.random.default_rng(seed)
    layers = [random.normal(0, 30, (2**k, 2**k, 3)) for k in range(2, 9)]
    whole = np.zeros((side, side, 3))
    for layer in layers:
        for channel in range(3):
            image = Image.fromarray(layer[..., channel].astype(np.float32))
            whole[..., channel] += np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))
    return np.clip(128 + whole, 0, 255).astype(np.uint8)


def blurred(picture: Pixels, radius: float) -> Pixels:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def measured(picture: Pixels, faces: Faces) -> Measures:
    (measures,) = measure_faces(picture, faces)
    return measures


def test_sharpness_falls_with_blur() -> None:
    faces = one(about(ARCFACE, 5, centre=(100, 100)))
    values = [measured(blurred(portrait(), radius), faces).sharpness for radius in (0, 0.5, 1, 2, 4)]
    assert all(later < 0.75 * earlier for earlier, later in itertools.pairwise(values))
    assert values[-1] < 0.05 * values[0]


def test_sharpness_is_that_of_the_face_not_of_its_background() -> None:
    picture, faces = blurred(portrait(), 3), one(about(ARCFACE, 0, centre=(100, 100)))
    behind = picture.copy()
    behind[:40], behind[-40:] = portrait(1)[:40], portrait(1)[-40:]
    assert measured(behind, faces).sharpness == pytest.approx(measured(picture, faces).sharpness, rel=0.1)


def test_where_the_picture_ends_nothing_is_sharp() -> None:
    grey = np.full((100, 100, 3), 200, np.uint8)
    cut_in_half = one(about(ARCFACE, 10, centre=(100, 50)))
    assert measured(grey, cut_in_half).sharpness < 1
    assert measured(grey, one(about(ARCFACE, 0, centre=(5000, 50)))).sharpness == 0


@pytest.mark.parametrize("centre", [(56, 56), (150, 120), (20, 150), (150, 230), (299, 2), (-400, 50)])
@pytest.mark.parametrize(("degrees", "scale"), [(0, 1), (25, 0.6), (-100, 1.7), (45, 0.02)])
def test_which_pixels_show_the_picture(centre: tuple[float, float], degrees: float, scale: float) -> None:
    matrix = similarity(about(ARCFACE, degrees, scale=scale, centre=centre), ARCFACE)
    height, width = 240, 300
    places = np.stack(np.meshgrid(np.arange(112), np.arange(112)), axis=-1) - matrix[:, 2]
    x, y = np.moveaxis(places @ np.linalg.inv(matrix[:, :2]).T, -1, 0)
    edge = 2 * max(scale, 1) - 0.5
    wanted = (x >= edge) & (y >= edge) & (x <= width - 1 - edge) & (y <= height - 1 - edge)
    doubtful = np.abs([x - edge, y - edge, width - 1 - edge - x, height - 1 - edge - y]).min(axis=0) < 1e-4
    assert ((inside_picture(matrix, (height, width)) == wanted) | doubtful).all()


def test_sharpness_by_hand() -> None:
    board = np.indices((6, 6)).sum(axis=0) % 2 * 2.0  # the Laplacian is 8 and -8 by turns
    assert sharpness(board) == 64
    assert sharpness(np.add.outer(np.arange(9), 3 * np.arange(9))) == 0, "a slope is not sharp"
    assert sharpness(np.zeros((2, 2))) == 0
    inside = np.ones((6, 6), np.bool_)
    inside[:, 3:] = False
    assert sharpness(board, inside=inside) == 64
    assert sharpness(board, inside=np.zeros((6, 6), np.bool_)) == 0


@given(st.floats(-179, 179), st.floats(0.1, 10))
def test_a_turned_face_rolls_as_much(degrees: float, scale: float) -> None:
    first = float(roll([ARCFACE])[0])
    turned = about(ARCFACE, degrees, scale=scale, centre=(300, 200))
    assert (float(roll([turned])[0]) - first - degrees + 180) % 360 == pytest.approx(180, abs=1e-6)
    assert float(yaw([turned])[0]) == pytest.approx(float(yaw([ARCFACE])[0]), abs=1e-6)


def test_roll_is_clockwise_as_one_sees_it() -> None:
    lower_right_eye = [(0, 0), (10, 10), (0, 10), (0, 20), (10, 20)]
    assert roll([lower_right_eye]).tolist() == [45]


@pytest.mark.parametrize("degrees", [-60, -30, 0, 15, 45])
def test_yaw_of_a_head_of_the_usual_depth(degrees: float) -> None:
    # x, y, and how far in front of eyes and mouth; 60 between the eyes
    head = np.array([(-30, 0, 0), (30, 0, 0), (0, 35, 33), (-25, 65, 0), (25, 65, 0)], np.float64)
    angle = math.radians(degrees)
    seen = np.column_stack([head[:, 0] * math.cos(angle) + head[:, 2] * math.sin(angle), head[:, 1]])
    for roll_too in (0, 25, -140):
        turned = about(seen, roll_too, centre=(0, 0))
        assert yaw([turned])[0] == pytest.approx(degrees, abs=1e-6)
    mirrored = (seen * (-1, 1))[[1, 0, 2, 4, 3]]
    assert yaw([mirrored])[0] == pytest.approx(-degrees, abs=1e-6)


def test_pose_of_landmarks_that_have_none() -> None:
    assert np.isnan(yaw([np.zeros((5, 2))])).all()
    assert np.isnan(yaw([np.full((5, 2), np.nan)])).all()
    assert roll(np.zeros((0, 5, 2))).shape == yaw(np.zeros((0, 5, 2))).shape == (0,)


def test_yaw_sorts_the_poses_of_a_data_set(shared_data: Path) -> None:
    import json

    records = json.loads((shared_data / "mtfl_80px" / "annotations.json").read_text())
    angles: dict[int, list[float]] = {}
    for face in (face for record in records for face in record["faces"]):
        angles.setdefault(face["head_pose"], []).append(float(yaw([face["landmarks"]])[0]))
    medians = [float(np.median(angles[pose])) for pose in (1, 2, 3, 4, 5)]  # left profile to right profile
    assert medians == sorted(medians)
    assert medians[1] == pytest.approx(-30, abs=8)
    assert medians[2] == pytest.approx(0, abs=3)
    assert medians[3] == pytest.approx(30, abs=8)


def test_a_face_without_landmarks_is_measured_by_its_box() -> None:
    measures = measured(portrait(), one(about(ARCFACE, 0, centre=(100, 100)), landmarks=False))
    assert measures.sharpness > 10
    assert math.isnan(measures.roll)
    assert math.isnan(measures.yaw)


def test_landmarks_that_determine_nothing_measure_nothing() -> None:
    points = np.full((5, 2), 50, np.float32)
    faces = Faces(np.array([[40, 40, 60, 60]], np.float32), np.ones(1, np.float32), points[np.newaxis])
    assert measured(portrait(), faces).sharpness == 0


def test_crops_that_are_there_already_give_the_same() -> None:
    faces = one(about(ARCFACE, 30, scale=0.8, centre=(150, 40)))
    crops = aligned_crops(portrait(), faces)
    assert measure_faces(portrait(), faces, crops=list(crops)) == measure_faces(portrait(), faces)
    with pytest.raises(ValueError, match="as many crops as faces, got 0 crops and 1 faces"):
        measure_faces(portrait(), faces, crops=[])


def test_no_faces() -> None:
    assert measure_faces(portrait(), Faces.empty()) == ()


def compressed(picture: Pixels, quality: int) -> Pixels:
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "JPEG", quality=quality)
    with Image.open(encoded) as image:
        return np.asarray(image.convert("RGB"))


def test_the_hash_survives_compression_and_scaling_and_tells_faces_apart() -> None:
    points = about(ARCFACE, 10, centre=(100, 100))
    hashes = [measured(portrait(seed), one(points)).hash for seed in range(12)]
    for seed, value in enumerate(hashes):
        picture = portrait(seed)
        half = np.asarray(Image.fromarray(picture).resize((100, 100), Image.Resampling.BICUBIC))
        assert hamming_distance(value, measured(compressed(picture, 40), one(points)).hash) <= 6
        assert hamming_distance(value, measured(half, one((points + 0.5) / 2 - 0.5)).hash) <= 6
        assert hamming_distance(value, measured(picture // 2 + 40, one(points)).hash) <= 6
    apart = [hamming_distance(a, b) for place, a in enumerate(hashes) for b in hashes[:place]]
    assert min(apart) >= 12
    assert 25 < np.mean(apart) < 39


def test_on_photographs(shared_data: Path) -> None:
    from facecascade import MTCNN, read_picture

    picture = read_picture(shared_data / "photos" / "MTCNN__group2013.jpg")
    with MTCNN(min_face_size=40) as detector:
        faces = detector.detect(picture)
        again = detector.detect(compressed(picture, 40))
        turned = detector.detect(np.asarray(Image.fromarray(picture).rotate(-8)))  # clockwise
    measures, soft = measure_faces(picture, faces), measure_faces(blurred(picture, 2), faces)
    assert len(measures) >= 18
    assert all(after.sharpness < 0.5 * before.sharpness for before, after in zip(measures, soft, strict=True))
    assert np.median(roll(turned.landmarks)) - np.median(roll(faces.landmarks)) == pytest.approx(8, abs=2)  # type: ignore[arg-type]
    others = measure_faces(compressed(picture, 40), again)
    nearest = np.linalg.norm(faces.boxes[:, None] - again.boxes[None], axis=2).argmin(axis=1)
    same = [hamming_distance(measures[i].hash, others[j].hash) for i, j in enumerate(nearest)]
    apart = [hamming_distance(a.hash, b.hash) for i, a in enumerate(measures) for b in measures[:i]]
    assert np.quantile(same, 0.8) <= 8
    assert min(apart) >= 10

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.extract import TEMPLATES, Cropping, aligned_crops, box_crops, crop_faces, warp
from facecascade.extract.resample import colour
from facecascade.faces import Faces

Pixels = NDArray[np.uint8]


def noise(height: int = 120, width: int = 150) -> Pixels:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def found(*boxes: tuple[float, float, float, float]) -> Faces:
    table = np.array(boxes, np.float32).reshape(-1, 4)
    points = table[:, None, :2] + np.array([[6, 8], [14, 8], [10, 12], [7, 16], [13, 16]], np.float32)
    return Faces(table, np.full(len(table), 0.9, np.float32), points)


@pytest.mark.parametrize(
    ("box", "size", "margin", "shape"),
    [
        ((30, 20, 70, 100), 160, 0, (160, 80)),
        ((30, 20, 110, 60), 160, 0, (80, 160)),
        ((30, 20, 70, 100), 160, 0.25, (160, 80)),
        ((30, 20, 60, 60), 100, 0, (100, 75)),
        ((30, 20, 30.5, 110), 50, 0, (50, 1)),
        ((30, 20, 70, 60), 33, 0, (33, 33)),
    ],
)
def test_a_crop_keeps_the_shape_of_its_box(
    box: tuple[float, float, float, float], size: int, margin: float, shape: tuple[int, int]
) -> None:
    (crop,) = box_crops(noise(), found(box), size=size, margin=margin)
    assert crop.shape == (*shape, 3)


def test_a_box_of_whole_pixels_in_its_own_size_is_a_copy() -> None:
    picture = noise()
    (crop,) = box_crops(picture, found((30, 20, 62, 84)), size=64, margin=0)
    assert np.array_equal(crop, picture[20:84, 30:62])


def test_the_margin_is_a_share_of_each_side() -> None:
    picture = noise(200, 200)
    # 20 x 40 around (100, 100), and a quarter of each: 30 x 60
    (crop,) = box_crops(picture, found((90, 80, 110, 120)), size=60, margin=0.25)
    assert np.array_equal(crop, picture[70:130, 85:115])


def test_nothing_is_stretched_where_the_shorter_side_is_rounded() -> None:
    rows, columns = np.mgrid[:200, :200]
    gradient = np.stack([columns, rows, rows], axis=2).astype(np.uint8)
    faces = found((50, 40, 83, 140))  # 33 x 100 at size 30: 9.9, so 10 columns of 3.33 pixels each
    (crop,) = box_crops(gradient, faces, size=30, margin=0)
    assert crop.shape == (30, 10, 3)
    steps = np.diff(crop.astype(float), axis=1)[:, :, 0]
    assert steps.mean() == pytest.approx(100 / 30, abs=0.05)
    assert crop[..., 0].mean() == pytest.approx(66.5 - 0.5, abs=0.3), "the box's centre is the crop's"


def test_the_square_is_that_of_crop_faces() -> None:
    faces = found((30, 20, 60, 61), (-10, -10, 30, 30))
    squares = box_crops(noise(), faces, size=40, margin=0.3, shape="square")
    assert np.array_equal(np.stack(squares), crop_faces(noise(), faces, size=40, margin=0.3))


def test_filled_with_the_colour_asked_for() -> None:
    crop = crop_faces(noise(), found((-40, -40, 24, 24)), size=64, margin=0, fill=(200, 100, 50))[0]
    assert (crop[:36] == (200, 100, 50)).all()
    assert np.array_equal(crop[40:, 40:], noise()[:24, :24])


@pytest.mark.parametrize("shape", ["square", "box"])
def test_the_matrix_makes_the_crop_again(shape: Any) -> None:
    picture = np.rint(128 + 100 * np.sin(np.mgrid[:120, :150][1] / 6))[..., None].repeat(3, 2).astype(np.uint8)
    faces = found((30.3, 20.7, 60.2, 61.9), (-10, 50, 60, 140))
    crops = Cropping(size=80, margin=0.1, shape=shape).cut(picture, faces)
    for crop, matrix in zip(crops.pixels, crops.matrices, strict=True):
        again = warp(picture, matrix, size=(crop.shape[1], crop.shape[0]))
        inside = (crop > 20) & (again > 20)  # the filters treat the picture's end differently
        assert inside.mean() > 0.5
        assert np.abs(crop.astype(int) - again)[inside].mean() < 1.5


def test_the_matrix_takes_the_boxs_corners_to_the_crops() -> None:
    (matrix,) = Cropping(size=50, margin=0).cut(noise(), found((30, 20, 130, 120))).matrices
    corners = np.array([[30, 20, 1], [130, 120, 1]]) - (0.5, 0.5, 0)  # edges, told by the centres of pixels
    assert np.allclose(corners @ matrix.T, [[-0.5, -0.5], [49.5, 49.5]])


def test_a_box_without_area_is_an_empty_square() -> None:
    flat = (math.nan, 0, 10, 10), (10, 10, 10, 30), (30, 30, 10, 10)
    crops = Cropping(size=20, shape="box", fill=(5, 5, 5)).cut(noise(), found(*flat))
    assert [crop.shape for crop in crops.pixels] == [(20, 20, 3)] * 3
    assert (np.stack(crops.pixels) == 5).all()
    assert np.isnan(crops.matrices).all()


def test_aligned_by_a_name_and_a_size() -> None:
    faces = found((30, 20, 60, 60))
    crops = Cropping(kind="aligned", template="ffhq-512", size=64).cut(noise(), faces)
    assert np.array_equal(np.stack(crops.pixels), aligned_crops(noise(), faces, template="ffhq-512", size=64))
    where = faces.landmarks[0] @ crops.matrices[0, :, :2].T + crops.matrices[0, :, 2]  # type: ignore[index]
    assert np.abs(where - TEMPLATES["ffhq-512"].scaled(64).as_array()).max() < 5


def test_defaults_get_their_values() -> None:
    assert (Cropping().size, Cropping().margin, Cropping().template) == (160, 0.2, None)
    aligned = Cropping(kind="aligned")
    assert (aligned.size, aligned.template) == (112, TEMPLATES["arcface-112"])
    assert Cropping(kind="aligned", size=224).template == TEMPLATES["arcface-112"].scaled(224)
    assert Cropping(kind="aligned") == Cropping(kind="aligned", template="arcface-112", size=112)
    assert hash(Cropping()) == hash(Cropping(size=160))


def test_no_faces() -> None:
    for cropping in (Cropping(), Cropping(shape="box"), Cropping(kind="aligned")):
        crops = cropping.cut(noise(), Faces.empty())
        assert (len(crops), crops.matrices.shape) == (0, (0, 2, 3))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "round"}, 'crop "box" or "aligned"'),
        ({"size": 0}, "crop size"),
        ({"size": True}, "crop size"),
        ({"kind": "aligned", "size": 5000}, "crop size"),
        ({"margin": -0.1}, "margin of 0 to 10"),
        ({"margin": float("nan")}, "margin of 0 to 10"),
        ({"shape": "round"}, 'shape "square" or "box"'),
        ({"template": "arcface-112"}, "template for aligned crops alone"),
        ({"kind": "aligned", "template": "nonsense"}, "template out of"),
        ({"kind": "aligned", "margin": 0.2}, "margin for crops by box alone"),
        ({"kind": "aligned", "shape": "box"}, "shape for crops by box alone"),
        ({"fill": (0, 0)}, "colour of three levels"),
        ({"fill": (0, 0, 300)}, "colour of three levels"),
        ({"fill": "black"}, "colour of three levels"),
    ],
)
def test_options_that_cannot_work(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Cropping(**options)


def test_colours_by_name() -> None:
    assert (colour("black"), colour("#102030"), colour("White")) == ((0, 0, 0), (16, 32, 48), (255, 255, 255))
    with pytest.raises(SettingsError, match='colour such as "black" or "#808080", got \'blackish\''):
        colour("blackish")

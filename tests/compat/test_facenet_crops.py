"""Crops in facenet-pytorch's form."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade import SettingsError
from facecascade.compat.facenet_crops import extract_face, fixed_image_standardization, is_batch, pixels, size


@pytest.fixture(autouse=True)
def torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(from_numpy=np.asarray))


def chequers(side: int) -> NDArray[np.uint8]:
    """Squares of 2 x 2 pixels in four levels of grey."""
    levels = np.array([[0, 80], [160, 240]], np.uint8)
    grey = np.tile(levels.repeat(2, 0).repeat(2, 1), (side // 4, side // 4))
    return np.stack([grey] * 3, axis=2)


def test_shrinking_an_array_averages_its_pixels() -> None:
    crop = extract_face(chequers(8), [0, 0, 8, 8], image_size=2)
    assert crop.shape == (3, 2, 2)
    assert crop.dtype == np.float32
    assert crop.tolist() == [[[120, 120], [120, 120]]] * 3


def test_a_box_is_cut_to_whole_pixels_and_to_the_picture() -> None:
    picture = chequers(8)
    inside = extract_face(picture, [0, 0, 4, 4], image_size=4)
    assert inside.tolist() == picture[:4, :4].transpose(2, 0, 1).tolist()
    assert extract_face(picture, [-5.0, -0.5, 4.9, 4.2], image_size=4).tolist() == inside.tolist()
    assert extract_face(picture, [4.9, 4, 90, 90], image_size=4).tolist() == inside.tolist()


def test_the_margin_is_in_pixels_of_the_crop() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[30:70, 30:70] = 255
    crop = extract_face(picture, [30, 30, 70, 70], image_size=100, margin=20)  # 10 pixels on each side of the box
    assert (crop[0, 50] > 127).sum() == 80


def test_pillow_images_are_cropped_by_pillow(astronaut: NDArray[np.uint8]) -> None:
    image = Image.fromarray(astronaut)
    expected = np.asarray(image.crop((180, 60, 268, 174)).resize((50, 50), Image.Resampling.BILINEAR))
    crop = extract_face(image, [180.4, 60.9, 268.2, 174.1], image_size=50)
    assert crop.tolist() == expected.transpose(2, 0, 1).tolist()


def test_array_and_pillow_agree_nearly(astronaut: NDArray[np.uint8]) -> None:
    box = [180.0, 60.0, 268.0, 174.0]
    for side in (40, 160):
        difference = extract_face(astronaut, box, side) - extract_face(Image.fromarray(astronaut), box, side)
        assert np.abs(difference).mean() < 4


@pytest.mark.parametrize("margin", [-1, 160, 200])
def test_a_margin_that_leaves_no_face_is_an_error(margin: int) -> None:
    with pytest.raises(SettingsError, match="margin from 0 to below image_size=160"):
        extract_face(chequers(8), [0, 0, 8, 8], margin=margin)


@pytest.mark.parametrize("box", [[20, 20, 30, 30], [4, 4, 4, 8], [5, 5, 2, 2], [0, 0, 0.5, 8]])
def test_a_box_without_pixels_is_an_error(box: list[float]) -> None:
    with pytest.raises(SettingsError, match="covers a pixel"):
        extract_face(chequers(8), box)


def test_a_path_without_a_known_suffix_is_an_error(tmp_path: Path) -> None:
    for name in ("face", "face.txt"):
        with pytest.raises(SettingsError, match="suffix"):
            extract_face(chequers(8), [0, 0, 8, 8], save_path=str(tmp_path / name))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("img", "several"),
    [
        ([], True),
        ((), True),
        (np.zeros((2, 8, 8, 3), np.uint8), True),
        (np.zeros((8, 8, 3), np.uint8), False),
        (Image.new("RGB", (8, 8)), False),
        ("photo.jpg", False),
    ],
)
def test_which_argument_is_several_pictures(img: Any, several: bool) -> None:
    assert is_batch(img) is several


def test_pixels_and_size_of_each_kind() -> None:
    image = Image.new("RGBA", (5, 4), (1, 2, 3, 4))
    assert pixels(image).shape == (4, 5, 3)
    assert pixels(image)[0, 0].tolist() == [1, 2, 3]
    assert size(image) == size(np.zeros((4, 5, 3))) == (5, 4)


def test_standardisation() -> None:
    assert fixed_image_standardization(np.array([127.5, 255.5, -0.5])).tolist() == [0, 1, -1]

"""Parts of the Keras engine against the same parts of the specification, on each backend of Keras."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.engines.on_backend import Remote

from facecascade.engines import reference
from facecascade.engines.reference import GEOMETRIES
from facecascade.settings import Geometry, Settings, level_size
from facecascade.weights import Weights

TENSORS = Weights.load().tensors

geometries = pytest.mark.parametrize("geometry", ["subpixel", "classic"])


def noise(height: int, width: int, *, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def in_bucket(pictures: list[NDArray[np.uint8]], height: int, width: int) -> NDArray[np.uint8]:
    together = np.zeros((len(pictures), height, width, 3), np.uint8)
    for place, picture in zip(together, pictures, strict=True):
        place[: picture.shape[0], : picture.shape[1]] = picture
    return together


@pytest.mark.parametrize("scale", [0.05, 0.31, 0.6, 1.0, 1.7])
def test_levels_are_equal_to_the_byte(on_keras: Remote, scale: float) -> None:
    pictures = [noise(61, 80, seed=1), noise(64, 73, seed=2), np.full((59, 74, 3), 255, np.uint8)]
    sizes = [(picture.shape[0], picture.shape[1]) for picture in pictures]
    found = on_keras("level", in_bucket(pictures, 64, 80), sizes, scale)
    for picture, pixels in zip(pictures, found, strict=True):
        height, width = level_size(picture.shape[0], picture.shape[1], scale)
        assert np.array_equal(pixels[:height, :width], reference.level(picture, height, width))


@geometries
def test_crops_anywhere_are_those_of_the_reference(on_keras: Remote, geometry: Geometry) -> None:
    pictures = [noise(60, 90, seed=3), noise(64, 71, seed=4)]
    random = np.random.default_rng(4)
    corner = random.uniform(-60, 90, (60, 2))
    sides = np.geomspace(0.3, 260, 60)[:, None]  # enlarged and shrunk, and all between
    boxes = GEOMETRIES[geometry].cut(np.concatenate([corner, corner + sides], axis=1))
    boxes[-1] = [5, 5, 5, 20]  # nothing is inside
    owner = random.integers(0, 2, 60)
    found = on_keras("crops", in_bucket(pictures, 64, 96), [(60, 90), (64, 71)], owner.tolist(), boxes, geometry)
    for k, box in enumerate(boxes):
        expected = reference.crops(pictures[owner[k]], box[None], 24, geometry=GEOMETRIES[geometry])
        assert np.abs(found[k] - expected[0]).max() < 5e-3


def test_crops_far_from_the_corner_are_as_exact(on_keras: Remote) -> None:
    """There float32 has .0002 pixel between two places, which is .05 of what a pixel of noise may differ."""
    picture = noise(64, 3200, seed=6)
    corner = np.random.default_rng(6).uniform((3050, -5), (3140, 30), (40, 2))
    boxes = np.concatenate([corner, corner + np.geomspace(12, 60, 40)[:, None]], axis=1)
    found = on_keras("crops", picture[None], [(64, 3200)], [0] * 40, boxes, "subpixel")
    expected = reference.crops(picture, boxes, 24, geometry=GEOMETRIES["subpixel"])
    assert np.abs(found - expected).max() < 1e-3


@geometries
def test_boxes_are_cut_as_the_reference_cuts_them(on_keras: Remote, geometry: Geometry) -> None:
    """Towards the corner of the picture from all sides, which is up where the box begins outside."""
    corner = np.array([[-3.25, 7.75], [-0.5, -0.25], [0.5, -8.0], [3000.75, 2000.125], [-40.0, 0.0]])
    boxes = np.concatenate([corner, corner + np.array([3.0, 20.625])], axis=1)
    assert np.array_equal(on_keras("cut", boxes, geometry), GEOMETRIES[geometry].cut(boxes))


@geometries
@pytest.mark.parametrize("count", [3, 200, 1100])
def test_suppression_keeps_the_same_boxes(on_keras: Remote, geometry: Geometry, count: int) -> None:
    random = np.random.default_rng(count)
    corner = random.integers(0, 400, (count, 2)).astype(np.float64)
    boxes = np.concatenate([corner, corner + random.integers(20, 60, (count, 2))], axis=1)
    for smaller, threshold in ((False, 0.5), (False, 0.7), (True, 0.7)):
        expected = reference.nms(
            boxes,
            -np.arange(count, dtype=np.float64),
            threshold=threshold,
            geometry=GEOMETRIES[geometry],
            smaller=smaller,
        )
        room = count + 25  # more than there are, as in a batch
        padded = np.zeros((2, room, 4))
        padded[0, :count] = boxes
        present = np.zeros((2, room), bool)
        present[0, :count] = True
        stay = on_keras("kept", padded, present, threshold, smaller, geometry)
        assert np.flatnonzero(stay[0]).tolist() == sorted(expected.tolist())
        assert not stay[1].any()


def test_a_long_chain_of_boxes_is_settled(on_keras: Remote) -> None:
    """Each box would suppress the next, and stays if the one before it goes: every other one stays."""
    boxes = np.array([[[k, 0, k + 4, 4] for k in range(700)]], np.float64)
    stay = on_keras("kept", boxes, np.ones((1, 700), bool), 0.5, False, "subpixel")
    assert np.flatnonzero(stay[0]).tolist() == list(range(0, 700, 2))


@pytest.mark.parametrize("corner", [0.0, 0.3, 3000.3])
def test_overlaps_near_the_threshold_are_told_apart_anywhere(on_keras: Remote, corner: float) -> None:
    """Two squares of 10 pixels have an IoU of .7 if one is 30 / 17 pixels further."""
    for more, both_stay in ((3e-5, True), (-3e-5, False)):
        place = np.array([corner, corner + 30 / 17 + more])
        boxes = np.stack([place, place * 0 + corner, place + 10, place * 0 + corner + 10], axis=1)[None]
        stay = on_keras("kept", boxes, np.ones((1, 2), bool), 0.7, False, "subpixel")
        assert stay[0].tolist() == [True, both_stay]


SIZES = [(45, 38), (29, 33)]
BUCKET = (64, 48)


def scan(on_keras: Remote, padding: float | None = None) -> float:
    """By how much P-Net over a sheet differs from the reference's over each level, where a picture's windows are."""
    settings = Settings(min_face_size=14, scale_factor=0.61)
    scales = settings.scales(*BUCKET)
    worst = 0.0
    for height, width in SIZES:
        count = len(settings.scales(height, width))
        levels = [noise(*level_size(height, width, scale), seed=k) for k, scale in enumerate(scales[:count])]
        windows, there, logits, regression = on_keras("scanned", BUCKET, levels, settings, padding)
        for k, pixels in enumerate(levels):
            probability, move = reference.pnet(reference.normalised(pixels), TENSORS)
            own = there & (windows[:, 0] == k)
            assert own.sum() == probability.size
            worst = max(worst, np.abs(1 / (1 + np.exp(-logits[own])) - probability.ravel()).max())
            worst = max(worst, np.abs(regression[own] - move.reshape(-1, 4)).max())
        assert not there[windows[:, 0] >= count].any()
    return worst


def test_p_net_on_a_sheet_is_p_net_on_each_level(on_keras: Remote) -> None:
    assert scan(on_keras) < 1e-5


def test_a_pool_that_read_padding_would_be_seen(on_keras: Remote) -> None:
    """The last window of the pool sticks out of a level of odd size; a zero in it is no less than all it can see."""
    assert scan(on_keras, padding=0.0) > 1e-3

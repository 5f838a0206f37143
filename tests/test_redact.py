from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from facecascade import MTCNN, Faces, Redaction, SettingsError, redact_faces
from facecascade.redact import Style

Pixels = NDArray[np.uint8]
STYLES: list[Style] = ["blur", "pixelate", "cover"]


def at(*boxes: ArrayLike) -> Faces:
    return Faces(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), 0.9, np.float32))


def noise(height: int = 200, width: int = 300, seed: int = 1) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def inside(shape: str, box: tuple[float, float, float, float], height: int, width: int) -> NDArray[np.bool_]:
    """Pixels whose centres lie in the shape, by the plain definition."""
    x1, y1, x2, y2 = box
    x = (np.arange(width) + 0.5 - (x1 + x2) / 2)[np.newaxis] / ((x2 - x1) / 2)
    y = (np.arange(height) + 0.5 - (y1 + y2) / 2)[:, np.newaxis] / ((y2 - y1) / 2)
    within: NDArray[np.bool_] = x**2 + y**2 < 1 if shape == "ellipse" else (abs(x) < 1) & (abs(y) < 1)
    return within


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("shape", ["ellipse", "box"])
@pytest.mark.parametrize("margin", [0.0, 0.25])
def test_outside_the_shape_every_pixel_keeps_its_bits_and_inside_it_changes(
    style: Style, shape: Any, margin: float
) -> None:
    picture = noise()
    before = picture.copy()
    hidden = redact_faces(
        picture, at([100, 60, 180, 160]), redaction=Redaction(style=style, shape=shape, margin=margin)
    )
    box = (100 - 80 * margin, 60 - 100 * margin, 180 + 80 * margin, 160 + 100 * margin)
    within = inside(shape, box, 200, 300)
    assert np.array_equal(picture, before)
    assert np.array_equal(hidden[~within], picture[~within])
    assert (hidden[within] != picture[within]).any(axis=1).mean() > 0.95


def test_a_cover_is_of_its_colour_alone() -> None:
    hidden = redact_faces(
        noise(), at([100, 60, 180, 160]), redaction=Redaction(style="cover", shape="box", margin=0, colour=(9, 8, 7))
    )
    assert (hidden[60:160, 100:180] == (9, 8, 7)).all()


@pytest.mark.parametrize("style", ["blur", "pixelate"])
def test_no_more_is_left_than_the_averages_of_the_cells(style: Style) -> None:
    """Two faces that differ in everything but the averages of 3 x 3 cells become the same picture."""
    rng = np.random.default_rng(3)
    levels = rng.integers(60, 190, (3, 3, 3))
    faces = []
    for _ in range(2):
        half = rng.integers(-50, 51, (3, 15, 3, 30, 3))
        cells = np.concatenate([half, -half], axis=1) + levels[:, None, :, None]  # each pixel has its opposite
        faces.append(cells.reshape(90, 90, 3).astype(np.uint8))
    assert np.abs(faces[0].astype(int) - faces[1]).mean() > 20
    exact = Redaction(style=style, shape="box", margin=0)
    first, second = (redact_faces(face, at([0, 0, 90, 90]), redaction=exact) for face in faces)
    assert np.array_equal(first, second)
    if style == "pixelate":
        assert np.array_equal(first, levels.repeat(30, axis=0).repeat(30, axis=1))


def test_fewer_cells_leave_less() -> None:
    picture = noise(120, 120)
    left = [
        redact_faces(picture, at([0, 0, 120, 120]), redaction=Redaction(cells=cells, shape="box")).std()
        for cells in (1, 3, 8, 16)
    ]
    assert all(fewer < more for fewer, more in pairwise(left))


@pytest.mark.parametrize("style", ["blur", "pixelate"])
@pytest.mark.parametrize("picture_size", [(1, 1), (1, 40), (7, 3)])
def test_tiny_pictures_and_faces(style: Style, picture_size: tuple[int, int]) -> None:
    picture = noise(*picture_size)
    hidden = redact_faces(picture, at([0, 0, 2, 2], [0.2, 0.3, 0.9, 0.8]), redaction=Redaction(style=style))
    assert hidden.shape == picture.shape


def test_boxes_beyond_the_picture() -> None:
    picture = noise()
    hidden = redact_faces(picture, at([-50, -70, 60, 40], [260, 150, 900, 900]), redaction=Redaction(style="cover"))
    assert (hidden[0, 0] == 0).all()
    assert (hidden[199, 299] == 0).all()
    assert np.array_equal(hidden[100:140, 100:200], picture[100:140, 100:200])
    everything = redact_faces(picture, at([-1e30, -1e30, 1e30, 1e30]), redaction=Redaction(style="cover"))
    assert (everything == 0).all()


@pytest.mark.parametrize(
    "box", [[10, 10, 10, 50], [50, 50, 20, 20], [np.nan, 0, 50, 50], [0, 0, np.inf, 9], [500, 0, 600, 90]]
)
def test_what_covers_nothing_hides_nothing(box: ArrayLike) -> None:
    assert np.array_equal(redact_faces(noise(), at(box)), noise())


def test_no_faces_give_an_equal_copy() -> None:
    picture = noise()
    hidden = redact_faces(picture, Faces.empty())
    assert np.array_equal(hidden, picture)
    assert not np.shares_memory(hidden, picture)


@pytest.mark.parametrize("style", STYLES)
def test_overlapping_faces_do_not_depend_on_their_order(style: Style) -> None:
    boxes = [[60, 40, 140, 140], [100, 70, 200, 190], [90, 80, 110, 100]]
    redaction = Redaction(style=style)
    one = redact_faces(noise(), at(*boxes), redaction=redaction)
    assert np.array_equal(one, redact_faces(noise(), at(*reversed(boxes)), redaction=redaction))


@pytest.mark.parametrize("style", ["blur", "pixelate"])
def test_a_small_box_inside_a_face_shows_no_more_of_it(style: Style) -> None:
    face, mouth = [50, 20, 190, 180], [100, 110, 140, 150]
    redaction = Redaction(style=style)
    alone = redact_faces(noise(), at(face), redaction=redaction)
    assert np.array_equal(redact_faces(noise(), at(face, mouth), redaction=redaction), alone)


def test_a_read_only_picture_may_be_hidden_in() -> None:
    picture = noise()
    picture.setflags(write=False)
    assert redact_faces(picture, at([100, 60, 180, 160])).flags.writeable


@pytest.mark.parametrize("picture", [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3))])
def test_what_is_no_picture(picture: Any) -> None:
    with pytest.raises(ValueError, match=r"expected a picture of shape \(h, w, 3\) and dtype uint8"):
        redact_faces(picture, Faces.empty())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"style": "smear"}, "expected style"),
        ({"shape": "star"}, "expected shape"),
        ({"margin": -0.1}, "expected a margin"),
        ({"margin": float("nan")}, "expected a margin"),
        ({"cells": 0}, "expected 1 to 16 cells"),
        ({"cells": 17}, "it could be recognised"),
        ({"cells": True}, "expected 1 to 16 cells"),
        ({"colour": (0, 0)}, "expected a colour"),
        ({"colour": (0, 0, 256)}, "expected a colour"),
    ],
)
def test_redactions_that_cannot_work(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Redaction(**wrong)


@pytest.mark.parametrize("style", STYLES)
def test_the_detector_finds_nobody_afterwards(group: Pixels, style: Style) -> None:
    with MTCNN() as detector:
        faces = detector.detect(group)
        assert len(faces) == 20
        hidden = redact_faces(group, faces, redaction=Redaction(style=style))
        assert len(detector.detect(hidden)) == 0

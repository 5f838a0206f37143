"""Galleries: what is cut out, and what is drawn where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facecascade.errors import ImageError
from facecascade.evaluate.gallery import FOUND_COLOUR, MARKED_COLOUR, MOST, SIDE, Exhibit, boxes_only, gallery
from facecascade.faces import Faces

BOX = np.array([100.0, 100, 160, 160])
NOTHING = Faces.empty(landmarks=False)


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, Path]:
    """Grey, but for a blue square of 60 pixels."""
    pixels = np.full((300, 400, 3), 128, np.uint8)
    pixels[100:160, 100:160] = (0, 0, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return {"a": tmp_path / "a.png"}


def exhibit(*, picture: str = "a", marked: Faces = NOTHING, found: Faces = NOTHING) -> Exhibit:
    return Exhibit(picture, BOX, "caption", marked, found)


def close_to(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], colour: tuple[int, int, int]) -> int:
    return int((np.abs(pixels.astype(int) - colour).max(axis=2) < 80).sum())


def test_the_box_lies_in_the_middle_with_its_margin(pictures: dict[str, Path]) -> None:
    """60 of 150 pixels are shown on 240: the blue square has 96."""
    sheet = np.asarray(gallery([exhibit()], pictures=pictures))
    blue = np.argwhere((sheet[..., 2] > 200) & (sheet[..., 0] < 60))
    assert np.ptp(blue, axis=0).tolist() == pytest.approx([95, 95], abs=2)
    gap = 12
    assert blue.mean(axis=0).tolist() == pytest.approx([gap + SIDE / 2 - 0.5] * 2, abs=1)


def test_marked_and_found_have_colours_of_their_own(pictures: dict[str, Path]) -> None:
    one = boxes_only(BOX[None])
    sheets = {
        "none": exhibit(),
        "marked": exhibit(marked=one),
        "found": exhibit(found=one),
    }
    counts = {
        name: [close_to(np.asarray(gallery([one_], pictures=pictures)), c) for c in (MARKED_COLOUR, FOUND_COLOUR)]
        for name, one_ in sheets.items()
    }
    assert counts["none"] == [0, 0]
    assert counts["marked"][0] > 200 > counts["marked"][1] == 0
    assert counts["found"][1] > 200 > counts["found"][0] == 0


def test_points_are_drawn_where_they_lie(pictures: dict[str, Path]) -> None:
    points = np.full((1, 5, 2), 130.0)
    sheet = np.asarray(gallery([exhibit(marked=boxes_only(BOX[None], points))], pictures=pictures))
    centre = sheet[12 + SIDE // 2 - 3 : 12 + SIDE // 2 + 3, 12 + SIDE // 2 - 3 : 12 + SIDE // 2 + 3]
    assert close_to(centre, MARKED_COLOUR) > 0


def test_tiny_faces_show_what_surrounds_them(pictures: dict[str, Path]) -> None:
    """A face of 2 pixels is shown as one of 28: 28 pixels and margins, 70 in all, half of them blue."""
    tiny = Exhibit("a", np.array([99.0, 129, 101, 131]), "", NOTHING, NOTHING)
    sheet = np.asarray(gallery([tiny], pictures=pictures))[12 : 12 + SIDE, 12 : 12 + SIDE]
    assert (sheet[..., 2] > 200).mean() == pytest.approx(30 / 70 * 65 / 70, abs=0.08)


def test_only_so_many_and_only_pictures_that_are_there(pictures: dict[str, Path]) -> None:
    full = gallery([exhibit()] * (MOST + 10), pictures=pictures)
    assert full.size == gallery([exhibit()] * MOST, pictures=pictures).size
    assert (
        gallery([exhibit(picture="b"), exhibit()], pictures=pictures).size
        == gallery([exhibit()], pictures=pictures).size
    )


def test_an_unreadable_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(ImageError, match=r"a\.png"):
        gallery([exhibit()], pictures={"a": tmp_path / "a.png"})

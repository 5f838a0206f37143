from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade.extract import contact_sheet, contact_sheets
from facecascade.extract.montage import BACKGROUND, best_columns, caption_height

Pixels = NDArray[np.uint8]


def plain(count: int, side: int = 50) -> Pixels:
    """Faces of one colour each: the number in red, 200 in green."""
    crops = np.zeros((count, side, side, 3), np.uint8)
    crops[..., 0] = np.arange(count)[:, np.newaxis, np.newaxis] + 1
    crops[..., 1] = 200
    return crops


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (6, 3), (7, 4), (12, 4), (19, 5), (35, 7), (100, 10)]
)
def test_near_a_square_with_few_empty_places(count: int, columns: int) -> None:
    assert best_columns(count) == columns


@pytest.mark.parametrize("count", range(1, 200))
def test_the_shape_of_a_screen_at_most(count: int) -> None:
    columns = best_columns(count)
    rows = -(-count // columns)
    assert rows <= columns
    assert columns * rows - count < columns
    assert columns <= 1.6 * count**0.5 + 0.5


def test_each_face_in_its_place() -> None:
    sheet = np.asarray(contact_sheet(plain(5), columns=3))
    gap = 2
    assert sheet.shape == (gap + 2 * (50 + gap), gap + 3 * (50 + gap), 3)
    for place in range(5):
        row, column = divmod(place, 3)
        top, left = gap + row * (50 + gap), gap + column * (50 + gap)
        assert (sheet[top : top + 50, left : left + 50] == (place + 1, 200, 0)).all()
        assert (sheet[top - gap : top, left : left + 50] == BACKGROUND).all()
    assert (sheet[54:104, 106:] == BACKGROUND).all(), "the sixth place is empty"


def test_labels_lie_below_their_faces() -> None:
    crops = plain(2, 100)
    sheet = np.asarray(contact_sheet(crops, columns=2, labels=["anna", ""]))
    line = caption_height(100)
    assert sheet.shape[0] == 5 + 100 + line + 5
    below = sheet[105 : 105 + line]
    assert (below[:, 5:105] != BACKGROUND).any()
    assert (below[:, 110:210] == BACKGROUND).all()
    assert (sheet[5:105, 5:105] == (1, 200, 0)).all()


@pytest.mark.parametrize("text", ["x" * 500, "two\nlines", "\udcff odd", "", "   ", "名前"])
def test_any_label_stays_below_its_face(text: str) -> None:
    sheet = np.asarray(contact_sheet(plain(2, 60), columns=2, labels=[text, ""]))
    assert (sheet[63:, 66:] == BACKGROUND).all()
    assert (sheet[:, :3] == BACKGROUND).all()


def test_long_labels_keep_their_beginning_and_end() -> None:
    def caption(label: str) -> Pixels:
        return np.asarray(contact_sheet(plain(1, 100), labels=[label]))[105:]

    long = "a very long name of a picture indeed"
    assert not np.array_equal(caption(long + "_00"), caption(long + "_01"))
    assert not np.array_equal(caption("X" + long), caption("Y" + long))


def test_labels_and_crops_go_together() -> None:
    with pytest.raises(ValueError, match="got 1 labels and 3 crops"):
        contact_sheet(plain(3), labels=["one"])


@pytest.mark.parametrize("crops", [np.zeros((0, 80, 80, 3), np.uint8), []])
def test_no_faces_is_a_small_picture_that_says_so(crops: Pixels) -> None:
    sheet = np.asarray(contact_sheet(crops))
    side = 80 if len(np.shape(crops)) == 4 else 256
    assert sheet.shape[1] == side + 2 * max(2, round(side * 0.05))
    assert (sheet != BACKGROUND).any()


def test_large_crops_are_shrunk_and_small_ones_kept() -> None:
    assert contact_sheet(plain(1, 600)).size == (282, 282)
    assert contact_sheet(plain(1, 600), cell=600).size == (660, 660)
    assert contact_sheet(plain(1, 30)).size == (34, 34)


@pytest.mark.parametrize(
    "crops",
    [
        [np.zeros((5, 5, 3), np.uint8), np.zeros((6, 6, 3), np.uint8)],
        np.zeros((2, 5, 6, 3), np.uint8),
        np.zeros((2, 5, 5), np.uint8),
        np.zeros((2, 5, 5, 3), np.float32),
    ],
)
def test_crops_that_do_not_go_together(crops: Pixels) -> None:
    with pytest.raises(ValueError, match="expected crops of"):
        contact_sheet(crops)


def test_pages() -> None:
    pages = list(contact_sheets(iter(plain(250)), labels=(str(n) for n in range(250)), per_page=100))
    assert len(pages) == 3
    assert pages[0].size == pages[1].size
    assert pages[2].width == pages[0].width, "the last page has the same columns"
    assert pages[2].height < pages[0].height
    assert np.asarray(pages[2])[5, 5].tolist() == [201, 200, 0]


def test_one_page_that_is_not_full_has_its_own_shape() -> None:
    (page,) = contact_sheets(plain(4), per_page=100)
    assert page.size == (2 + 2 * 52, 2 + 2 * 52)


def test_no_faces_make_no_page() -> None:
    assert list(contact_sheets(plain(0))) == []


@pytest.mark.parametrize("options", [{"columns": 0}, {"cell": 0}, {"columns": -1}])
def test_numbers_below_one(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"expected \w+ of at least 1"):
        contact_sheet(plain(2), columns=options.get("columns"), cell=options.get("cell"))

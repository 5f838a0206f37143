"""One page of faces: where each goes, and what is drawn."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from facecascade.extract.montage import BACKGROUND, MAX_CELL
from facecascade.extract.sheetpage import EMPTY_CELL, LEAST_CELL, RULE_COLOUR, Group, PageDrawing, arrange

Pixels = NDArray[np.uint8]


def group(count: int, label: str = "a.jpg", first: int = 0) -> Group:
    return Group(label, tuple(Path(f"{number}.png") for number in range(count)), first)


def places(counts: list[int], columns: int) -> list[list[tuple[int, int, bool]]]:
    """Column, faces and whether it is headed, of each strip of each row."""
    rows = arrange([group(count) for count in counts], columns=columns)
    return [[(strip.column, len(strip.group), strip.headed) for strip in row] for row in rows]


def test_small_groups_share_a_row_and_none_is_broken_that_fits_into_one() -> None:
    assert places([2, 3, 4, 1], 10) == [[(0, 2, True), (2, 3, True), (5, 4, True), (9, 1, True)]]
    assert places([6, 5, 5], 10) == [[(0, 6, True)], [(0, 5, True), (5, 5, True)]]


def test_large_groups_go_on_in_the_next_row_and_others_follow_in_their_last() -> None:
    assert places([1, 23, 4, 4], 10) == [
        [(0, 1, True)],
        [(0, 10, True)],
        [(0, 10, False)],
        [(0, 3, False), (3, 4, True)],
        [(0, 4, True)],
    ]


def test_the_last_name_of_a_row_may_run_to_its_end() -> None:
    rows = arrange([group(2), group(3), group(7)], columns=8)
    assert [[strip.room for strip in row] for row in rows] == [[2, 6], [8]]


@given(st.lists(st.integers(1, 40), max_size=15), st.integers(1, 12))
def test_every_face_has_one_place(counts: list[int], columns: int) -> None:
    rows = arrange([group(count, str(place)) for place, count in enumerate(counts)], columns=columns)
    for row in rows:
        ends = [(strip.column, strip.column + len(strip.group)) for strip in row]
        assert ends[0][0] == 0
        assert all(end == begin for (_, end), (begin, _) in pairwise(ends))
        assert ends[-1][1] <= columns
    strips = [strip.group for row in rows for strip in row]
    shown = [(part.label, part.first + n) for part in strips for n in range(len(part))]
    assert shown == [(str(place), n) for place, count in enumerate(counts) for n in range(count)]
    heads = [strip.group.label for row in rows for strip in row if strip.headed]
    assert heads == [str(place) for place in range(len(counts))]


def saved(folder: Path, name: str, size: tuple[int, int], colour: tuple[int, int, int]) -> Path:
    Image.new("RGB", size, colour).save(folder / name)
    return folder / name


def extent(page: Pixels, colour: tuple[int, int, int]) -> tuple[int, int]:
    """Width and height of what has this colour."""
    rows, columns = np.nonzero((page == colour).all(axis=2))
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def test_crops_keep_their_shape_and_large_ones_are_shrunk(tmp_path: Path) -> None:
    red, green, blue = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    files = (
        saved(tmp_path, "a.png", (512, 256), red),
        saved(tmp_path, "b.png", (20, 30), green),
        saved(tmp_path, "c.png", (100, 200), blue),
    )
    page = np.asarray(PageDrawing([Group("a.jpg", files)]).image())
    assert extent(page, red) == (MAX_CELL, MAX_CELL // 2)
    assert extent(page, green) == (20, 30)
    assert extent(page, blue) == (100, 200)


def test_a_crop_that_has_gone_leaves_a_place_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG no picture")
    whole = saved(tmp_path, "a.png", (96, 96), (255, 0, 0))
    drawing = PageDrawing([Group("a.jpg", (tmp_path / "gone.png", whole, tmp_path / "broken.png"))])
    page = np.asarray(drawing.image())
    assert drawing.missing == 2
    assert extent(page, (255, 0, 0)) == (96, 96)
    left, right = extent(page[:, :101], EMPTY_CELL), extent(page[:, 204:], EMPTY_CELL)
    assert left == right == (LEAST_CELL, LEAST_CELL)
    words = [page[:, :101], page[:, 204:]]
    assert all(((word > 150).all(axis=2)).any() for word in words)
    gone, broken = (word[40:80, 5:95] for word in words)
    assert not np.array_equal(gone, broken), "missing, or unreadable"


def test_a_page_of_crops_that_have_all_gone() -> None:
    drawing = PageDrawing([group(3)])
    assert drawing.missing == 3
    assert drawing.image().width == 4 * (LEAST_CELL + 5) + 5


def drawn(tmp_path: Path, groups: list[Group]) -> Pixels:
    return np.asarray(PageDrawing(groups, columns=4).image())


def test_names_stand_over_their_groups_alone(tmp_path: Path) -> None:
    file = saved(tmp_path, "a.png", (96, 96), (255, 0, 0))
    page = drawn(tmp_path, [Group("x" * 300, (file, file)), Group("b", (file,))])
    (rule,) = np.unique(np.nonzero((page == RULE_COLOUR).all(axis=2))[0])
    line = (page[rule] == RULE_COLOUR).all(axis=1)
    assert np.flatnonzero(np.diff(line.astype(int))).tolist() == [4, 201, 206, 302]
    band = (page[5:rule] != BACKGROUND).any(axis=(0, 2))
    assert band[5:202].any()
    assert not band[203:206].any(), "the long name ends with its group"
    assert band[207:220].any()


def test_a_group_that_began_before_says_so(tmp_path: Path) -> None:
    file = saved(tmp_path, "a.png", (96, 96), (255, 0, 0))
    new, old = (drawn(tmp_path, [Group("a.jpg", (file,), first)]) for first in (0, 30))
    assert ((old != BACKGROUND).any(axis=2)[:20].sum()) > ((new != BACKGROUND).any(axis=2)[:20].sum())
    assert not np.array_equal(old[-20:], new[-20:]), "numbers go on"


@pytest.mark.parametrize("label", ["", "名前" * 50, "a\nb", "\udcff", "x" * 5000, "\u202e", "/" * 50])
def test_any_name_stays_in_its_band(tmp_path: Path, label: str) -> None:
    file = saved(tmp_path, "a.png", (96, 96), (255, 0, 0))
    page = drawn(tmp_path, [Group(label, (file,)), Group("b", (file,) * 3)])
    nothing = drawn(tmp_path, [Group("", (file,)), Group("b", (file,) * 3)])
    assert page.shape == nothing.shape
    assert np.array_equal(page[:, 104:], nothing[:, 104:]), "a slanted letter may lean into the gap, and no further"
    assert np.array_equal(page[25:], nothing[25:])

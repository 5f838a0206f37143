"""Contact sheets of a folder of faces."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facecascade.errors import ImageError, SettingsError
from facecascade.extract import Extracted, SheetPage, Sheets, Unreadable, write_sheets
from facecascade.faces import Faces


def picture(folder: Path, name: str, count: int, *, side: int = 20) -> Extracted:
    """A picture whose crops are files of one colour."""
    crops = tuple(Path(f"{Path(name).with_suffix('')}_{number:02d}.png") for number in range(count))
    for number, crop in enumerate(crops):
        (folder / crop).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (side, side), (255, number % 256, 0)).save(folder / crop)
    faces = Faces(np.tile(np.array([0, 0, 20, 20], np.float32), (count, 1)), np.ones(count, np.float32))
    return Extracted(Path(name), 100, 80, faces, crops, np.zeros((count, 2, 3)))


def pages(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("contact-sheet-*"))


def test_pages_of_a_hundred_and_which_pictures_are_on_them(tmp_path: Path) -> None:
    outcomes: list[Extracted | Unreadable] = [
        picture(tmp_path, "a.jpg", 60),
        picture(tmp_path, "none.jpg", 0),
        Unreadable("bad.jpg", ImageError("bad.jpg: broken")),
        picture(tmp_path, "sub/b.jpg", 60),
        picture(tmp_path, "c.jpg", 80),
        picture(tmp_path, "d.jpg", 3),
    ]
    written = write_sheets(tmp_path, outcomes)
    assert written == (
        SheetPage("contact-sheet-001.jpg", ("a.jpg", "sub/b.jpg"), 100, 0),
        SheetPage("contact-sheet-002.jpg", ("sub/b.jpg", "c.jpg"), 100, 0),
        SheetPage("contact-sheet-003.jpg", ("d.jpg",), 3, 0),
    )
    assert pages(tmp_path) == [page.file for page in written]
    widths = set()
    for page in written:
        with Image.open(tmp_path / page.file) as image:
            widths.add(image.width)
    assert len(widths) == 1, "the last page has the columns of the others"


def test_one_picture_over_many_pages(tmp_path: Path) -> None:
    written = write_sheets(tmp_path, [picture(tmp_path, "crowd.jpg", 25)], per_page=10)
    assert [(page.faces, page.pictures) for page in written] == [(n, ("crowd.jpg",)) for n in (10, 10, 5)]


def test_pages_are_written_as_soon_as_they_are_full(tmp_path: Path) -> None:
    sheets = Sheets(tmp_path, per_page=4)
    sheets.add(picture(tmp_path, "a.jpg", 3))
    assert pages(tmp_path) == []
    sheets.add(picture(tmp_path, "b.jpg", 6))
    assert len(pages(tmp_path)) == 2
    assert [page.faces for page in sheets.finish()] == [4, 4, 1]


def test_no_faces_no_page(tmp_path: Path) -> None:
    assert write_sheets(tmp_path / "new", [picture(tmp_path, "a.jpg", 0)]) == ()
    assert not (tmp_path / "new").exists()


def test_crops_that_have_gone_are_counted(tmp_path: Path) -> None:
    outcomes = [picture(tmp_path, "a.jpg", 3), picture(tmp_path, "sub/b.jpg", 4)]
    (tmp_path / "a_01.png").unlink()
    shutil.rmtree(tmp_path / "sub")
    assert [page.missing for page in write_sheets(tmp_path, outcomes, per_page=5)] == [3, 2]


def test_old_pages_go_and_nothing_else_does(tmp_path: Path) -> None:
    mine = ["contact-sheet-01.jpg", "contact-sheet-001_00.jpg", "contact-sheet-.jpg", "contact-sheet-002.jpg.txt"]
    for name in mine:
        (tmp_path / name).write_bytes(b"mine")
    (tmp_path / "contact-sheet-1000.webp").write_bytes(b"old")
    outcomes = [picture(tmp_path, "a.jpg", 25)]
    write_sheets(tmp_path, outcomes, per_page=5, format="png")
    assert len(pages(tmp_path)) == 5 + len(mine)
    write_sheets(tmp_path, outcomes, per_page=20)
    assert pages(tmp_path) == sorted([*mine, "contact-sheet-001.jpg", "contact-sheet-002.jpg"])
    write_sheets(tmp_path, [])
    assert pages(tmp_path) == sorted(mine)


def test_the_same_bytes_again(tmp_path: Path) -> None:
    outcomes = [picture(tmp_path, "名.jpg", 3), picture(tmp_path, "b.jpg", 2)]
    write_sheets(tmp_path, outcomes)
    first = (tmp_path / "contact-sheet-001.jpg").read_bytes()
    write_sheets(tmp_path, outcomes)
    assert (tmp_path / "contact-sheet-001.jpg").read_bytes() == first


@pytest.mark.parametrize("format", ["jpg", "png", "webp"])
def test_kinds_of_file(tmp_path: Path, format: str) -> None:  # noqa: A002
    (page,) = write_sheets(tmp_path, [picture(tmp_path, "a.jpg", 2)], format=format, quality=50)
    assert page.file == f"contact-sheet-001.{format}"
    with Image.open(tmp_path / page.file) as image:
        assert image.format == {"jpg": "JPEG"}.get(format, format.upper())


def test_values_that_cannot_work_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ending in \.png"):
        Sheets(tmp_path, format="gif")
    with pytest.raises(SettingsError, match="quality of 1 to 100"):
        Sheets(tmp_path, quality=0)
    with pytest.raises(SettingsError, match="at least 1 face on a page, got 0"):
        Sheets(tmp_path, per_page=0)
    with pytest.raises(SettingsError, match="OpenType font"):
        Sheets(tmp_path, font=tmp_path / "none.ttf")

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facecascade.extract import Names


def names(paths: list[Path], *inputs: Path) -> list[str]:
    book = Names(inputs)
    return [book.name(path).as_posix() for path in paths]


def test_one_folder_is_mirrored(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    paths = [tmp_path / "x.jpg", tmp_path / "a" / "x.jpg", tmp_path / "a" / "b" / "x.jpg"]
    assert names(paths, tmp_path) == ["x", "a/x", "a/b/x"]


def test_several_folders_keep_their_names(tmp_path: Path) -> None:
    for day in ("day1", "day2"):
        (tmp_path / day).mkdir()
    paths = [tmp_path / "day1" / "IMG_0001.jpg", tmp_path / "day2" / "IMG_0001.jpg"]
    assert names(paths, tmp_path / "day1", tmp_path / "day2") == ["day1/IMG_0001", "day2/IMG_0001"]


def test_files_of_one_folder_are_flat(tmp_path: Path) -> None:
    paths = [tmp_path / "deep" / "a.jpg", tmp_path / "deep" / "b.jpg"]
    assert names(paths, *paths) == ["a", "b"]


def test_relative_paths_and_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    assert names([Path("../in/a.jpg"), Path("./sub/b.jpg")], Path()) == ["a", "sub/b"]
    assert names([Path("../other/c.jpg")], Path("../other"), Path()) == ["other/c"]


def test_the_same_picture_keeps_its_name(tmp_path: Path) -> None:
    book = Names([tmp_path])
    assert book.name(tmp_path / "a.jpg") == book.name(f"{tmp_path}/./a.jpg") == Path("a")


def test_suffixes_tell_pictures_of_one_stem_apart(tmp_path: Path) -> None:
    assert names([tmp_path / name for name in ("p.jpg", "p.png", "p.JPG")], tmp_path)[:2] == ["p", "p_png"]


def test_letters_that_some_file_systems_take_for_the_same(tmp_path: Path) -> None:
    given = names(
        [
            tmp_path / name
            for name in ("P.jpg", "p.jpg", "p.JPG", "e\u0301.jpg", "\u00e9.jpg", "stra\u00dfe.jpg", "STRASSE.jpg")
        ],
        tmp_path,
    )
    assert len({name.casefold() for name in given}) == 7
    assert given[0] == "P"
    assert given[1] == "p_jpg"
    assert given[2].startswith("p_")
    assert len(given[2]) == 10, "a hash of eight letters"
    assert given[4] == "\u00e9_jpg"


def test_a_name_that_looks_like_another_ones_way_out(tmp_path: Path) -> None:
    given = names([tmp_path / name for name in ("p_png.jpg", "p.jpg", "p.png", "p_png.png", "p_png_png.gif")], tmp_path)
    assert len(set(given)) == 5


def test_pictures_from_elsewhere_have_names_without_folders(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    given = names(
        [inside / "a.jpg", tmp_path / "x" / "a.jpg", tmp_path / "y" / "a.jpg", tmp_path / "z" / "a.jpg"], inside
    )
    assert given[:2] == ["a", "a_jpg"]
    assert len(set(given)) == 4
    assert all("/" not in name for name in given)


def test_names_depend_on_paths_below_the_common_folder_alone(tmp_path: Path) -> None:
    given = []
    for place in ("here", "there"):
        folder = tmp_path / place
        folder.mkdir()
        given.append(names([folder / name for name in ("p.jpg", "P.jpg", "p.JPG")], folder))
    assert given[0] == given[1]


def test_odd_names(tmp_path: Path) -> None:
    odd = [".hidden.jpg", "no_suffix", "two.dots.jpg", "名前.jpg", "with space.jpg", "-o.jpg", os.fsdecode(b"\xff.jpg")]
    given = names([tmp_path / name for name in odd], tmp_path)
    assert given == [".hidden", "no_suffix", "two.dots", "名前", "with space", "-o", os.fsdecode(b"\xff")]


def test_long_names_leave_room_for_number_and_suffix(tmp_path: Path) -> None:
    long = ["x" * 250 + "1.jpg", "x" * 250 + "2.jpg", "名" * 83 + "a.png", "名" * 83 + "b.png"]
    given = names([tmp_path / name for name in long], tmp_path)
    assert len(set(given)) == 4
    for name in given:
        assert len(os.fsencode(name)) < 200
        (tmp_path / f"{name}_00.jpg").touch()

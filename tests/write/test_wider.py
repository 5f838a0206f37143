"""WIDER FACE's text, read back by the package's own reader of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facecascade.errors import ImageError, SettingsError
from facecascade.evaluate.detections import read_detections
from facecascade.faces import Faces
from facecascade.write import WiderFolderWriter, WiderWriter, named_writer

MakeFaces = Callable[..., Faces]


def close(found: Faces, wanted: Faces) -> bool:
    return np.array_equal(found.scores, wanted.scores) and np.allclose(found.boxes, wanted.boxes, atol=1e-4)


def test_one_file_for_all(tmp_path: Path, some_faces: MakeFaces) -> None:
    with WiderWriter(tmp_path / "f.txt") as writer:
        writer.write("0--Parade/a.jpg", some_faces(3), width=640, height=480)
        writer.write("none.jpg", Faces.empty(), width=640, height=480)
        writer.write_error("bad.jpg", ImageError("bad.jpg: broken"))
        writer.write("b.jpg", some_faces(1), width=640, height=480)
    found = read_detections(tmp_path / "f.txt")
    assert list(found) == ["0--Parade/a.jpg", "none.jpg", "b.jpg"]
    assert close(found["0--Parade/a.jpg"], some_faces(3))
    assert len(found["none.jpg"]) == 0
    assert (tmp_path / "f.txt.errors.csv").read_text() == "source,error\nbad.jpg,bad.jpg: broken\n"


def test_a_row_is_corner_size_and_score(tmp_path: Path) -> None:
    faces = Faces(np.array([[-1.5, 2, 10, 20.25]], np.float32), np.array([0.9], np.float32))
    with WiderWriter(tmp_path / "f.txt") as writer:
        writer.write("a.jpg", faces, width=640, height=480)
    assert (tmp_path / "f.txt").read_text() == "a.jpg\n1\n-1.5 2.0 11.5 18.25 0.9\n"


def test_a_file_a_picture(tmp_path: Path, some_faces: MakeFaces) -> None:
    with WiderFolderWriter(tmp_path) as writer:
        writer.write("0--Parade/0_Parade_1.jpg", some_faces(2), width=640, height=480)
        writer.write("1--Riot/1_Riot_1.jpg", Faces.empty(), width=640, height=480)
        writer.write_error("bad.jpg", ImageError("bad.jpg: broken"))
    path = tmp_path / "0--Parade" / "0_Parade_1.txt"
    assert path.read_text().splitlines()[:2] == ["0_Parade_1", "2"]
    assert (tmp_path / "1--Riot" / "1_Riot_1.txt").read_text() == "1_Riot_1\n0\n"
    assert close(read_detections(tmp_path)["0--Parade/0_Parade_1.txt"], some_faces(2))
    assert (tmp_path / "errors.csv").exists()


def test_any_name_keeps_its_line(tmp_path: Path, some_faces: MakeFaces, odd_name: str) -> None:
    with WiderWriter(tmp_path / "f.txt") as writer:
        writer.write(odd_name, some_faces(1), width=640, height=480)
        writer.write("next.jpg", some_faces(1), width=640, height=480)
    escaped = odd_name.replace("\n", "\\x0a").replace(" blanks", "\\x20blanks")
    escaped = escaped.encode("utf-8", "backslashreplace").decode()
    assert list(read_detections(tmp_path / "f.txt")) == [escaped, "next.jpg"]
    with WiderFolderWriter(tmp_path / "folder") as folder:
        folder.write(odd_name, some_faces(1), width=640, height=480)
    assert len(read_detections(tmp_path / "folder")) == 1


@pytest.mark.parametrize("letter", list("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
def test_no_letter_ends_the_line_of_a_name(tmp_path: Path, some_faces: MakeFaces, letter: str) -> None:
    with WiderWriter(tmp_path / "f.txt") as writer:
        writer.write(f"a{letter}b{letter}", some_faces(1), width=640, height=480)
        writer.write(letter, some_faces(1), width=640, height=480)
    assert len(read_detections(tmp_path / "f.txt")) == 2
    assert len((tmp_path / "f.txt").read_text("utf-8").splitlines()) == 6


def test_the_suffix_tells_a_file_from_a_folder(tmp_path: Path, some_faces: MakeFaces) -> None:
    for place in ("all.txt", "each"):
        with named_writer(f"wider:{tmp_path / place}") as writer:
            writer.write("a.jpg", some_faces(1), width=640, height=480)
    assert (tmp_path / "all.txt").is_file()
    assert (tmp_path / "each" / "a.txt").is_file()


def test_a_failure_midway_leaves_the_older_file(tmp_path: Path, some_faces: MakeFaces) -> None:
    (tmp_path / "f.txt").write_text("old")
    with pytest.raises(RuntimeError), WiderWriter(tmp_path / "f.txt") as writer:  # noqa: PT012
        writer.write("a.jpg", some_faces(1), width=640, height=480)
        writer.write_error("b.jpg", ImageError("broken"))
        raise RuntimeError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("f.txt", "old")]


def test_two_pictures_never_share_a_file(tmp_path: Path, some_faces: MakeFaces) -> None:
    with pytest.raises(SettingsError, match=r"for 'a\.jpg' and for 'a\.png'"), WiderFolderWriter(tmp_path) as writer:  # noqa: PT012
        writer.write("a.jpg", some_faces(1), width=640, height=480)
        writer.write("a.png", some_faces(1), width=640, height=480)

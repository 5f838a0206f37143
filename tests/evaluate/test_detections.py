"""Detections in each of their forms, and how they are put beside the annotations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from facecascade.errors import AnnotationError, ImageError
from facecascade.evaluate.detections import align, read_detections, read_regions
from facecascade.faces import Faces
from facecascade.write import get_writer

POINTS = np.arange(10, dtype=np.float32).reshape(1, 5, 2)
FACES = Faces(np.array([[1, 2, 11.5, 22]], np.float32), np.array([0.75], np.float32), POINTS)


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_what_our_own_command_writes_is_read_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"faces{suffix}"
    with get_writer(path) as writer:
        writer.write("p/a.jpg", FACES, width=30, height=30)
        writer.write("p/b.jpg", Faces.empty(), width=30, height=30)
        writer.write_error("p/c.jpg", ImageError("broken"))
    found = read_detections(path)
    assert found["p/a.jpg"] == FACES
    assert {name: len(faces) for name, faces in found.items()} == {"p/a.jpg": 1, "p/b.jpg": 0, "p/c.jpg": 0}


def test_an_object_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps({"a": [[1, 2, 10, 20, 0.5]], "b": []}), encoding="utf-8")
    found = read_detections(path)
    assert found["a"].boxes.tolist() == [[1, 2, 11, 22]]
    assert found["a"].scores.tolist() == [0.5]
    assert len(found["b"]) == 0


def test_the_official_folder(tmp_path: Path) -> None:
    for event, name, rows in (
        ("0--Parade", "a", "1\n1 2 10 20 0.5\n"),
        ("0--Parade", "b", "0\n"),
        ("1--X", "a", "0\n"),
    ):
        path = tmp_path / event / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{name}\n{rows}", encoding="utf-8")
    found = read_detections(tmp_path)
    assert {name: faces.boxes.tolist() for name, faces in found.items()} == {
        "0--Parade/a.txt": [[1, 2, 11, 22]],
        "0--Parade/b.txt": [],
        "1--X/a.txt": [],
    }
    assert set(align(found, ["0--Parade/a", "0--Parade/b", "1--X/a"], missing="fail", empty=Faces.empty())) == {
        "0--Parade/a",
        "0--Parade/b",
        "1--X/a",
    }


def test_regions_are_rectangles_or_ellipses_by_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "fold-01-out.txt"
    path.write_text("a/1\n1\n1 2 10 20 0.5\na/2\n1\n30 20 0.1 50 60 -3.5\na/3\n0\n", encoding="utf-8")
    regions = read_regions(path)
    assert regions["a/1"].shapes.tolist() == [[1, 2, 11, 22]]
    assert regions["a/2"].shapes.tolist() == [[30, 20, 0.1, 50, 60]]
    assert regions["a/2"].scores.tolist() == [-3.5]
    assert len(regions["a/3"].scores) == 0
    with pytest.raises(AnnotationError, match="a/2: expected rows of x y width height score, got ellipses"):
        read_detections(path)


def test_regions_of_several_folds_keep_the_names_inside_them(tmp_path: Path) -> None:
    for fold in (1, 2):
        (tmp_path / f"fold-{fold}.txt").write_text(f"2002/0{fold}/img_1\n0\n2002/0{fold}/img_2\n0\n", encoding="utf-8")
    assert list(read_regions(tmp_path)) == ["2002/01/img_1", "2002/01/img_2", "2002/02/img_1", "2002/02/img_2"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("f.json", "3", "expected a list or an object, got int"),
        ("f.json", '{"a": [[1, 2, 3, 4]]}', "a: expected rows of 5"),
        ("f.json", '["a"]', 'expected objects with "source" or "image"'),
        ("f.jsonl", '{"source": "a"}', 'a: expected "faces"'),
        ("f.jsonl", '{"source": "a", "faces": [{"box": [1, 2, 3, 4]}]}', 'a: expected "faces"'),
        (
            "f.jsonl",
            '{"source": "a", "faces": [{"box": [1, 2, 3, 4], "score": 1, "landmarks": {"nose": [1, 2]}}]}',
            "a: expected rows of 2 numbers",
        ),
        ("f.txt", "a\n1\n1 2 3\n", "a: expected rows of 5 or 6 numbers"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(AnnotationError) as caught:
        read_detections(tmp_path / name)
    assert name in str(caught.value)
    assert message in str(caught.value)


def test_a_folder_without_text_files(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"expected \.txt files"):
        read_detections(tmp_path)


def test_missing_pictures_fail_are_empty_or_are_left_out() -> None:
    found = {"x/a.jpg": FACES, "x/unmarked.jpg": FACES}
    none = Faces.empty()
    with pytest.raises(AnnotationError, match="all 2 marked pictures, got 1 without detections, such as 'b'"):
        align(found, ["a", "b"], missing="fail", empty=none)
    assert align(found, ["a", "b"], missing="empty", empty=none) == {"a": FACES, "b": none}
    assert align(found, ["a", "b"], missing="skip", empty=none) == {"a": FACES}


@pytest.mark.parametrize("missing", ["fail", "empty", "skip"])
def test_nothing_in_common_is_an_error_whatever_is_asked(missing: str) -> None:
    with pytest.raises(AnnotationError, match="names that end alike"):
        align({"q": FACES}, ["a"], missing=missing, empty=Faces.empty())  # type: ignore[arg-type]

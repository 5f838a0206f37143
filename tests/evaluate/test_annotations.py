"""Ground truth in each of its forms; the same faces give the same result."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecascade.errors import AnnotationError, MissingExtra
from facecascade.evaluate.annotations import read_marked
from facecascade.evaluate.wider import SUBSETS

FACE = {"box": [1, 2, 11, 22], "in_easy": False, "in_medium": True, "in_hard": True}


def cells(values: list[Any]) -> np.ndarray[Any, Any]:
    """A MATLAB cell array, one column."""
    column = np.empty((len(values), 1), object)
    for place, value in enumerate(values):
        column[place, 0] = value
    return column


def save_official(folder: Path) -> None:
    """Two events; the second picture of the first has no face in any subset."""
    io = pytest.importorskip("scipy.io", reason="SciPy, of the extra evaluate, is not installed")
    boxes = [[[[1, 2, 10, 20], [5, 5, 4, 4]], [[0, 0, 3, 3]]], [[[7, 8, 30, 40]]]]
    table = cells([cells([np.array(faces, np.float64) for faces in event]) for event in boxes])
    names = cells([cells(["0_Parade_1", "0_Parade_2"]), cells(["2_Demo_1"])])
    io.savemat(
        folder / "wider_face_val.mat",
        {"event_list": cells(["0--Parade", "2--Demo"]), "file_list": names, "face_bbx_list": table},
    )
    members: dict[str, list[list[list[int]]]] = {
        "easy": [[[], []], [[1]]],
        "medium": [[[1], []], [[1]]],
        "hard": [[[1, 2], []], [[1]]],
    }
    for subset, events in members.items():
        lists = cells([cells([np.array(places, np.uint8).reshape(-1, 1) for places in event]) for event in events])
        io.savemat(folder / f"wider_{subset}_val.mat", {"gt_list": lists})


def test_the_official_matlab_files(tmp_path: Path) -> None:
    save_official(tmp_path)
    marked = read_marked(tmp_path)
    assert list(marked) == ["0--Parade/0_Parade_1", "0--Parade/0_Parade_2", "2--Demo/2_Demo_1"]
    first = marked["0--Parade/0_Parade_1"]
    assert first.boxes.tolist() == [[1, 2, 11, 22], [5, 5, 9, 9]]
    assert {subset: first.members[subset].tolist() for subset in SUBSETS} == {
        "easy": [False, False],
        "medium": [True, False],
        "hard": [True, True],
    }
    assert marked["0--Parade/0_Parade_2"].members["hard"].tolist() == [False]
    assert marked["2--Demo/2_Demo_1"].members["easy"].tolist() == [True]


def test_a_broken_matlab_file(tmp_path: Path) -> None:
    save_official(tmp_path)
    (tmp_path / "wider_hard_val.mat").write_bytes(b"not MATLAB at all" * 20)
    with pytest.raises(AnnotationError, match=r"wider_hard_val\.mat: expected a MATLAB file"):
        read_marked(tmp_path)
    (tmp_path / "wider_hard_val.mat").unlink()
    with pytest.raises(AnnotationError, match=r"wider_hard_val\.mat"):
        read_marked(tmp_path)


def test_matlab_files_without_scipy_name_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wider_face_val.mat").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(MissingExtra, match=r"facecascade\[evaluate\]"):
        read_marked(tmp_path)


def test_the_official_text_form(tmp_path: Path) -> None:
    text = "0--Parade/a.jpg\n2\n1 2 10 20 2 0 0 0 2 0 \n5 5 4 4 2 0 0 1 2 0 \nb.jpg\n0\n0 0 0 0 0 0 0 0 0 0 \n"
    (tmp_path / "wider_face_val_bbx_gt.txt").write_text(text, encoding="utf-8")
    marked = read_marked(tmp_path / "wider_face_val_bbx_gt.txt")
    assert marked["0--Parade/a.jpg"].boxes.tolist() == [[1, 2, 11, 22], [5, 5, 9, 9]]
    assert marked["0--Parade/a.jpg"].members["all"].tolist() == [True, False]
    assert len(marked["b.jpg"]) == 0


def test_annotations_with_difficulty(tmp_path: Path) -> None:
    annotations = [{"image": "images/a.jpg", "faces": [FACE]}, {"image": "images/b.jpg", "faces": []}]
    (tmp_path / "annotations.json").write_text(json.dumps(annotations), encoding="utf-8")
    for path in (tmp_path, tmp_path / "annotations.json"):
        marked = read_marked(path)
        assert marked["images/a.jpg"].boxes.tolist() == [[1, 2, 11, 22]]
        assert marked["images/a.jpg"].members["easy"].tolist() == [False]
        assert marked["images/a.jpg"].members["hard"].tolist() == [True]
        assert marked["images/a.jpg"].landmarks is None
        assert marked["images/b.jpg"].boxes.shape == (0, 4)
        assert tuple(marked["images/b.jpg"].members) == SUBSETS


def test_annotations_with_landmarks_and_ignored_faces(tmp_path: Path) -> None:
    points = [[1, 2], [3, 2], [2, 3], [1, 4], [3, 4]]
    faces = [
        {"box": [0, 0, 5, 5], "landmarks": points, "ignore": False},
        {"box": [9, 9, 12, 12], "landmarks": None, "ignore": True},
    ]
    (tmp_path / "annotations.json").write_text(json.dumps([{"image": "a", "faces": faces}]), encoding="utf-8")
    marked = read_marked(tmp_path)["a"]
    assert marked.members["all"].tolist() == [True, False]
    assert marked.landmarks is not None
    assert marked.landmarks[0].tolist() == points
    assert np.isnan(marked.landmarks[1]).all()


def test_a_compressed_object_by_name(tmp_path: Path) -> None:
    face = {"box": [1, 2, 3, 4], "easy": True, "medium": True, "hard": False}
    path = tmp_path / "truth.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"a": {"event": "0", "faces": [face]}}).encode()))
    assert read_marked(path)["a"].members["easy"].tolist() == [True]
    assert read_marked(path)["a"].members["hard"].tolist() == [False]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"faces": []}]', 'expected a list of {"image", "faces"}'),
        ('[{"image": "a"}]', 'a: expected "faces"'),
        ('[{"image": "a", "faces": [{"box": [1, 2, 3]}]}]', "a: expected rows of 4"),
        ('[{"image": "a", "faces": [{"box": [1, 2, 3, "x"]}]}]', "a: expected rows of 4 numbers"),
        ('[{"image": "a", "faces": [{"box": [1, 2, 3, 1e999]}]}]', "a: expected rows of 4 finite"),
        ('[{"image": "a", "faces": [{"box": [1, 2, 3, 4], "landmarks": [[1, 2]]}]}]', "a: expected 5 landmarks, got 1"),
        ("[{", "expected a JSON file"),
        ("3", "expected a list"),
    ],
)
def test_broken_annotations_are_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "annotations.json").write_text(content, encoding="utf-8")
    with pytest.raises(AnnotationError) as caught:
        read_marked(tmp_path)
    assert "annotations.json" in str(caught.value)
    assert message in str(caught.value)


def test_a_folder_with_nothing_known(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"wider_face_val\.mat or annotations\.json"):
        read_marked(tmp_path)

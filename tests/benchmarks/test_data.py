"""Pictures, annotations and records as the programs read them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.data import list_pictures, load_rgb, read_golden, to_faces

FACE = {"box": [1, 2, 11, 12], "score": 0.75, "landmarks": [[3, 4]] * 5}


def test_pixels_are_those_stored_whatever_exif_says(tmp_path: Path) -> None:
    picture = Image.new("RGB", (4, 2), (200, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    picture.save(tmp_path / "turned.png", exif=exif)
    assert load_rgb(tmp_path / "turned.png").shape == (2, 4, 3)


def test_grey_and_transparent_pictures_become_rgb(tmp_path: Path) -> None:
    for mode in ("L", "RGBA", "P"):
        Image.new(mode, (3, 3)).save(tmp_path / "picture.png")
        pixels = load_rgb(tmp_path / "picture.png")
        assert pixels.shape == (3, 3, 3)
        assert pixels.dtype == np.uint8


def test_pictures_are_listed_by_path_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in ("b.JPG", "a.png", "below/c.jpeg", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in list_pictures(tmp_path)] == ["a.png", "b.JPG", "c.jpeg"]


def test_a_folder_without_pictures_ends_the_program_with_a_hint(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(SystemExit, match="name one on the command line"):
            list_pictures(folder)


def test_faces_of_a_record(tmp_path: Path) -> None:
    record = {"a.jpg": {"shape": [20, 30, 3], "faces": [FACE]}, "b.jpg": {"shape": [5, 6], "faces": []}}
    (tmp_path / "golden.json").write_text(json.dumps(record), encoding="utf-8")
    golden = read_golden(tmp_path / "golden.json")
    assert golden["a.jpg"].size == (20, 30)
    assert golden["a.jpg"].faces.boxes.tolist() == [[1, 2, 11, 12]]
    assert len(golden["b.jpg"].faces) == 0


def test_a_missing_record_ends_the_program_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="name it on the command line"):
        read_golden(tmp_path / "golden.json")


def test_no_faces_are_empty_faces_with_landmarks() -> None:
    assert to_faces([]).landmarks is not None
    assert to_faces([FACE, FACE]).scores.tolist() == [0.75, 0.75]

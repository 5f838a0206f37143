from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from facecascade.errors import ImageError, SettingsError
from facecascade.faces import LANDMARK_NAMES, Faces
from facecascade.write import CsvWriter, JsonLinesWriter, JsonWriter, Writer, get_writer


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def found(boxes: ArrayLike, scores: ArrayLike, landmarks: ArrayLike | None = None) -> Faces:
    points = None if landmarks is None else np.asarray(landmarks, np.float32)
    return Faces(np.asarray(boxes, np.float32), np.asarray(scores, np.float32), points)


def faces(count: int = 2, *, landmarks: bool = True) -> Faces:
    numbers = np.random.default_rng(5)
    points = numbers.uniform(-5, 500, (count, 5, 2)) if landmarks else None
    return found(numbers.uniform(-5, 500, (count, 4)), numbers.uniform(0.7, 1, count), points)


def fill(writer: Writer) -> None:
    with writer:
        writer.write("a.jpg", faces(2), width=640, height=480)
        writer.write_error("bad.jpg", ImageError("bad.jpg: broken"))
        writer.write(Path("b.jpg"), Faces.empty(), width=10, height=20)


def pictures(path: Path) -> list[dict[str, Any]]:
    text = path.read_text("utf-8")
    loaded: list[dict[str, Any]] = json.loads(text) if path.suffix == ".json" else [*map(json.loads, text.splitlines())]
    return loaded


@pytest.mark.parametrize("name", ["faces.jsonl", "faces.json", "faces.JSONL"])
def test_json_has_one_object_a_picture(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    fill(get_writer(path))
    first, error, empty = pictures(path)
    assert (first["source"], first["width"], first["height"]) == ("a.jpg", 640, 480)
    assert error == {"source": "bad.jpg", "error": "bad.jpg: broken"}
    assert empty == {"source": "b.jpg", "width": 10, "height": 20, "faces": []}
    assert list(first["faces"][0]) == ["box", "score", "landmarks"]
    assert list(first["faces"][0]["landmarks"]) == list(LANDMARK_NAMES)


@pytest.mark.parametrize("name", ["faces.jsonl", "faces.json"])
def test_json_loses_no_bit_and_writes_no_more_digits_than_it_takes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    fill(get_writer(path))
    rows = pictures(path)[0]["faces"]
    back = found(
        [face["box"] for face in rows],
        [face["score"] for face in rows],
        [list(face["landmarks"].values()) for face in rows],
    )
    assert back == faces(2)
    assert max(len(str(value)) for face in rows for value in face["box"]) <= 11


def test_csv_has_one_row_a_face(tmp_path: Path) -> None:
    fill(get_writer(tmp_path / "faces.csv"))
    with (tmp_path / "faces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:7] == ["source", "face", "x1", "y1", "x2", "y2", "score"]
    assert list(rows[0])[7:9] == ["left_eye_x", "left_eye_y"]
    assert list(rows[0])[-1] == "error"
    assert [(row["source"], row["face"], row["error"]) for row in rows] == [
        ("a.jpg", "0", ""),
        ("a.jpg", "1", ""),
        ("bad.jpg", "", "bad.jpg: broken"),
    ]
    values = [[np.float32(row[name]) for name in ("x1", "y1", "x2", "y2", "score")] for row in rows[:2]]
    assert np.array_equal(values, np.column_stack([faces(2).boxes, faces(2).scores]))
    assert np.float32(rows[1]["mouth_right_y"]) == faces(2).landmarks[1, 4, 1]  # type: ignore[index]


def test_csv_without_landmarks_and_with_crops(tmp_path: Path) -> None:
    with CsvWriter(tmp_path / "faces.csv", crops=True) as writer:
        writer.write("a.jpg", faces(2, landmarks=False), width=9, height=9, crops=[Path("a_00.jpg"), "a_01.jpg"])
        writer.write_error("b.jpg", ImageError("b.jpg: broken"))
    with (tmp_path / "faces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["crop"] for row in rows] == ["a_00.jpg", "a_01.jpg", ""]
    assert [row["nose_x"] for row in rows] == ["", "", ""]
    assert rows[2]["error"] == "b.jpg: broken"


def test_json_with_crops_and_without_landmarks(tmp_path: Path) -> None:
    with get_writer(tmp_path / "faces.jsonl") as writer:
        writer.write("a.jpg", faces(1, landmarks=False), width=9, height=9, crops=["a_00.jpg"])
    (face,) = pictures(tmp_path / "faces.jsonl")[0]["faces"]
    assert face["crop"] == "a_00.jpg"
    assert face["landmarks"] is None


@pytest.mark.parametrize("name", ["faces.jsonl", "faces.json", "faces.csv"])
def test_as_many_crops_as_faces(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="expected 2 crops for 2 faces, got 1"), get_writer(tmp_path / name) as writer:
        writer.write("a.jpg", faces(2), width=9, height=9, crops=["one.jpg"])
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(("name", "text"), [("f.jsonl", ""), ("f.json", "[]\n"), ("f.csv", "source,face,x1")])
def test_nothing_written_is_a_complete_file(tmp_path: Path, name: str, text: str) -> None:
    with get_writer(tmp_path / name):
        pass
    assert (tmp_path / name).read_text("utf-8").startswith(text)
    assert (tmp_path / name).read_text("utf-8").count("\n") == {"f.jsonl": 0, "f.json": 1, "f.csv": 1}[name]


@pytest.mark.parametrize(
    "source", ["名前/é.jpg", 'a "quoted", name.jpg', "new\nline.jpg", os.fsdecode(b"\xff\xfe.jpg"), "=1+1"]
)
@pytest.mark.parametrize("name", ["f.jsonl", "f.json", "f.csv"])
def test_any_source_is_read_back_from_valid_utf8(tmp_path: Path, name: str, source: str) -> None:
    with get_writer(tmp_path / name) as writer:
        writer.write(source, faces(1), width=9, height=9)
    text = (tmp_path / name).read_bytes().decode("utf-8")
    if name == "f.csv":
        back = next(csv.DictReader(io.StringIO(text, newline="")))["source"]
        assert back == source.encode("utf-8", "backslashreplace").decode()
    else:
        assert pictures(tmp_path / name)[0]["source"] == source


@pytest.mark.parametrize("name", ["faces.xml", "faces", "faces.json.gz", ".csv"])
def test_an_unknown_suffix_lists_the_choices(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=r"ending in \.jsonl, \.json, \.csv, \.parquet, got"):
        get_writer(tmp_path / name)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", ["faces.jsonl", "faces.json", "faces.csv"])
def test_a_failure_midway_leaves_the_older_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("old")
    with pytest.raises(RuntimeError, match="midway"), get_writer(path) as writer:  # noqa: PT012
        writer.write("a.jpg", faces(2), width=9, height=9)
        assert path.read_text() == "old"
        assert len(names_in(tmp_path)) == 2
        raise RuntimeError("midway")
    assert path.read_text() == "old"
    assert names_in(tmp_path) == [name]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, MemoryError])
def test_any_way_to_fail_leaves_nothing_behind(tmp_path: Path, stop: type[BaseException]) -> None:
    with pytest.raises(stop), get_writer(tmp_path / "f.json") as writer:  # noqa: PT012
        writer.write("a.jpg", faces(2), width=9, height=9)
        raise stop
    assert names_in(tmp_path) == []


def test_a_number_that_json_does_not_know_is_an_error_not_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"), get_writer(tmp_path / "f.jsonl") as writer:
        writer.write("a.jpg", found([[0, 0, np.nan, 1]], [0.9]), width=9, height=9)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("kind", [JsonLinesWriter, JsonWriter, CsvWriter])
def test_streams_get_each_picture_at_once_and_stay_open(kind: type[JsonLinesWriter]) -> None:
    stream = io.StringIO()
    with kind(stream) as writer:
        writer.write("a.jpg", faces(1), width=9, height=9)
        assert "a.jpg" in stream.getvalue()
    assert not stream.closed
    assert stream.getvalue().endswith("\n")


def test_a_writer_is_closed_once_and_then_for_good(tmp_path: Path) -> None:
    writer = JsonWriter(tmp_path / "f.json")
    writer.close()
    writer.close()
    assert (tmp_path / "f.json").read_text() == "[]\n"
    with pytest.raises(ValueError, match="expected an open writer"):
        writer.write("a.jpg", faces(1), width=9, height=9)

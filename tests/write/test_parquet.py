"""Parquet, read back by pyarrow."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import facecascade.write.parquet
from facecascade.errors import ImageError, MissingExtra
from facecascade.faces import Faces
from facecascade.write import Column, ParquetWriter, get_writer

parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

MakeFaces = Callable[..., Faces]
NUMBERS = ["x1", "y1", "x2", "y2", "score"]


def rows(path: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return listed


def numbers_of(path: Path, names: list[str]) -> Any:
    table = parquet.read_table(path)
    return np.column_stack([table[name].to_numpy() for name in names])


def test_one_row_a_face_in_typed_columns(tmp_path: Path, some_faces: MakeFaces) -> None:
    with get_writer(tmp_path / "f.parquet") as writer:
        writer.write("a.jpg", some_faces(3), width=640, height=480)
        writer.write("none.jpg", Faces.empty(), width=10, height=20)
        writer.write(Path("b/b.jpg"), some_faces(1, seed=6), width=641, height=481)
    table = parquet.read_table(tmp_path / "f.parquet")
    assert [str(field.type) for field in table.schema] == ["string", *["int32"] * 3, *["float"] * 15]
    assert table.schema.names[:9] == ["source", "width", "height", "face", *NUMBERS]
    assert table.schema.names[-1] == "mouth_right_y"
    assert table["source"].to_pylist() == ["a.jpg", "a.jpg", "a.jpg", "b/b.jpg"]
    assert table["face"].to_pylist() == [0, 1, 2, 0]
    assert table["width"].to_pylist() == [640, 640, 640, 641]
    back = numbers_of(tmp_path / "f.parquet", table.schema.names[4:])
    both = [some_faces(3), some_faces(1, seed=6)]
    wanted = [np.column_stack([f.boxes, f.scores, f.landmarks.reshape(-1, 10)]) for f in both]  # type: ignore[union-attr]
    assert np.array_equal(back, np.concatenate(wanted))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.parquet"]


def test_unknown_landmarks_are_null_and_crops_are_named(tmp_path: Path, some_faces: MakeFaces) -> None:
    with ParquetWriter(tmp_path / "f.parquet", crops=True) as writer:
        writer.write("a.jpg", some_faces(2, landmarks=False), width=9, height=9, crops=[Path("x_0.jpg"), "x_1.jpg"])
        writer.write("b.jpg", some_faces(1), width=9, height=9)
    table = parquet.read_table(tmp_path / "f.parquet")
    assert table["crop"].to_pylist() == ["x_0.jpg", "x_1.jpg", None]
    assert table["nose_x"].to_pylist()[:2] == [None, None]
    assert table["nose_x"].null_count == 2
    assert table["x1"].null_count == 0


def test_errors_are_listed_beside_the_file(tmp_path: Path, some_faces: MakeFaces) -> None:
    path = tmp_path / "f.parquet"
    with get_writer(path) as writer:
        writer.write("a.jpg", some_faces(1), width=9, height=9)
        writer.write_error("b,\n.jpg", ImageError("b.jpg: broken"))
    with (tmp_path / "f.parquet.errors.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["source", "error"], ["b,\n.jpg", "b.jpg: broken"]]
    assert len(rows(path)) == 1
    with get_writer(path) as writer:
        writer.write("a.jpg", some_faces(1), width=9, height=9)
    assert not (tmp_path / "f.parquet.errors.csv").exists()


def test_the_schema_says_what_made_the_file(tmp_path: Path) -> None:
    with ParquetWriter(tmp_path / "f.parquet", metadata={"version": "1", "weights_sha256": "ab"}):
        pass
    schema = parquet.read_schema(tmp_path / "f.parquet")
    assert schema.metadata == {b"facecascade.version": b"1", b"facecascade.weights_sha256": b"ab"}
    assert rows(tmp_path / "f.parquet") == []


def test_any_name(tmp_path: Path, some_faces: MakeFaces, odd_name: str) -> None:
    with ParquetWriter(tmp_path / "f.parquet", crops=True, columns=[Column("note", "text")]) as writer:
        writer.write(odd_name, some_faces(1), width=9, height=9, crops=[odd_name], extras={"note": [odd_name]})
        writer.write_error(odd_name, ImageError(odd_name))
    as_text = odd_name.encode("utf-8", "backslashreplace").decode()
    (row,) = rows(tmp_path / "f.parquet")
    assert (row["source"], row["crop"], row["note"]) == (as_text, as_text, as_text)


def test_row_groups_hold_memory_down_and_lose_nothing(
    tmp_path: Path, some_faces: MakeFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facecascade.write.parquet, "GROUP_ROWS", 10)
    counts = [3, 0, 9, 1, 25, 4]
    with ParquetWriter(tmp_path / "f.parquet", columns=[Column("yaw", "float32")]) as writer:
        for number, count in enumerate(counts):
            yaws = np.full(count, number, np.float32)
            writer.write(f"{number}", some_faces(count, seed=number), width=9, height=9, extras={"yaw": yaws})
    table = parquet.read_table(tmp_path / "f.parquet")
    assert parquet.ParquetFile(tmp_path / "f.parquet").num_row_groups >= 4
    assert table["source"].to_pylist() == [str(n) for n, count in enumerate(counts) for _ in range(count)]
    assert table["face"].to_pylist() == [place for count in counts for place in range(count)]
    assert table["yaw"].to_pylist() == [n for n, count in enumerate(counts) for _ in range(count)]
    wanted = np.concatenate([some_faces(count, seed=number).boxes for number, count in enumerate(counts)])
    assert np.array_equal(numbers_of(tmp_path / "f.parquet", NUMBERS[:4]), wanted)


@pytest.mark.parametrize("group", [1, 7, 10, 1000])
def test_many_at_once_is_the_same_file_as_one_by_one(
    tmp_path: Path, some_faces: MakeFaces, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    monkeypatch.setattr(facecascade.write.parquet, "GROUP_ROWS", group)
    counts = [3, 0, 9, 1, 25, 0]
    faces = some_faces(sum(counts))
    matrices = np.random.default_rng(1).random((len(faces), 6))
    columns = [Column("matrix", "float64", size=6)]
    with ParquetWriter(tmp_path / "one.parquet", crops=True, columns=columns) as one:
        start = 0
        for number, count in enumerate(counts):
            part = slice(start, start + count)
            crops = [f"{row}.jpg" for row in range(part.start, part.stop)]
            extras = {"matrix": matrices[part]}
            one.write(f"{number}.jpg", faces[part], width=number, height=9, crops=crops, extras=extras)
            start += count
    with ParquetWriter(tmp_path / "many.parquet", crops=True, columns=columns) as many:
        many.write_many(
            [f"{number}.jpg" for number in range(len(counts))],
            faces,
            counts=counts,
            widths=list(range(len(counts))),
            heights=[9] * len(counts),
            crops=[f"{row}.jpg" for row in range(len(faces))],
            extras={"matrix": matrices},
        )
    assert rows(tmp_path / "many.parquet") == rows(tmp_path / "one.parquet")


def test_many_at_once_comes_after_what_was_written_before(tmp_path: Path, some_faces: MakeFaces) -> None:
    with ParquetWriter(tmp_path / "f.parquet") as writer:
        writer.write("first", some_faces(1), width=9, height=9)
        writer.write_many(["second"], some_faces(2), counts=[2], widths=[9], heights=[9])
    assert [row["source"] for row in rows(tmp_path / "f.parquet")] == ["first", "second", "second"]


@pytest.mark.parametrize("counts", [[1, 1], [4], [3, 0]])
def test_many_at_once_must_fit_together(tmp_path: Path, some_faces: MakeFaces, counts: list[int]) -> None:
    with pytest.raises(ValueError, match="expected one source"), ParquetWriter(tmp_path / "f.parquet") as writer:
        writer.write_many(["a"], some_faces(3), counts=counts, widths=[9], heights=[9])
    assert list(tmp_path.iterdir()) == []


def test_a_failure_midway_leaves_the_older_files(tmp_path: Path, some_faces: MakeFaces) -> None:
    for name in ("f.parquet", "f.parquet.errors.csv"):
        (tmp_path / name).write_text("old")
    with pytest.raises(RuntimeError), get_writer(tmp_path / "f.parquet") as writer:  # noqa: PT012
        writer.write("a.jpg", some_faces(2), width=9, height=9)
        writer.write_error("b.jpg", ImageError("broken"))
        raise RuntimeError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.parquet", "f.parquet.errors.csv"]
    assert {path.read_text() for path in tmp_path.iterdir()} == {"old"}


def test_a_full_disk_is_an_error_that_leaves_the_older_file(
    tmp_path: Path, some_faces: MakeFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.parquet"
    path.write_text("old")
    writer = ParquetWriter(path)
    writer.write("a.jpg", some_faces(2), width=9, height=9)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer._parquet, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        writer.close()
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["f.parquet"]
    with pytest.raises(ValueError, match="expected an open writer"):
        writer.write("a.jpg", some_faces(2), width=9, height=9)


def test_a_missing_pyarrow_is_named_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r'pip install "facecascade\[parquet\]"'):
        get_writer(tmp_path / "new" / "f.parquet")
    assert list(tmp_path.iterdir()) == []

"""Further columns, in the formats that carry them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecascade.errors import ImageError, SettingsError
from facecascade.faces import Faces
from facecascade.write import Column, Run, get_writer, named_writer
from facecascade.write.columns import check_columns

MakeFaces = Callable[..., Faces]

COLUMNS = (
    Column("matrix", "float64", size=6),
    Column("sharpness", "float32"),
    Column("hash", "uint64"),
    Column("track", "int32"),
    Column("frontal", "bool"),
    Column("note", "text"),
)
MATRIX = np.arange(12, dtype=np.float64).reshape(2, 6) / 3
EXTRAS: dict[str, Any] = {
    "matrix": MATRIX,
    "sharpness": np.array([0.1, np.nan], np.float32),
    "hash": np.array([2**64 - 1, 0], np.uint64),
    "track": [7, None],
    "frontal": [True, None],
    "note": ["a, b", None],
}
LISTED = {name: list(values) for name, values in EXTRAS.items()}
"""The same, as lists of single values."""


def write(path: Path, faces: Faces, extras: dict[str, Any]) -> None:
    with get_writer(path, run=Run(columns=COLUMNS, crops=True)) as writer:
        writer.write("a.jpg", faces, width=640, height=480, crops=["0.png", "1.png"], extras=extras)
        writer.write("none.jpg", Faces.empty(), width=9, height=9, extras={name: [] for name in EXTRAS})
        writer.write_error("bad.jpg", ImageError("bad.jpg: broken"))


@pytest.mark.parametrize("extras", [EXTRAS, LISTED], ids=["arrays", "lists"])
def test_json_has_them_beside_the_box(tmp_path: Path, some_faces: MakeFaces, extras: dict[str, Any]) -> None:
    write(tmp_path / "f.jsonl", some_faces(2), extras)
    picture, empty, _ = [json.loads(line) for line in (tmp_path / "f.jsonl").read_text().splitlines()]
    first, second = picture["faces"]
    assert list(first) == ["box", "score", "landmarks", "crop", *EXTRAS]
    assert first["matrix"] == MATRIX[0].tolist()
    assert (first["sharpness"], first["hash"], first["track"], first["frontal"]) == (0.1, 2**64 - 1, 7, True)
    assert (second["sharpness"], second["hash"], second["track"], second["frontal"]) == (None, 0, None, None)
    assert (first["note"], second["note"]) == ("a, b", None)
    assert empty["faces"] == []


@pytest.mark.parametrize("extras", [EXTRAS, LISTED], ids=["arrays", "lists"])
def test_csv_has_a_cell_for_each_number(tmp_path: Path, some_faces: MakeFaces, extras: dict[str, Any]) -> None:
    write(tmp_path / "f.csv", some_faces(2), extras)
    with (tmp_path / "f.csv").open(newline="") as file:
        first, second, error = csv.DictReader(file)
    matrix = [f"matrix_{place}" for place in range(6)]
    assert list(first)[17:] == ["crop", *matrix, "sharpness", "hash", "track", "frontal", "note", "error"]
    assert [float(second[name]) for name in matrix] == MATRIX[1].tolist()
    assert (first["sharpness"], first["hash"], first["track"], first["note"]) == ("0.1", str(2**64 - 1), "7", "a, b")
    assert (second["sharpness"], second["track"], second["frontal"], second["note"]) == ("", "", "", "")
    assert (error["matrix_5"], error["error"]) == ("", "bad.jpg: broken")


@pytest.mark.parametrize("extras", [EXTRAS, LISTED], ids=["arrays", "lists"])
def test_parquet_has_a_typed_column_for_each(tmp_path: Path, some_faces: MakeFaces, extras: dict[str, Any]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write(tmp_path / "f.parquet", some_faces(2), extras)
    table = parquet.read_table(tmp_path / "f.parquet")
    types = [str(table.schema.field(name).type) for name in EXTRAS]
    assert types == ["fixed_size_list<element: double>[6]", "float", "uint64", "int32", "bool", "string"]
    first, second = table.to_pylist()
    assert (first["matrix"], second["matrix"]) == (MATRIX[0].tolist(), MATRIX[1].tolist())
    assert (np.float32(first["sharpness"]), second["sharpness"]) == (np.float32(0.1), None)
    assert (first["hash"], second["hash"]) == (2**64 - 1, 0)
    assert [second[name] for name in ("track", "frontal", "note")] == [None, None, None]


def test_parquet_has_no_matrix_where_one_is_not_known(tmp_path: Path, some_faces: MakeFaces) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for number, matrix in enumerate([np.vstack([np.full(6, np.nan), MATRIX[1]]), [None, MATRIX[1]]]):
        write(tmp_path / f"{number}.parquet", some_faces(2), EXTRAS | {"matrix": matrix})
        assert parquet.read_table(tmp_path / f"{number}.parquet")["matrix"].to_pylist() == [None, MATRIX[1].tolist()]


def test_parquet_keeps_what_arrays_held_when_they_were_written(tmp_path: Path, some_faces: MakeFaces) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    values = np.array([1.0, 2.0], np.float32)
    with get_writer(tmp_path / "f.parquet", run=Run(columns=[Column("yaw", "float32")])) as writer:
        writer.write("a.jpg", some_faces(2), width=640, height=480, extras={"yaw": values})
        values[:] = 9
    assert parquet.read_table(tmp_path / "f.parquet")["yaw"].to_pylist() == [1, 2]


def test_coco_has_them_in_the_annotations(tmp_path: Path, some_faces: MakeFaces) -> None:
    with named_writer(f"coco:{tmp_path / 'f.json'}", run=Run(columns=COLUMNS)) as writer:
        writer.write("a.jpg", some_faces(2), width=640, height=480, extras=EXTRAS)
    first, second = json.loads((tmp_path / "f.json").read_text())["annotations"]
    assert (first["hash"], first["matrix"], second["track"]) == (2**64 - 1, MATRIX[0].tolist(), None)


@pytest.mark.parametrize("order", ["yolo:here", "wider:here", "wider:f.txt", "xmp:here"])
def test_formats_without_a_place_for_them_pass_over_them(
    order: str, tmp_path: Path, some_faces: MakeFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with named_writer(order, run=Run(columns=COLUMNS)) as writer:
        writer.write("a.jpg", some_faces(2), width=640, height=480, extras=EXTRAS)
    assert len(list(tmp_path.rglob("*a*.*"))) == (1 if order != "wider:f.txt" else 0) + (order == "yolo:here") * 2


@pytest.mark.parametrize("name", ["f.csv", "f.jsonl", "f.json", "f.parquet"])
@pytest.mark.parametrize(
    ("extras", "message"),
    [
        (None, "expected values for the columns yaw, got none"),
        ({"roll": [1, 2]}, "expected values for the columns yaw, got roll"),
        ({"yaw": [1, 2], "roll": [1, 2]}, "got yaw, roll"),
        ({"yaw": [1]}, "expected 2 values of yaw for 2 faces, got 1"),
    ],
)
def test_other_values_than_those_of_the_columns(
    tmp_path: Path, some_faces: MakeFaces, name: str, extras: dict[str, Any] | None, message: str
) -> None:
    if name == "f.parquet":
        pytest.importorskip("pyarrow")
    with (
        pytest.raises(ValueError, match=message),
        get_writer(tmp_path / name, run=Run(columns=[Column("yaw", "float32")])) as writer,
    ):
        writer.write("a.jpg", some_faces(2), width=640, height=480, extras=extras)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["f.csv", "f.jsonl", "f.parquet"])
def test_lists_of_another_length(tmp_path: Path, some_faces: MakeFaces, name: str) -> None:
    if name == "f.parquet":
        pytest.importorskip("pyarrow")
    columns = [Column("matrix", "float64", size=6)]
    with pytest.raises(ValueError, match="matrix"), get_writer(tmp_path / name, run=Run(columns=columns)) as writer:
        writer.write("a.jpg", some_faces(2), width=640, height=480, extras={"matrix": np.zeros((2, 5))})
    assert list(tmp_path.iterdir()) == []


def test_columns_that_cannot_be() -> None:
    for name in ("", "source", "x1", "nose_x", "bbox"):
        with pytest.raises(SettingsError, match="expected a column name that is not taken"):
            Column(name, "float32")
    with pytest.raises(SettingsError, match="expected a column of float32, float64"):
        Column("yaw", "degrees")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="got 2 of text"):
        Column("names", "text", size=2)
    with pytest.raises(SettingsError, match="expected columns of different names, got m_0, m_1, m_1"):
        check_columns([Column("m", "float32", size=2), Column("m_1", "float32")])

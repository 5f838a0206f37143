"""Pictures in the rows of Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from tests.extract.rows import picture, put

from facecascade.distributed.tables import ROWS, table_entries
from facecascade.errors import ImageError
from facecascade.read import Entry
from facecascade.read.find import file_kind


def entries(path: Path, skip: set[str] | None = None) -> list[Entry]:
    table = Entry(str(path), str(path), file_kind(str(path)))
    return list(table_entries(table, skip=(skip or set()).__contains__))


def write(path: Path, **columns: Any) -> Path:
    parquet.write_table(arrow.table(columns), path)
    return path


def encoded(folder: Path, seed: int) -> bytes:
    put(folder / "one.png", 1, seed)
    return (folder / "one.png").read_bytes()


def test_rows_are_pictures_with_names(tmp_path: Path) -> None:
    data = [encoded(tmp_path, seed) for seed in range(3)]
    names = ["a/b.png", "a/b.png", "../c"]
    found = entries(write(tmp_path / "t.parquet", label=["x", "y", "z"], image=data, key=names))
    table = str(tmp_path / "t.parquet")
    assert [entry.id for entry in found] == [f"{table}/a/b.png", f"{table}/a/b.png/~2", f"{table}/c"]
    assert {entry.container for entry in found} == {table}
    for seed, entry in enumerate(found):
        assert (entry.read() == picture(1, seed)).all()


def test_structs_as_data_sets_of_pictures_have_them(tmp_path: Path) -> None:
    rows = [{"bytes": encoded(tmp_path, 0), "path": "x.png"}, {"bytes": encoded(tmp_path, 1), "path": None}]
    found = entries(write(tmp_path / "t.parquet", image=rows))
    assert [Path(entry.id).name for entry in found] == ["x.png", "000000001"]


def test_more_rows_than_are_read_at_once(tmp_path: Path) -> None:
    count = 2 * ROWS + 1
    path = write(tmp_path / "t.parquet", jpg=[encoded(tmp_path, 0)] * count)
    assert len({entry.id for entry in entries(path)}) == count
    done = {f"{path}/{number:09d}" for number in range(count - 1)}
    assert [Path(entry.id).name for entry in entries(path, skip=done)] == [f"{count - 1:09d}"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [({"a": [1]}, "a column of encoded pictures is missing among a"), (None, "expected a table of pictures")],
)
def test_what_is_no_table_of_pictures_is_an_error(tmp_path: Path, columns: Any, message: str) -> None:
    path = tmp_path / "t.parquet"
    if columns is None:
        path.write_bytes(b"broken")
    else:
        write(path, **columns)
    (entry,) = entries(path)
    assert entry.id == str(path)
    with pytest.raises(ImageError, match=message):
        entry.read()


def test_a_row_without_a_picture_is_an_error(tmp_path: Path) -> None:
    (first, second) = entries(write(tmp_path / "t.parquet", image=[None, encoded(tmp_path, 1)]))
    with pytest.raises(ImageError, match="a row without one"):
        first.read()
    assert second.read().shape == (80, 100, 3)

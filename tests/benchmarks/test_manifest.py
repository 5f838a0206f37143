"""The manifests that are measured against each other hold the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.manifest import KINDS

parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")


def test_all_write_the_same_columns_and_rows(tmp_path: Path) -> None:
    tables = {}
    for kind, prepare in KINDS.items():
        prepare(tmp_path / kind, 30)()
        tables[kind] = parquet.read_table(tmp_path / kind)
    job = tables.pop("a job")
    assert {str(table.schema.remove_metadata()) for table in tables.values()} == {str(tables["write"].schema)}
    assert tables["pyarrow"].equals(tables["write_many"])
    names = ["source", "width", "height", "face", "crop", "track"]
    assert tables["write"].select(names).equals(tables["pyarrow"].select(names))
    assert tables["write"].num_rows == 30
    assert set(job.column_names) == {*tables["write"].column_names, "duplicate_of", "time", "captured"}
    assert job.select(names[:-1]).equals(tables["pyarrow"].select(names[:-1]))

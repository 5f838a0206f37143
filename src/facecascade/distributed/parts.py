"""What is done, as rows of Parquet files beside the crops: `records_table`, `table_records`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from facecascade.extract.record import FACE, Record, Stamp
from facecascade.extras import load

FIELDS: Final = (
    *(("key", "string"), ("path", "string"), ("size", "int64"), ("mtime", "int64")),
    *(("width", "int32"), ("height", "int32"), ("faces", "binary"), ("name", "string")),
    *(("captured", "string"), ("orientation", "int8"), ("container", "string"), ("time", "float64")),
    *(("error", "string"), ("whole", "bool_")),
)
"""A row is a picture, with the columns of the journal; or, where `whole` is true, a file of which all is done."""


class Container(NamedTuple):
    """An archive, a table, a video or an animated picture of which all is done."""

    key: str
    stamp: Stamp


def records_table(some: Sequence[Record | Container]) -> Any:
    """An Arrow table of `FIELDS`."""
    arrow = load("pyarrow", feature="a distributed job", extra="ray")
    rows = [_whole(one) if isinstance(one, Container) else _row(one) for one in some]
    schema = arrow.schema([(name, getattr(arrow, kind)()) for name, kind in FIELDS])
    columns = zip(*rows, strict=True) if rows else [()] * len(FIELDS)
    arrays = [arrow.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return arrow.table(arrays, schema=schema)


def table_records(table: Any) -> Iterator[Record | Container]:
    """What such a table was made of."""
    for row in table.to_pylist():
        stamp = None if row["size"] is None else Stamp(row["size"], row["mtime"])
        if row["whole"]:
            assert stamp is not None, "what has no stamp is never done"
            yield Container(row["key"], stamp)
            continue
        faces = np.frombuffer(row["faces"], FACE)
        kept = {name: row[name] for name in row.keys() - {"size", "mtime", "faces", "whole"}}
        yield Record(**kept, stamp=stamp, faces=faces)


def to_bytes(table: Any) -> bytes:
    """A Parquet file of a table."""
    parquet = load("pyarrow.parquet", feature="a distributed job", extra="ray")
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def from_bytes(data: bytes) -> Any:
    """The table of a Parquet file."""
    parquet = load("pyarrow.parquet", feature="a distributed job", extra="ray")
    return parquet.read_table(io.BytesIO(data))


def _row(record: Record) -> tuple[Any, ...]:
    size, mtime = record.stamp or (None, None)
    return (
        *(record.key, record.path, size, mtime, record.width, record.height, record.faces.tobytes(), record.name),
        *(record.captured, record.orientation, record.container, record.time, record.error, False),
    )


def _whole(container: Container) -> tuple[Any, ...]:
    key, stamp = container
    return (key, key, *stamp, 0, 0, b"", None, None, 1, None, None, None, True)

"""Pictures in the rows of Parquet files: `table_entries`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any, Final

from facecascade.distributed.sources import fail
from facecascade.extras import load
from facecascade.read import Entry, printable
from facecascade.read.entries import Skip, reason
from facecascade.read.members import NO_NAME

SUFFIX: Final = ".parquet"
ROWS: Final = 16
"""Pictures that are read at once."""
PICTURES: Final = ("image", "picture", "jpg", "jpeg", "png", "webp", "bytes", "content", "data")
"""Columns that hold encoded pictures, binary or structs with `bytes` and perhaps `path`; the first one counts."""
NAMES: Final = ("id", "key", "__key__", "path", "file_name", "filename", "name", "url")
"""Columns that hold a name; the first one counts. Without any a picture is named by the number of its row."""


def is_table(entry: Entry) -> bool:
    """Whether it is a Parquet file."""
    return entry.path.lower().endswith(SUFFIX)


def table_entries(table: Entry, *, skip: Skip) -> Iterator[Entry]:
    """The pictures of a Parquet file, in its order, `ROWS` of them at a time; each holds its encoded file.

    A picture is called by its name in the table, below the id of the file: "shard.parquet/day1/a.jpg". The second of a
    name is "name/~2". A file that cannot be read is an entry of its own id, whose reading says so, after those before.

    Args:
        table: the file.
        skip: pictures to pass over, by id.
    """
    seen: dict[str, int] = {}
    rows = _rows(table)
    while True:
        try:
            name, data = next(rows)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - each compression has errors of its own
            yield _failing(table.id, table.path, f"expected a table of pictures, got: {reason(error)}")
            return
        seen[name] = seen.get(name, 0) + 1
        inner = name if seen[name] == 1 else f"{name}/~{seen[name]}"
        path = f"{table.path}/{inner}"
        identity = printable(path)
        if skip(identity):
            continue
        if data is None:
            yield _failing(identity, path, "expected a picture, got a row without one", container=table.id)
        else:
            yield Entry(identity, path, container=table.id, opener=partial(BytesIO, data))


def _failing(identity: str, path: str, problem: str, *, container: str | None = None) -> Entry:
    return Entry(identity, path, "error", container, opener=partial(fail, f"{identity}: {problem}"))


def _rows(table: Entry) -> Iterator[tuple[str, bytes | None]]:
    parquet = load("pyarrow.parquet", feature="tables of pictures", extra="ray")
    with table.open() as file, parquet.ParquetFile(file) as opened:
        picture, name = _columns(opened.schema_arrow)
        number = 0
        for batch in opened.iter_batches(ROWS, columns=[picture, *([name] if name else [])]):
            pictures = batch.column(picture).to_pylist()
            names = batch.column(name).to_pylist() if name else [None] * len(pictures)
            for value, called in zip(pictures, names, strict=True):
                data, path = (value.get("bytes"), value.get("path")) if isinstance(value, dict) else (value, None)
                yield _inner(called if called is not None else path) or f"{number:09d}", data
                number += 1


def _inner(name: Any) -> str:
    """A name less what would lead elsewhere, as of members of archives."""
    text = "" if name is None else str(name)
    return "/".join(part for part in text.replace("\\", "/").replace("\0", "_").split("/") if part not in NO_NAME)


def _columns(schema: Any) -> tuple[str, str | None]:
    arrow = load("pyarrow", feature="tables of pictures", extra="ray")
    kinds = arrow.types

    def holds_pictures(kind: Any) -> bool:
        if kinds.is_struct(kind):
            return any(field.name == "bytes" and holds_pictures(field.type) for field in kind)
        return bool(kinds.is_binary(kind) or kinds.is_large_binary(kind))

    found = [field.name for field in schema if holds_pictures(field.type)]
    if not found:
        raise ValueError(f"a column of encoded pictures is missing among {', '.join(schema.names) or 'none'}")
    best = next((name for name in PICTURES if name in found), found[0])
    return best, next((name for name in NAMES if name in schema.names), None)

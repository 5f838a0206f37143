"""The lists of all faces and of all errors, as Parquet datasets at the destination: `write_datasets`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from facecascade.distributed.parts import to_bytes
from facecascade.distributed.places import Place
from facecascade.extract.journal import Journal
from facecascade.extract.links import Links
from facecascade.extract.manifest import COLUMNS, list_together
from facecascade.extract.root import Root
from facecascade.extras import load
from facecascade.write import ParquetWriter, Writer
from facecascade.write.parquet import GROUP_ROWS

FACES: Final = "faces.parquet"
ERRORS: Final = "errors.parquet"
"""Folders; with these names they are read as one table is."""
COMPLETE: Final = "_SUCCESS"
"""There while a dataset is complete."""
MOST_ERRORS: Final = 1 << 17
"""Errors in one file."""


def write_datasets(
    journal: Journal,
    destination: Place,
    *,
    scratch: Path,
    best_per_track: bool,
    rows: int,
    writers: Sequence[Writer] = (),
) -> Links:
    """Both lists, sorted by the keys of the pictures, in place of older ones.

    Args:
        journal: what is done.
        destination: where they go: the folders `FACES` and `ERRORS`.
        scratch: a folder for the list of faces while it grows.
        best_per_track: of videos, the crops of all but the best face of each track go.
        rows: faces in a file, about: whole row groups.
        writers: are given all faces too; made with `COLUMNS`, and not closed.

    Raises:
        OSError: the destination cannot be written to.
    """
    run = journal.run()
    assert run is not None, "a job begins one"
    metadata = {"version": run.software.rpartition(" ")[2], "weights_sha256": run.weights}
    listed = scratch / FACES
    with ParquetWriter(listed, crops=True, columns=COLUMNS, metadata=metadata) as writer:
        links = list_together(journal, [writer, *writers], best_per_track=best_per_track)
    _write(destination, FACES, _groups(listed, rows))
    _write(destination, ERRORS, _errors(journal))
    return links


def _write(destination: Place, folder: str, tables: Iterator[Any]) -> None:
    """Each table a file; what was there before and has no successor goes, and the mark of completeness meanwhile."""
    destination.remove(f"{folder}/{COMPLETE}")
    written = set()
    for number, table in enumerate(tables):
        name = f"{folder}/part-{number:06d}.parquet"
        destination.put(name, to_bytes(table))
        written.add(name)
    for name in destination.names(folder):
        if name not in written:
            destination.remove(name)
    destination.put(f"{folder}/{COMPLETE}", b"")


def _groups(file: Path, rows: int) -> Iterator[Any]:
    parquet = load("pyarrow.parquet", feature="Parquet", extra="ray")
    a_file = max(1, rows // GROUP_ROWS)
    with parquet.ParquetFile(file) as opened:
        groups = range(opened.num_row_groups)
        for start in groups[::a_file]:
            yield opened.read_row_groups(list(groups[start : start + a_file]))
        if not groups:
            yield opened.schema_arrow.empty_table()


def _errors(journal: Journal) -> Iterator[Any]:
    arrow = load("pyarrow", feature="Parquet", extra="ray")
    root = journal.root() or Root.of(())
    schema = arrow.schema([("source", arrow.string()), ("error", arrow.string())])
    rows: list[dict[str, Any]] = []
    first = True
    for record in journal.records():
        if record.error is not None:
            rows.append({"source": root.identity(record.key), "error": record.error})
        if len(rows) == MOST_ERRORS:
            yield arrow.Table.from_pylist(rows, schema=schema)
            rows, first = [], False
    if rows or first:
        yield arrow.Table.from_pylist(rows, schema=schema)

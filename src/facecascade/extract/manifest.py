"""All faces of a journal, to tables and to other formats: `list_faces`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError
from facecascade.extract.journal import SUFFIX, Journal
from facecascade.extract.record import Record, unpacked
from facecascade.extract.root import Root
from facecascade.read.entries import unprintable
from facecascade.write import Column, ParquetWriter, Writer

COLUMNS: Final = (
    Column("matrix", "float64", size=6),
    Column("sharpness", "float32"),
    Column("roll", "float32"),
    Column("yaw", "float32"),
    Column("hash", "uint64"),
    Column("time", "float64"),
    Column("captured", "text"),
)
"""What is known of each face beside box, score, landmarks and crop.

The rows of the matrix from the picture to the crop, the fields of `Measures`, the time of a video's frame in seconds,
and when a picture was taken.
"""

BLOCK: Final = 4096
"""Pictures that are listed at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A picture as writers take it: what outputs call it, its path, and its EXIF orientation."""

    id: str
    path: str
    orientation: int

    def __fspath__(self) -> str:
        return self.path


def list_faces(journal: Journal, writers: Sequence[Writer]) -> None:
    """Give all pictures of a journal to some writers, by key; memory does not grow with their number.

    Args:
        journal: what is done.
        writers: made with `COLUMNS`; they are not closed.
    """
    root, suffix, records = journal.root() or Root.of(()), journal.about(SUFFIX) or "", journal.records()
    while block := list(islice(records, BLOCK)):
        listed = [_listed(one, root) for one in block]
        for writer in writers:
            if isinstance(writer, ParquetWriter):
                _write_block(writer, block, listed, suffix=suffix)
            else:
                _write_each(writer, block, listed, suffix=suffix)


def _listed(record: Record, root: Root) -> Listed:
    return Listed(root.identity(record.key), unprintable(root.identity(record.path)), record.orientation)


def _write_block(writer: ParquetWriter, block: Sequence[Record], listed: Sequence[Listed], *, suffix: str) -> None:
    for one, source in zip(block, listed, strict=True):
        if one.error is not None:
            writer.write_error(source, ImageError(one.error))
    kept = [(one, source) for one, source in zip(block, listed, strict=True) if len(one.faces)]
    if not kept:
        return
    records = [one for one, _ in kept]
    rows = np.concatenate([one.faces for one in records])
    counts = [len(one.faces) for one in records]
    writer.write_many(
        [source for _, source in kept],
        unpacked(rows),
        counts=counts,
        widths=[one.width for one in records],
        heights=[one.height for one in records],
        crops=[crop for one in records for crop in one.crops(suffix)],
        extras={**_measured(rows), **_told(records, counts)},
    )


def _write_each(writer: Writer, block: Iterable[Record], listed: Iterable[Listed], *, suffix: str) -> None:
    for one, source in zip(block, listed, strict=True):
        if one.error is not None:
            writer.write_error(source, ImageError(one.error))
            continue
        writer.write(
            source,
            unpacked(one.faces),
            width=one.width,
            height=one.height,
            crops=one.crops(suffix),
            extras={**_measured(one.faces), **_told([one], [len(one.faces)])},
        )


def _measured(rows: NDArray[np.void]) -> dict[str, Any]:
    columns = {name: np.ascontiguousarray(rows[name]) for name in ("sharpness", "roll", "yaw", "hash")}
    return {"matrix": np.ascontiguousarray(rows["matrix"]).reshape(-1, 6), **columns}


def _told(records: Sequence[Record], counts: Sequence[int]) -> dict[str, Any]:
    times = np.array([np.nan if one.time is None else one.time for one in records])
    captured = [one.captured for one in records]
    return {
        "time": np.repeat(times, counts),
        "captured": [text for text, count in zip(captured, counts, strict=True) for _ in range(count)],
    }

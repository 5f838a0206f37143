"""All faces of a journal, to tables and to other formats, and back to what a run tells: `list_faces`, `outcomes`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError
from facecascade.extract.detections import Unreadable
from facecascade.extract.extracted import Extracted
from facecascade.extract.journal import SUFFIX, Journal
from facecascade.extract.links import NO_TRACK, Links, link
from facecascade.extract.record import Record, joined, measures_of, unpacked
from facecascade.extract.root import Root
from facecascade.read.entries import unprintable
from facecascade.write import Column, ParquetWriter, Writer

COLUMNS: Final = (
    Column("matrix", "float64", size=6),
    Column("sharpness", "float32"),
    Column("roll", "float32"),
    Column("yaw", "float32"),
    Column("hash", "uint64"),
    Column("duplicate_of", "text"),
    Column("time", "float64"),
    Column("track", "text"),
    Column("captured", "text"),
)
"""What is known of each face beside box, score, landmarks and crop.

The rows of the matrix from the picture to the crop; the fields of `Measures`; the crop of the earliest face that this
one is a near duplicate of; of frames their time in seconds and the track in their video; when a picture was taken.
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


class Row(NamedTuple):
    """A picture of a journal with what its faces have to do with others."""

    source: Listed
    record: Record
    """Its faces are those that are kept."""
    crops: list[str]
    duplicate_of: list[str | None]
    tracks: list[str | None]


def list_faces(journal: Journal, links: Links, writers: Sequence[Writer]) -> None:
    """Give all pictures of a journal to some writers, by key.

    Args:
        journal: what is done.
        links: of its faces.
        writers: made with `COLUMNS`; they are not closed.
    """
    listed = rows(journal, links)
    while block := list(islice(listed, BLOCK)):
        for writer in writers:
            if isinstance(writer, ParquetWriter):
                _write_block(writer, block)
            else:
                _write_each(writer, block)


def list_together(journal: Journal, writers: Sequence[Writer], *, best_per_track: bool) -> Links:
    """All that is made of the pictures of a journal together: links, and the list of all faces.

    Args:
        journal: what is done.
        writers: as in `list_faces`.
        best_per_track: of videos, the crops of all but the best face of each track go.
    """
    links = link(journal, best_per_track=best_per_track)
    journal.leave_over(dropped_crops(journal, links))
    journal.drop_leftovers()
    list_faces(journal, links, writers)
    return links


def outcomes(journal: Journal, links: Links) -> Iterator[Extracted | Unreadable]:
    """What the runs of a journal told, by key."""
    for source, record, crops, _, _ in rows(journal, links):
        if record.error is not None:
            yield Unreadable(source, ImageError(f"{source.id}: {record.error}"))
            continue
        yield Extracted(
            source=source,
            width=record.width,
            height=record.height,
            faces=unpacked(record.faces),
            crops=tuple(map(Path, crops)),
            matrices=np.ascontiguousarray(record.faces["matrix"]),
            measures=measures_of(record.faces),
            captured=record.captured,
        )


def rows(journal: Journal, links: Links) -> Iterator[Row]:
    """All pictures of a journal, by key."""
    root, suffix = journal.root() or Root.of(()), journal.about(SUFFIX) or ""
    named = _Named(links)
    all_kept, tracked = bool(links.kept.all()), links.track_count > 0
    start = 0
    for record in journal.records():
        stop = start + len(record.faces)
        crops = record.crops(suffix)
        duplicates = named.duplicates(start, crops)
        tracks: list[str | None] = [None] * len(crops)
        if tracked:
            tracks = [_track(record, number) for number in links.tracks[start:stop].tolist()]
        source = Listed(root.identity(record.key), unprintable(root.identity(record.path)), record.orientation)
        if not all_kept and not (kept := links.kept[start:stop]).all():
            crops = list(compress(crops, kept))
            duplicates, tracks = (list(compress(column, kept)) for column in (duplicates, tracks))
            record = replace(record, faces=record.faces[kept])
        yield Row(source, record, crops, duplicates, tracks)
        start = stop


def dropped_crops(journal: Journal, links: Links) -> Iterator[str]:
    """The files of faces that are not kept."""
    suffix, start = journal.about(SUFFIX) or "", 0
    if links.kept.all():
        return
    for record in journal.records():
        stop = start + len(record.faces)
        yield from compress(record.crops(suffix), ~links.kept[start:stop])
        start = stop


class _Named:
    """Crops of faces that others are duplicates of, remembered until the last of these has come."""

    def __init__(self, links: Links) -> None:
        self._duplicates = links.duplicates
        self._wanted = set(np.unique(links.duplicates[links.duplicates >= 0]).tolist())
        self._crops: dict[int, str] = {}

    def duplicates(self, start: int, crops: Sequence[str]) -> list[str | None]:
        """Of the faces from `start` on, whose crops these are."""
        if not self._wanted:
            return [None] * len(crops)
        for place, crop in enumerate(crops, start):
            if place in self._wanted:
                self._crops[place] = crop
        return [self._crops.get(of) for of in self._duplicates[start : start + len(crops)].tolist()]


def _track(record: Record, number: int) -> str | None:
    return None if number == NO_TRACK else f"{record.container}#{number}"


def _write_block(writer: ParquetWriter, block: Sequence[Row]) -> None:
    for row in block:
        if row.record.error is not None:
            writer.write_error(row.source, ImageError(row.record.error))
    kept = [row for row in block if row.crops]
    if not kept:
        return
    faces = joined(row.record.faces for row in kept)
    writer.write_many(
        [row.source for row in kept],
        unpacked(faces),
        counts=[len(row.crops) for row in kept],
        widths=[row.record.width for row in kept],
        heights=[row.record.height for row in kept],
        crops=[crop for row in kept for crop in row.crops],
        extras=_extras(faces, kept),
    )


def _write_each(writer: Writer, block: Sequence[Row]) -> None:
    for row in block:
        source, record = row.source, row.record
        if record.error is not None:
            writer.write_error(source, ImageError(record.error))
            continue
        extras = _extras(record.faces, [row])
        size = {"width": record.width, "height": record.height}
        writer.write(source, unpacked(record.faces), **size, crops=row.crops, extras=extras)


def _extras(faces: NDArray[np.void], some: Sequence[Row]) -> dict[str, Any]:
    counts = [len(row.crops) for row in some]
    times = np.array([np.nan if row.record.time is None else row.record.time for row in some])
    captured = [row.record.captured for row in some]
    return {
        "matrix": np.ascontiguousarray(faces["matrix"]).reshape(-1, 6),
        **{name: np.ascontiguousarray(faces[name]) for name in ("sharpness", "roll", "yaw", "hash")},
        "duplicate_of": [crop for row in some for crop in row.duplicate_of],
        "time": np.repeat(times, counts),
        "track": [track for row in some for track in row.tracks],
        "captured": [text for text, count in zip(captured, counts, strict=True) for _ in range(count)],
    }

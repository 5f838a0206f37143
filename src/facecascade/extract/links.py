"""What faces of different pictures have to do with each other: `Links`, tracks of videos and near duplicates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.extract.duplicates import DISTANCE, near_duplicates
from facecascade.extract.journal import Journal
from facecascade.extract.record import Record, joined
from facecascade.extract.tracks import Tracking, best_of_tracks, link_faces

NO_TRACK: Final = -1
BLOCK: Final = 4096
"""Pictures that are looked at together."""


class Links(NamedTuple):
    """For all faces of a journal, in the order of its records.

    Attributes:
        tracks: (n,) int64, the track of a face in its video; -1 for faces of pictures.
        duplicates: (n,) int64, the earliest near duplicate of a face by its place; -1 for faces that stand for
            themselves.
        kept: (n,) bool, False for faces of videos that are not the best of their track, where only those are wanted.
        track_count: how many tracks there are in all videos together.
    """

    tracks: NDArray[np.int64]
    duplicates: NDArray[np.int64]
    kept: NDArray[np.bool_]
    track_count: int

    @property
    def duplicate_count(self) -> int:
        """How many faces are near duplicates of others that are kept."""
        return int(np.count_nonzero((self.duplicates >= 0) & self.kept))


@dataclass
class _Columns:
    """What is collected of all faces."""

    hashes: list[NDArray[np.uint64]] = field(default_factory=list)
    tracks: list[NDArray[np.int64]] = field(default_factory=list)
    kept: list[NDArray[np.bool_]] = field(default_factory=list)
    track_count: int = 0


def link(
    journal: Journal, *, best_per_track: bool = False, distance: int = DISTANCE, tracking: Tracking | None = None
) -> Links:
    """Go through a journal once, and link its faces.

    Args:
        journal: what is done.
        best_per_track: keep only the best face of each track of the videos that are done to their end; see
            `best_of_tracks`. Of others all are kept, since a better one may come.
        distance: bits by which hashes of near duplicates may differ.
        tracking: when faces of neighbouring frames are one face.
    """
    complete = {key for key, _ in journal.containers()} if best_per_track else set()
    columns = _Columns()
    for container, records in groupby(journal.records(), key=_video):
        if container is None:
            _add_pictures(columns, records)
        else:
            _add_video(columns, list(records), tracking, only_best=container in complete)
    hashes = _joined(columns.hashes, np.uint64)
    kept = _joined(columns.kept, np.bool_)
    return Links(_joined(columns.tracks, np.int64), _duplicates(hashes, kept, distance), kept, columns.track_count)


def _video(record: Record) -> str | None:
    return None if record.time is None else record.container


def _add_pictures(columns: _Columns, records: Iterator[Record]) -> None:
    while some := [record.faces for record in islice(records, BLOCK)]:
        faces = joined(some)
        columns.hashes.append(faces["hash"].copy())
        columns.tracks.append(np.full(len(faces), NO_TRACK, np.int64))
        columns.kept.append(np.ones(len(faces), np.bool_))


def _add_video(columns: _Columns, records: list[Record], tracking: Tracking | None, *, only_best: bool) -> None:
    times = np.array([record.time or 0.0 for record in records])
    order = np.argsort(times, kind="stable")
    linked = link_faces(times[order], boxes=[records[place].faces["box"] for place in order], tracking=tracking)
    in_order = sorted(zip(order, linked, strict=True), key=lambda one: int(one[0]))
    tracks = _joined([numbers for _, numbers in in_order], np.int64)
    faces = joined(record.faces for record in records)
    columns.hashes.append(faces["hash"].copy())
    columns.tracks.append(tracks)
    columns.track_count += int(tracks.max(initial=-1)) + 1
    columns.kept.append(_best(tracks, faces) if only_best else np.ones(len(faces), np.bool_))


def _best(tracks: NDArray[np.int64], faces: NDArray[np.void]) -> NDArray[np.bool_]:
    box = faces["box"]
    size = np.minimum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    return best_of_tracks(
        tracks,
        sharpness=faces["sharpness"],
        yaw=faces["yaw"],
        roll=faces["roll"],
        score=faces["score"],
        size=size,
    )


def _duplicates(hashes: NDArray[np.uint64], kept: NDArray[np.bool_], distance: int) -> NDArray[np.int64]:
    """Among the faces that are kept."""
    places = np.flatnonzero(kept)
    found = near_duplicates(hashes[places], distance=distance)
    duplicates = np.full(len(hashes), -1, np.int64)
    duplicates[places] = np.where(found >= 0, places[found], -1)
    return duplicates


def _joined(parts: list[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, kind), *parts])

"""What one process of a cluster does: `Task`, which says what, and `Actor`, which does one unit after the other."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from facecascade.distributed.ledger import MOST_TRIES, Ledger
from facecascade.distributed.parts import records_table
from facecascade.distributed.places import Place
from facecascade.distributed.sinks import FileSink, Layout, ShardSink, Sink
from facecascade.distributed.sources import fail, stored_entry
from facecascade.distributed.tables import is_table, table_entries
from facecascade.distributed.units import Item, Unit
from facecascade.errors import ImageError
from facecascade.extract.agreement import FaceDetector
from facecascade.extract.detections import Detected, Unreadable, detect_each
from facecascade.extract.names import folded, free_name
from facecascade.extract.origins import Keys, Left, Origins
from facecascade.extract.record import Record
from facecascade.extract.work import ExtractOptions, Harvest, Work, record_of
from facecascade.read import Entry, Frames, Sampling, expand, read_ahead, read_metadata
from facecascade.read.entries import Skip

AHEAD: Final = 2
"""Pictures that are decoded ahead of the detector, a thread."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What all actors of a job have to know; it may be pickled.

    Attributes:
        detector: makes the detector of an actor.
        options: how faces are chosen, cut out and kept.
        keys: what the journal calls pictures.
        stored: where the pictures are, if not on a file system of every machine.
        folder: the current one of the driver, which relative paths start at.
        destination: where results go.
        frames: of animated pictures, "first" or "all".
        sampling: which frames of videos.
        max_pixels: larger pictures count as unreadable.
        readers: threads of an actor that read and decode.
        layout: crops as "files" or in "shards".
        pictures: so many are committed together, of files.
        shard_bytes: size of a shard.
    """

    detector: Callable[[], FaceDetector]
    options: ExtractOptions
    keys: Keys
    stored: Place | None
    folder: str
    destination: Place
    frames: Frames
    sampling: Sampling
    max_pixels: int
    readers: int
    layout: Layout
    pictures: int
    shard_bytes: int

    def entry(self, item: Item) -> Entry:
        """A file that is to be done."""
        if item.problem is not None:
            return Entry(item.id, item.path, "error", opener=partial(fail, item.problem))
        if self.stored is None:
            return Entry(item.id, item.path, item.kind)
        return stored_entry(self.stored, item.path[len(self.stored.url) + 1 :], item.kind)

    def expanded(self, entry: Entry, /, *, skip: Skip) -> Iterator[Entry]:
        """The pictures in a file."""
        if is_table(entry) and entry.kind == "picture":
            return table_entries(entry, skip=skip)
        found = expand([entry], frames=self.frames, sampling=self.sampling, skip=skip, max_pixels=self.max_pixels)
        return iter(found)

    def sink(self, ledger: Ledger, unit: str) -> Sink:
        """Where the crops of a unit go."""
        if self.layout == "shards":
            name = f"{unit.replace('/', '-')}-{ledger.name}"
            return ShardSink(self.destination, name=name, shard_bytes=self.shard_bytes)
        return FileSink(self.destination, pictures=1 if ledger.is_careful else self.pictures)


class Actor:
    """Does one unit after the other, with a detector of its own; for `map_batches`.

    Args:
        task: what there is to do.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._detector = task.detector()
        self._work = Work(task.options, metadata=partial(read_metadata, keep_exif=task.options.keep_exif))

    def __call__(self, batch: Any) -> Any:
        """A table with one row, a pickled `Unit`, to the table of its records."""
        unit: Unit = pickle.loads(batch.column("unit")[0].as_py())  # noqa: S301  # of the process that asks
        return records_table(self.do(unit).kept)

    def do(self, unit: Unit) -> Ledger:
        """All of a unit that earlier tries have not done.

        Raises:
            OSError: the destination cannot be written to.
        """
        ledger = Ledger(self._task.destination, unit=unit.name, known=unit.known)
        if not ledger.is_done:
            _Doing(self._task, unit, ledger, detector=self._detector, work=self._work).all()
        return ledger


class _Doing:
    """One unit in work."""

    def __init__(self, task: Task, unit: Unit, ledger: Ledger, *, detector: FaceDetector, work: Work) -> None:
        self._task = task
        self._ledger = ledger
        self._detector = detector
        self._work = work
        self._items = unit.items
        self._origins = Origins(ledger, keys=task.keys)
        self._sink = task.sink(ledger, unit.name)
        self._records: list[Record] = []
        given = [one.name for one in ledger.kept if isinstance(one, Record) and one.name is not None]
        self._taken = set(unit.taken) | {folded(self._sink.plain(name)) for name in given}
        self._own = {item.key: item.name for item in unit.items if item.name is not None}
        self._name_for = self._sink.named(self._free_name)

    def all(self) -> None:
        for outcome in self._carefully() if self._ledger.is_careful else self._quickly():
            self._keep(outcome)
            if self._sink.is_full:
                self._commit()
        self._origins.finish()
        self._commit(end=True)

    def _commit(self, *, end: bool = False) -> None:
        """Crops first, then the records: what they do not know is written again, and is then the same."""
        self._sink.commit()
        self._ledger.keep(self._records, end=end)
        self._records = []

    def _keep(self, outcome: Harvest | Unreadable) -> None:
        record = record_of(outcome, origin=self._origins.origin(outcome.source), name_for=self._name_for)
        files = outcome.files if isinstance(outcome, Harvest) else ()
        self._sink.add(record.crops(self._task.options.format), files)
        self._records.append(record)
        self._origins.done(outcome.source)

    def _free_name(self, key: str, path: str) -> str:
        name = self._own.get(key)
        if name is None:
            name = str(free_name(Path(path), absolute=key, taken=self._taken.__contains__))
            self._taken.add(folded(name))
        return name

    def _quickly(self) -> Iterator[Harvest | Unreadable]:
        """As `ExtractJob` does it: read ahead, and many pictures at a time to the detector."""
        entries = self._origins.opened(self._left(), self._task.expanded)
        yield from self._harvested(entries, threads=self._task.readers)

    def _carefully(self) -> Iterator[Harvest | Unreadable]:
        """One picture at a time, after a mark that tells the next try which one it was."""
        for entry in self._origins.opened(self._left(), self._marked):
            key = self._task.keys(entry.id)
            tries = self._ledger.tries(key)
            if tries >= MOST_TRIES:
                yield Unreadable(entry, _deadly(entry.id, tries))
                continue
            self._ledger.mark(key)
            yield from self._harvested(iter([entry]), threads=1)

    def _marked(self, entry: Entry, /, *, skip: Skip) -> Iterator[Entry]:
        """The pictures of a file, with a mark for the file before it is asked for the next."""
        key = self._task.keys(entry.id)
        tries = self._ledger.tries(key)
        if tries >= MOST_TRIES:
            problem = partial(fail, str(_deadly(entry.id, tries)))
            yield Entry(entry.id, entry.path, "error", opener=problem)
            return
        found = self._task.expanded(entry, skip=skip)
        while True:
            self._ledger.mark(key)
            try:
                picture = next(found)
            except StopIteration:
                return
            yield picture

    def _harvested(self, entries: Iterator[Entry], *, threads: int) -> Iterator[Harvest | Unreadable]:
        pictures = read_ahead(entries, threads=threads, depth=AHEAD * threads, max_pixels=self._task.max_pixels)
        for outcome in detect_each(pictures, detector=self._detector):
            yield self._work(outcome) if isinstance(outcome, Detected) else outcome

    def _left(self) -> Iterator[Left]:
        items = {item.key: item for item in self._items}
        done = self._ledger.done({key: item.stamp for key, item in items.items()})
        return ((self._task.entry(item), key, item.stamp) for key, item in items.items() if key not in done)


def _deadly(identity: str, tries: int) -> ImageError:
    return ImageError(
        f"{identity}: expected a picture that can be worked on, got one at which the process ended {tries} times"
    )

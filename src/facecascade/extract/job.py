"""The faces of any number of pictures, into a folder, stopped and resumed at will: `ExtractJob`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Self

from facecascade.errors import SettingsError
from facecascade.extract.agreement import FaceDetector, checked_root, run_of
from facecascade.extract.detections import Unreadable, detect_each
from facecascade.extract.extracted import Extracted
from facecascade.extract.inputs import Inputs
from facecascade.extract.journal import SUFFIX, Journal, has_journal
from facecascade.extract.links import Links
from facecascade.extract.manifest import list_together
from facecascade.extract.names import StrPath
from facecascade.extract.origins import Keys, Origins, Plan
from facecascade.extract.pages import write_pages
from facecascade.extract.shards import Shard
from facecascade.extract.waiting import Waiting
from facecascade.extract.whole import write_whole
from facecascade.extract.work import ExtractOptions, Harvest, Work, record_of
from facecascade.files import Replacement
from facecascade.read import Entry, ReadResult, read_metadata
from facecascade.write import Writer


class ExtractJob:
    """Cuts the faces out of all pictures of some inputs, and remembers picture by picture what is done.

    A journal lies beside the crops. A picture is done when its crops are complete and its row is in the journal, which
    is one transaction; whatever ends the process, the next run goes on after the last picture that is done, does none
    twice and makes the same files as one run would have. A picture that has changed since, by size or time, is done
    again. One that could not be read is done; `retry` tries it again.

    As a context manager it closes itself. One process at a time may work in a folder.

    Args:
        inputs: files, folders, patterns, lists; see `Inputs`.
        folder: for the crops and the journal; is made if it is missing.
        detector: finds the faces.
        options: how faces are chosen, cut out and kept.
        shard: work on this share of the pictures alone.
        limit: work on so many pictures at most.
        retry: work again on pictures that could not be read.
        moved: the pictures lie elsewhere than before.
        threads: for decoding, and for cutting out; by default one for each processor.
        max_megapixels: larger pictures count as unreadable; None for `MAX_PIXELS`.

    Attributes:
        folder: the output folder.
        journal: what is done.
        software_before: what the last run was made with, where that was another version.

    Raises:
        SettingsError: the folder holds faces of other settings or of other pictures, or an argument cannot work.
        JournalError: another process is at work in the folder, or the journal cannot be used.
        OSError: the folder cannot be written to.
    """

    def __init__(
        self,
        inputs: Inputs,
        folder: StrPath,
        *,
        detector: FaceDetector,
        options: ExtractOptions | None = None,
        shard: Shard | None = None,
        limit: int | None = None,
        retry: bool = False,
        moved: bool = False,
        threads: int | None = None,
        max_megapixels: float | None = None,
    ) -> None:
        if limit is not None and limit < 1:
            raise SettingsError(f"expected a limit of at least 1 picture, got {limit}")
        self.folder = Path(folder)
        self.options = options or ExtractOptions()
        self._inputs = inputs
        self._detector = detector
        self._limit = limit
        self._threads = threads
        self._max_megapixels = max_megapixels
        self.folder.mkdir(parents=True, exist_ok=True)
        self.journal = Journal(self.folder)
        try:
            run = run_of(detector, self.options, inputs)
            self.software_before = self.journal.begin(run, started=datetime.now(UTC).isoformat(timespec="seconds"))
            self.root = checked_root(self.journal.root(), inputs.root, folder=self.folder, moved=moved)
            self.journal.tell_root(self.root)
            self.journal.tell(SUFFIX, self.options.format)
            self.journal.drop_leftovers()
            _remove_halves(self.folder)
        except BaseException:
            self.journal.close()
            raise
        keys = Keys(root=self.root, seen=inputs.root)
        self._origins = Origins(self.journal, keys=keys, shard=shard, retry=retry)

    def plan(self) -> Plan:
        """What there is to do, found by listing the inputs and asking the journal."""
        return self._origins.plan(self._inputs)

    def run(self, *, stop: Callable[[], bool] = lambda: False) -> Generator[Extracted | Unreadable, None, None]:
        """Works on the pictures that are not done, in order, and tells picture by picture what came of it.

        A result comes after it is in the journal. Closing the generator drops the pictures in work, as `stop` does not.

        Args:
            stop: asked before each picture; once it says so, no further one is begun.

        Raises:
            OSError: a crop cannot be written, as on a full disk; what came before is kept.
            JournalError: the same of the journal.
        """
        found = islice(_until(self._origins.pictures(self._inputs, self._max_megapixels), stop), self._limit)
        parts = self._inputs.read_parts(found, threads=self._threads, max_megapixels=self._max_megapixels)
        work = Work(self.options, metadata=partial(read_metadata, keep_exif=self.options.keep_exif))
        workers = self._threads or os.cpu_count() or 1
        pool = ThreadPoolExecutor(workers, thread_name_prefix="facecascade-extract")
        try:
            waiting = Waiting(pool, work)
            for pictures in parts:
                yield from self._worked_on(pictures, waiting)
            self._origins.finish()
        finally:
            pool.shutdown(cancel_futures=True)
            parts.close()

    def _worked_on(self, pictures: Iterator[ReadResult[Entry]], waiting: Waiting) -> Iterator[Extracted | Unreadable]:
        """One part of the pictures, to its end: a very large one, which comes alone, must be gone before the next."""
        for outcome in detect_each(pictures, detector=self._detector):
            waiting.add(outcome)
            while waiting.ready:
                yield self._keep(waiting.take())
        while waiting:
            yield self._keep(waiting.take())

    def finish(
        self, writers: Sequence[Writer] = (), *, sheets: bool = False, report: bool = False, files: Sequence[str] = ()
    ) -> Links:
        """Makes what is made of all pictures together, of those that are done by now.

        Faces of videos are linked into tracks and near duplicates found; with `best_per_track` the crops of the other
        faces go.

        Args:
            writers: are given all faces by key; made with the `COLUMNS` of the manifest, and not closed.
            sheets: whether to make contact sheets.
            report: whether to make a page that tells of it all.
            files: what the page links to, below the folder.

        Raises:
            OSError: the folder cannot be written to.
            JournalError: the journal cannot be used.
        """
        links = list_together(self.journal, writers, best_per_track=self.options.best_per_track)
        write_pages(self.folder, self.journal, links, sheets=sheets, report=report, files=files)
        return links

    def is_listed(self, orders: Sequence[str]) -> bool:
        """Whether the same tables hold all that the journal does, as `remember_listed` was told."""
        return self.journal.listed == json.dumps(list(orders))

    def remember_listed(self, orders: Sequence[str]) -> None:
        """These tables are complete, until another picture is worked on."""
        self.journal.list_as(json.dumps(list(orders)))

    def close(self) -> None:
        """Frees the folder for other processes."""
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _keep(self, outcome: Harvest | Unreadable) -> Extracted | Unreadable:
        """Files first, then the journal: what it does not know is written again, and is then the same."""
        entry: Entry = outcome.source
        record = record_of(outcome, origin=self._origins.origin(entry), name_for=self.journal.name_for)
        crops = tuple(map(Path, record.crops(self.options.format)))
        if isinstance(outcome, Harvest):
            for crop, data in zip(crops, outcome.files, strict=True):
                write_whole(self.folder / crop, data)
        self.journal.add(record, suffix=self.options.format)
        self._origins.done(entry)
        if isinstance(outcome, Unreadable):
            return outcome
        return Extracted(
            source=entry,
            width=outcome.width,
            height=outcome.height,
            faces=outcome.faces,
            crops=crops,
            matrices=outcome.matrices,
            measures=outcome.measures,
            captured=outcome.captured,
        )


def dry_run(
    inputs: Inputs,
    folder: StrPath,
    *,
    detector: FaceDetector,
    options: ExtractOptions | None = None,
    shard: Shard | None = None,
    retry: bool = False,
    moved: bool = False,
) -> Plan:
    """What an `ExtractJob` of the same arguments would have to do; nothing is written.

    Raises:
        SettingsError: as of the job.
        JournalError: as of the job.
    """
    if not has_journal(Path(folder)):
        keys = Keys(root=inputs.root, seen=inputs.root)
        return Origins(None, keys=keys, shard=shard, retry=retry).plan(inputs)
    with Journal(Path(folder), readonly=True) as journal:
        journal.check(run_of(detector, options or ExtractOptions(), inputs))
        root = checked_root(journal.root(), inputs.root, folder=folder, moved=moved)
        return Origins(journal, keys=Keys(root=root, seen=inputs.root), shard=shard, retry=retry).plan(inputs)


def _until(entries: Iterator[Entry], stop: Callable[[], bool]) -> Iterator[Entry]:
    while not stop():
        try:
            yield next(entries)
        except StopIteration:
            return


def _remove_halves(folder: Path) -> None:
    """What a killed process left of tables that were never complete."""
    for file in folder.glob(Replacement.PATTERN):
        file.unlink()

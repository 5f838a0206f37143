"""The faces of any number of pictures, by any number of machines: `DistributedJob`, and `extract`, which runs one."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self

from facecascade.detector import MTCNN
from facecascade.distributed.actor import Task
from facecascade.distributed.amounts import Amounts
from facecascade.distributed.claim import TRIES, Claim
from facecascade.distributed.cluster import Cluster
from facecascade.distributed.datasets import write_datasets
from facecascade.distributed.history import History
from facecascade.distributed.places import Place
from facecascade.distributed.sinks import Layout, check_layout
from facecascade.distributed.sources import Stored, find_source
from facecascade.distributed.units import Agenda, Unit
from facecascade.errors import SettingsError
from facecascade.extract.agreement import FaceDetector
from facecascade.extract.inputs import most_pixels
from facecascade.extract.links import Links
from facecascade.extract.names import StrPath
from facecascade.extract.origins import Keys, Origins
from facecascade.extract.pages import write_pages
from facecascade.extract.record import Record
from facecascade.extract.shards import Shard
from facecascade.extract.work import ExtractOptions
from facecascade.read import Sampling
from facecascade.write import Writer

one_thread: Final = partial(MTCNN, threads=1)
"""Makes the detector of an actor: each has a core of its own."""


class Machines(Protocol):
    """What does units of work: a `Cluster`."""

    def work(self, units: Iterable[Unit], *, task: Task) -> Iterator[Any]:
        """Tables of the records of each unit, see `Actor`, in any order."""


class Summary(NamedTuple):
    """What a destination holds at the end of a run."""

    pictures: int
    """Those that could be read."""
    faces: int
    errors: int
    """Pictures that could not be read, or at which processes ended."""
    duplicates: int
    """Faces that are near duplicates of others."""
    tracks: int
    """Of faces in videos."""


class DistributedJob:
    """Cuts the faces out of all pictures of a source on a Ray cluster, and remembers at the destination what is done.

    Faces, crops, names, ids and columns are those of an `ExtractJob` over the same pictures. What is done lies in
    Parquet files beside the crops; while it runs, this process keeps a journal of it on a disk of its own.

    As a context manager it frees that disk.

    Args:
        source: paths as `Inputs` takes them, on a file system that all machines have; or one URL, see `Stored`.
        destination: a folder by path or URL; see `Place`.
        detector: makes the detector of an actor; called on every machine, and once here for its settings.
        options: how faces are chosen, cut out and kept.
        layout: crops as "files", as on one machine, or in "shards" for WebDataset.
        amounts: how much of what there is at a time.
        frames: of animated pictures, "first" or "all".
        sampling: which frames of videos.
        shard: work on this share of the pictures alone.
        limit: work on so many files at most.
        retry: work again on pictures that could not be read.
        moved: the pictures lie elsewhere than before.
        max_megapixels: larger pictures count as unreadable; None for `MAX_PIXELS`.
        scratch: where the journal is meanwhile; by default where the system has such files.

    Attributes:
        source: where the pictures come from.
        destination: as given.
        journal: what is done.
        files: files of the source that are to be done.

    Raises:
        SettingsError: the destination holds faces of other settings or of other pictures, or an argument cannot work.
        JournalError: what the destination remembers cannot be read.
        MissingExtra: pyarrow, or what knows a scheme, is not installed.
        OSError: the destination cannot be written to.
    """

    def __init__(
        self,
        source: StrPath | Sequence[StrPath],
        destination: StrPath,
        *,
        detector: Callable[[], FaceDetector] = one_thread,
        options: ExtractOptions | None = None,
        layout: Layout = "files",
        amounts: Amounts | None = None,
        frames: str = "first",
        sampling: Sampling | None = None,
        shard: Shard | None = None,
        limit: int | None = None,
        retry: bool = False,
        moved: bool = False,
        max_megapixels: float | None = None,
        scratch: StrPath | None = None,
    ) -> None:
        check_layout(layout, options)
        _check_limit(limit)
        self.destination = Place(destination)
        self.options = options or ExtractOptions()
        self._amounts = amounts or Amounts()
        self._layout: Layout = layout
        self._pictures = self._amounts.of_unit(layout)
        self._limit = limit
        self.source = found = find_source(source, output=destination, frames=frames, sampling=sampling)
        claim = Claim.of(found, self.destination, detector=detector, options=self.options, layout=layout, moved=moved)
        claim.make(self.destination)
        self._name = claim.name
        self._history = History(
            self.destination, layout=layout, suffix=self.options.format, claim=claim, scratch=scratch
        )
        self.journal = self._history.journal
        try:
            self._history.remove_gone()
            keys = Keys(root=claim.root, seen=found.root)
            left = Origins(self.journal, keys=keys, shard=shard, retry=retry).left(found.looked())
            self._agenda = Agenda(left, aside=self._history.folder / "agenda", keys=keys)
        except BaseException:
            self.close()
            raise
        self.files = len(self._agenda)
        self._task = Task(
            detector=detector,
            options=self.options,
            keys=keys,
            stored=found.place if isinstance(found, Stored) else None,
            folder=os.getcwd(),  # noqa: PTH109  # a text
            destination=self.destination,
            frames=found.frames,
            sampling=found.sampling,
            max_pixels=most_pixels(max_megapixels),
            readers=self._amounts.readers,
            layout=layout,
            pictures=self._pictures,
            shard_bytes=self._amounts.shard_bytes,
        )

    def run(self, *, cluster: Machines | None = None) -> Generator[Record, None, None]:
        """Works on the pictures that are not done, in any order, and tells picture by picture what came of it.

        A record comes after it is at the destination and in the journal. Closing the generator stops the cluster's
        work; what is done by then stays done.

        Raises:
            MissingExtra: Ray is not installed.
            OSError: a machine cannot write to the destination; what was done is kept.
        """
        if not self.files:
            return
        units = self._agenda.units(
            journal=self.journal,
            run=self._name,
            pictures=self._pictures,
            limit=self._limit,
            apart=self._layout == "shards",
        )
        for table in (cluster or Cluster()).work(units, task=self._task):
            yield from self._history.add(table)
        self.destination.remove_folder(f"{TRIES}/{self._name}")

    def finish(
        self, writers: Sequence[Writer] = (), *, sheets: bool = False, report: bool = False, files: Sequence[str] = ()
    ) -> Summary:
        """Makes what is made of all pictures together, of those that are done by now: tracks, near duplicates, tables.

        It is done here, from columns alone, as an `ExtractJob` does it.

        Args:
            writers: are given all faces by key, beside the tables; made with the `COLUMNS` of the manifest, and not
                closed.
            sheets: whether to make contact sheets.
            report: whether to make a page that tells of it all.
            files: what the page links to, below the destination.

        Raises:
            SettingsError: sheets or a page, and the crops are no files in a folder of this machine.
            OSError: the destination cannot be written to.
        """
        folder = self.folder() if sheets or report else None
        links = write_datasets(
            self.journal,
            self.destination,
            scratch=self._history.folder,
            best_per_track=self.options.best_per_track,
            rows=self._amounts.rows,
            writers=writers,
        )
        self._history.remove_orphans(self._name)
        if folder is not None:
            write_pages(folder, self.journal, links, sheets=sheets, report=report, files=files)
        return self._summary(links)

    def folder(self) -> Path:
        """The destination as a folder of this machine with a file for each crop.

        Raises:
            SettingsError: it is none.
        """
        if not self.destination.is_local or self._layout != "files":
            raise SettingsError(
                f"expected crops as files in a folder of this machine, got {self._layout} in {self.destination}"
            )
        return Path(self.destination.url)

    def identity(self, record: Record) -> str:
        """What outputs call a picture."""
        root = self.journal.root()
        assert root is not None, "a job tells it"
        return root.identity(record.key)

    def close(self) -> None:
        """Frees the disk of this machine."""
        self._history.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _summary(self, links: Links) -> Summary:
        counts = self.journal.counts()
        return Summary(counts.pictures, counts.faces, counts.errors, links.duplicate_count, links.track_count)


def extract(
    source: StrPath | Sequence[StrPath], destination: StrPath, *, cluster: Machines | None = None, **job: Any
) -> Summary:
    """A `DistributedJob` from its beginning to its end.

    Args:
        source: as there.
        destination: as there.
        cluster: where it runs; by default on this machine.
        job: further arguments of `DistributedJob`.

    Raises:
        SettingsError, JournalError, MissingExtra, OSError: as there.
    """
    with DistributedJob(source, destination, **job) as work:
        for _ in work.run(cluster=cluster):
            pass
        return work.finish()


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise SettingsError(f"expected a limit of at least 1 picture, got {limit}")

"""What is done of a job, by this run and by those before it: `History`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Final

from facecascade.distributed.claim import RECORDS, Claim, now
from facecascade.distributed.parts import Container, from_bytes, table_records
from facecascade.distributed.places import Place
from facecascade.distributed.sinks import SHARDS, Layout
from facecascade.extract.journal import SUFFIX, Journal
from facecascade.extract.names import StrPath
from facecascade.extract.record import Record

FETCHING: Final = 16
"""Files of records that are on their way from the destination at once."""


class History:
    """The records at a destination, as a journal on a disk of this machine.

    Args:
        destination: of the job.
        layout: of its crops.
        suffix: of their files.
        claim: what this run says of itself.
        scratch: where the journal is meanwhile; by default where the system has such files.

    Attributes:
        folder: on a disk of this machine, for what else is to be there while the job runs.
        journal: what is done.

    Raises:
        JournalError: the records cannot be read.
        OSError: the destination, or the disk, cannot be used.
    """

    def __init__(
        self, destination: Place, *, layout: Layout, suffix: str, claim: Claim, scratch: StrPath | None = None
    ) -> None:
        self._destination = destination
        self._layout = layout
        self._suffix = suffix
        self._gone: set[str] | None = set()
        where = None if scratch is None else os.fspath(scratch)
        self._scratch = tempfile.TemporaryDirectory(prefix="facecascade-", dir=where)
        try:
            self.folder = Path(self._scratch.name)
            self.journal = Journal(self.folder, remove=self._remove)
            self.journal.begin(claim.run, started=now())
            self.journal.tell_root(claim.root)
            self.journal.tell(SUFFIX, suffix)
            for data in self._fetched():
                self.add(from_bytes(data))
        except BaseException:
            self.close()
            raise

    def add(self, table: Any) -> list[Record]:
        """What is done, into the journal; returns what is new in it."""
        records = []
        with self.journal.together():
            for one in table_records(table):
                if isinstance(one, Container):
                    self.journal.add_container(one.key, one.stamp)
                else:
                    self.journal.add(one, suffix=self._suffix)
                    records.append(one)
        return records

    def remove_gone(self) -> None:
        """Remove crops that no picture has any more, and that earlier runs had no time to remove; later ones at once.

        Before this nothing is removed: a picture whose record is yet to be read may have the name by now.
        """
        gone, self._gone = self._gone or set(), None
        if gone:
            for crop in gone.difference(*(record.crops(self._suffix) for record in self.journal.records())):
                self._remove(crop)

    def remove_orphans(self, run: str) -> None:
        """Remove the shards of a run that were complete when their process ended, and count for nothing."""
        if self._layout != "shards":
            return
        named = {"/".join(one.name.split("/", 2)[:2]) for one in self.journal.records() if one.name is not None}
        for name in self._destination.names(SHARDS):
            if name.startswith(f"{SHARDS}/{run}") and name not in named:
                self._destination.remove(name)

    def close(self) -> None:
        """Frees the disk of this machine."""
        if hasattr(self, "journal"):
            self.journal.close()
        self._scratch.cleanup()

    def _fetched(self) -> Iterator[bytes]:
        names = self._destination.names(RECORDS)
        with ThreadPoolExecutor(FETCHING, "facecascade-get") as pool:
            while some := list(islice(names, 4 * FETCHING)):
                yield from pool.map(self._destination.get, some)

    def _remove(self, crop: str) -> None:
        """A crop that no picture has any more; what is in a shard stays in it."""
        if self._gone is not None:
            self._gone.add(crop)
        elif self._layout == "files":
            self._destination.remove(crop)

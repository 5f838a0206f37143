"""Files of the inputs, some hundred at a time: `Batch`."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Self

from facecascade.extract.record import Stamp
from facecascade.read import Entry, printable
from facecascade.read.find import Found
from facecascade.read.folders import FolderPictures

FILES: Final = 256
"""In a batch, at most: that many are looked up in a journal at once."""

Looked = tuple[Entry, Stamp | None]
"""A file and its stamp."""


class Batch:
    """Some files of the inputs in their order, as columns: most are done already, and need no object of their own.

    Attributes:
        ids: of the entries.
        stamps: of the files; None where there is none, or it cannot be told.
        named: the entries among them that are there already, by place.
        folders: where the others lie, each ending in a slash; "" for the current one.
        links: paths of those that are links.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.stamps: list[Stamp | None] = []
        self.named: dict[int, Entry] = {}
        self.folders: list[str] = []
        self.links: list[str] = []
        self._paths: list[str] = []

    @classmethod
    def of(cls, looked: Iterable[Looked]) -> Self:
        """Files whose stamps are known."""
        batch = cls()
        for entry, stamp in looked:
            batch._name(entry, stamp)
        return batch

    def add(self, entry: Entry) -> None:
        """One more; it is looked at."""
        self._name(entry, None if entry.kind == "error" else self._stamp(entry.path))

    def add_folder(self, pictures: FolderPictures) -> None:
        """The pictures of a folder; they are looked at."""
        paths = pictures.paths()
        self.folders.append(pictures.start)
        self._paths += paths
        self.stamps += map(self._stamp, paths)
        together = pictures.start + "".join(pictures.names)
        self.ids += paths if printable(together) == together else map(printable, paths)

    def entry(self, place: int) -> Entry:
        """The entry of one of them."""
        return self.named.get(place) or Entry(self.ids[place], self._paths[place])

    def looked(self) -> Iterator[Looked]:
        """All entries, with their stamps."""
        return ((self.entry(place), stamp) for place, stamp in enumerate(self.stamps))

    def __len__(self) -> int:
        return len(self.ids)

    def _name(self, entry: Entry, stamp: Stamp | None) -> None:
        self.named[len(self)] = entry
        self.ids.append(entry.id)
        self._paths.append(entry.path)
        self.stamps.append(stamp)

    def _stamp(self, path: str) -> Stamp | None:
        """What tells whether the file, or the one that a link leads to, has changed."""
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                self.links.append(path)
                status = os.stat(path)  # noqa: PTH116  # a text, as all paths here
        except (OSError, ValueError):  # reading it says what is wrong
            return None
        return Stamp(status.st_size, status.st_mtime_ns)


def batches(found: Iterable[Found]) -> Iterator[Batch]:
    """Files as they are found, in batches of `FILES`; each is looked at when its batch is asked for."""
    batch = Batch()
    for part in _parts(found):
        if isinstance(part, FolderPictures):
            if batch.ids and len(batch) + len(part.names) > FILES:
                yield batch
                batch = Batch()
            batch.add_folder(part)
        else:
            batch.add(part)
        if len(batch) >= FILES:
            yield batch
            batch = Batch()
    if batch.ids:
        yield batch


def batches_of(looked: Iterable[Looked]) -> Iterator[Batch]:
    """Files whose stamps are known, in batches."""
    waiting = iter(looked)
    while batch := Batch.of(islice(waiting, FILES)):
        yield batch


def _parts(found: Iterable[Found]) -> Iterator[Found]:
    """The same, a large folder in parts."""
    for one in found:
        if isinstance(one, Entry) or len(one.names) <= FILES:
            yield one
        else:
            for start in range(0, len(one.names), FILES):
                yield FolderPictures(one.start, one.names[start : start + FILES])

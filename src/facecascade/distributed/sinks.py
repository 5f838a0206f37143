"""Where crops go: `FileSink`, a file each; `ShardSink`, WebDataset shards."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Literal, Protocol, get_args

from facecascade.distributed.places import Place
from facecascade.errors import SettingsError

if TYPE_CHECKING:
    from facecascade.extract.work import ExtractOptions

Layout = Literal["files", "shards"]
SHARDS: Final = "shards"
"""The folder of the shards."""
PUTTING: Final = 16
"""Files that are on their way to an object store at once."""

NameFor = Callable[[str, str], str]


def check_layout(layout: str, options: ExtractOptions | None) -> None:
    """A `SettingsError` if crops cannot lie so."""
    if layout not in get_args(Layout):
        raise SettingsError(f'expected layout "files" or "shards", got {layout!r}')
    if layout == SHARDS and options is not None and options.best_per_track:
        raise SettingsError("expected crops as files where only the best of each track are kept, got shards")


class Sink(Protocol):
    """Takes the crops of picture after picture."""

    def named(self, name_for: NameFor) -> NameFor:
        """What pictures are called here: where their crops lie, without number and suffix."""

    def plain(self, name: str) -> str:
        """What a picture of such a name is called on one machine."""

    def add(self, names: Sequence[str], files: Sequence[bytes]) -> None:
        """The crops of a picture."""

    @property
    def is_full(self) -> bool:
        """Whether what was added should be committed now."""

    def commit(self) -> None:
        """All that was added is at the destination once this returns.

        Raises:
            OSError: it cannot be written.
        """


class FileSink:
    """A file each, as `ExtractJob` writes them.

    Args:
        destination: of the job.
        pictures: how many are committed together.
    """

    def __init__(self, destination: Place, *, pictures: int) -> None:
        self._destination = destination
        self._most = pictures
        self._pictures = 0
        self._pool = None if destination.is_local else ThreadPoolExecutor(PUTTING, "facecascade-put")
        self._waiting: list[Future[None]] = []

    @property
    def is_full(self) -> bool:
        """Whether there are as many pictures as are committed together."""
        return self._pictures >= self._most

    def named(self, name_for: NameFor) -> NameFor:
        """As they are called on one machine."""
        return name_for

    def plain(self, name: str) -> str:
        """The same."""
        return name

    def add(self, names: Sequence[str], files: Sequence[bytes]) -> None:
        """Writes them; to another machine while the next picture is worked on."""
        self._pictures += 1
        for name, data in zip(names, files, strict=True):
            if self._pool is None:
                self._destination.put(name, data)
            else:
                self._waiting.append(self._pool.submit(self._destination.put, name, data))

    def commit(self) -> None:
        """Waits for those on their way."""
        waiting, self._waiting, self._pictures = self._waiting, [], 0
        for one in waiting:
            one.result()


class ShardSink:
    """Tar archives, as WebDataset reads them; each is complete before a picture in it counts as done.

    Dots in the name of a picture are %2E there, since WebDataset takes what follows the first one for the suffix.

    Args:
        destination: of the job.
        name: of the shards, which get numbers; no other unit has it.
        shard_bytes: a shard is full with the picture that reaches so many bytes of crops.
    """

    def __init__(self, destination: Place, *, name: str, shard_bytes: int) -> None:
        self._destination = destination
        self._name = name
        self._most = shard_bytes
        self._number = 0
        self._members: list[tuple[str, bytes]] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether the shard has the size that was asked for."""
        return self._bytes >= self._most

    def named(self, name_for: NameFor) -> NameFor:
        """With the shard taken for a folder."""

        def inside(key: str, path: str) -> str:
            folder, slash, name = name_for(key, path).rpartition("/")
            return f"{self._file}/{folder}{slash}{name.replace('%', '%25').replace('.', '%2E')}"

        return inside

    def plain(self, name: str) -> str:
        """Without the shard."""
        folder, slash, last = name.split("/", 2)[2].rpartition("/")
        return f"{folder}{slash}{last.replace('%2E', '.').replace('%25', '%')}"

    def add(self, names: Sequence[str], files: Sequence[bytes]) -> None:
        """Keeps them in memory until the shard is complete."""
        start = len(self._file) + 1
        self._members += [(name[start:], data) for name, data in zip(names, files, strict=True)]
        self._bytes += sum(map(len, files))

    def commit(self) -> None:
        """Writes the shard, if there is anything in it, and begins the next."""
        if not self._members:
            return
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as shard:
            for name, data in self._members:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                shard.addfile(info, io.BytesIO(data))
        self._destination.put(self._file, file.getvalue())
        self._members, self._bytes, self._number = [], 0, self._number + 1

    @property
    def _file(self) -> str:
        return f"{SHARDS}/{self._name}-{self._number:04d}.tar"

"""Pictures behind a URL, listed as those of a folder are: `Stored`, and `find_source` for either."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import translate
from functools import partial
from io import BytesIO
from typing import IO, Final, Protocol, cast

from facecascade.distributed.places import Found, Place, is_url, local_path
from facecascade.errors import ImageError, SettingsError
from facecascade.extract.inputs import Inputs
from facecascade.extract.names import StrPath
from facecascade.extract.record import Stamp
from facecascade.extract.root import Root
from facecascade.read import Entry, Frames, Sampling, printable
from facecascade.read.entries import Kind, reason
from facecascade.read.find import file_kind
from facecascade.read.folders import is_picture
from facecascade.read.patterns import ANY_FOLDERS

WILDCARDS: Final = re.compile(r"[*[]")
"""In a URL: its question mark begins the query."""


class Source(Protocol):
    """Where pictures come from: `facecascade.extract.Inputs`, or `Stored`."""

    frames: Frames
    """Of animated pictures, "first" or "all"."""
    sampling: Sampling
    """Which frames of videos."""
    root: Root
    """The folder that they have in common."""

    def looked(self) -> Iterator[tuple[Entry, Stamp | None]]:
        """Pictures, archives, tables and videos, in order, none of them opened, with the stamps of their files."""


class Stored:
    """The pictures behind one URL: of a folder, of a file, or of the files that a pattern matches.

    Order and rules are those of folders on this machine (`find_entries`): archives and tables are taken where they are
    named or matched; videos have to be on a file system of the machine that reads them.

    Args:
        url: of a folder or file; * and [ab] stand for letters of a name, ** for any folders.
        frames: of animated pictures, "first" or "all".
        sampling: which frames of videos; kept for the settings of the run.

    Raises:
        SettingsError: nobody knows the scheme, or there is nothing behind it.
        MissingExtra: a package that knows it is not installed.
    """

    def __init__(self, url: str, *, frames: str = "first", sampling: Sampling | None = None) -> None:
        self.frames = cast("Frames", frames)
        self.sampling = sampling or Sampling()
        address, mark, query = url.partition("?")
        folder, self._parts = _fixed(address.rstrip("/"))
        self.place = Place(folder + mark + query)
        self._file: str | None = None
        if not self._parts and self.place.has(""):
            folder, _, self._file = folder.rpartition("/")
            self.place = Place(folder + mark + query)
        self.root = Root(self.place.url, self.place.url)

    def looked(self) -> Iterator[tuple[Entry, Stamp | None]]:
        """Pictures, archives and tables, in order, none of them opened, with the stamps of their files."""
        if self._file is not None:
            yield self._entry(self._file, file_kind(self._file)), self.place.stamp(self._file)
            return
        empty = True
        for found in self._walked(""):
            kind = self._kind(found.name)
            if kind is not None:
                empty = False
                yield self._entry(found.name, kind), found.stamp
        if empty and self._parts:
            text = f"{self.place.url}/{'/'.join(self._parts)}"
            problem = "expected a pattern that matches files, got one that matches none"
            yield Entry(text, text, "error", opener=partial(fail, f"{text}: {problem}")), None

    def _walked(self, top: str) -> Iterator[Found]:
        """All files, in a folder first its own, one folder at a time."""
        waiting = [top]
        while waiting:
            found = self.place.listed(waiting.pop())
            yield from (one for one in found if not one.is_folder)
            waiting += [one.name for one in reversed(found) if one.is_folder and not _is_hidden(one.name)]

    def _kind(self, name: str) -> Kind | None:
        """What is taken of a file; None for nothing."""
        parts = name.split("/")
        if not self._parts:
            return "picture" if is_picture(parts[-1]) else None
        if self._parts[-1] != ANY_FOLDERS and _match(parts, self._parts):
            return file_kind(name)
        inside = any(_match(parts[:count], self._parts) for count in range(len(parts)))
        return "picture" if inside and is_picture(parts[-1]) else None

    def _entry(self, name: str, kind: Kind) -> Entry:
        return stored_entry(self.place, name, kind)


def find_source(
    given: StrPath | Sequence[StrPath], *, output: StrPath, frames: str = "first", sampling: Sampling | None = None
) -> Source:
    """Pictures by paths of this machine, or by one URL.

    Args:
        given: as `Inputs` takes them, or a URL.
        output: what lies there is no picture.
        frames: of animated pictures, "first" or "all".
        sampling: which frames of videos.

    Raises:
        SettingsError: URLs among other inputs, or results would lie among the pictures.
        MissingExtra: there is a video, and PyAV is not installed.
    """
    some = [given] if isinstance(given, str | os.PathLike) else list(given)
    urls = [os.fspath(one) for one in some if is_url(one)]
    if not urls:
        apart = None if is_url(output) else output
        return Inputs(some, output=apart, frames=frames, sampling=sampling, survey=True)
    if len(some) > 1:
        raise SettingsError(f"expected one URL, or paths of this machine, got {', '.join(map(str, some))}")
    path = local_path(urls[0])
    if path is not None:
        return find_source(path, output=output, frames=frames, sampling=sampling)
    return Stored(urls[0], frames=frames, sampling=sampling)


def stored_entry(place: Place, name: str, kind: Kind) -> Entry:
    """A file of a place; pictures are fetched once, however often they are opened."""
    path = f"{place.url}/{name}"
    identity = printable(path)
    if kind == "video":
        problem = "expected a video on a file system of the machine that reads it, got one behind a URL"
        return Entry(identity, path, "error", opener=partial(fail, f"{identity}: {problem}"))
    opener = _Fetched(place, name, identity) if kind == "picture" else partial(_opened, place, name, identity)
    return Entry(identity, path, kind, opener=opener)


def fail(message: str) -> IO[bytes]:
    """What opens an entry that cannot be read."""
    raise ImageError(message)


class _Fetched:
    """The bytes of a file, asked for once."""

    def __init__(self, place: Place, name: str, identity: str) -> None:
        self._where = place, name, identity
        self._data: bytes | None = None

    def __call__(self) -> IO[bytes]:
        if self._data is None:
            with _opened(*self._where) as file:
                self._data = file.read()
        return BytesIO(self._data)


def _opened(place: Place, name: str, identity: str) -> IO[bytes]:
    try:
        return place.open(name)
    except OSError as error:
        raise ImageError(f"{identity}: expected a file that can be read, got: {reason(error)}") from error


def _fixed(address: str) -> tuple[str, list[str]]:
    """The folder before the first part that has a wildcard, and the parts from there on."""
    parts = address.split("/")
    first = next((place for place, part in enumerate(parts) if WILDCARDS.search(part)), len(parts))
    return "/".join(parts[:first]), parts[first:]


def _match(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == ANY_FOLDERS and _match(parts, pattern[1:]):
        return True
    if not parts:
        return False
    shown = pattern[0].startswith(".") or not parts[0].startswith(".")
    if pattern[0] == ANY_FOLDERS:
        return shown and _match(parts[1:], pattern)
    matched = shown and re.fullmatch(translate(pattern[0]), parts[0]) is not None
    return matched and _match(parts[1:], pattern[1:])


def _is_hidden(name: str) -> bool:
    return name.rpartition("/")[2].startswith(".")

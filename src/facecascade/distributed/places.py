"""A folder on any file system that a URL can name: `Place`."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from facecascade.errors import SettingsError
from facecascade.extract.names import StrPath
from facecascade.extract.record import Stamp
from facecascade.extract.whole import write_whole
from facecascade.extras import load

LOCAL: Final = "file://"
SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
USER: Final = re.compile(r"://[^/@]*@")
"""A name and a password, which no list must show."""
OBJECT_STORES: Final = frozenset({"s3", "gs", "gcs", "abfs", "abfss", "s3a", "az", "oss", "r2"})
"""Where a file is there once it is complete, and there are no folders: nothing has to be renamed or made."""


class Found(NamedTuple):
    """A file or folder of a listing."""

    name: str
    """Below the place."""
    is_folder: bool
    stamp: Stamp | None
    """None where the file system does not tell, and for folders."""


def is_url(text: StrPath) -> bool:
    """Whether it is a URL, and no path of this machine; what begins with file:// is one."""
    return SCHEME.match(os.fspath(text)) is not None


def local_path(text: StrPath) -> str | None:
    """A path of this machine, given as such or as file://; None for other URLs."""
    path = os.fspath(text).removeprefix(LOCAL)
    return None if is_url(path) else path


class Place:
    """A folder by its path or URL: local, s3://, gs://, hdfs://, and what else pyarrow or fsspec knows.

    Files are put there whole or not at all: written aside and renamed, or, in an object store, completed as one object.
    Names are relative to the folder, with slashes. It may be pickled.

    Args:
        where: a path, or a URL, whose query, as in s3://bucket/faces?region=eu-north-1, says how to get there.

    Attributes:
        url: the folder as it was named, without the query, a name and a password.

    Raises:
        MissingExtra: pyarrow is not installed, or the package that knows the scheme.
        SettingsError: nobody knows the scheme.
    """

    def __init__(self, where: StrPath) -> None:
        text = os.fspath(where)
        scheme = SCHEME.match(text)
        self.url = USER.sub("://", text.partition("?")[0].rstrip("/")) if scheme else text
        arrow = load("pyarrow.fs", feature="files by URL", extra="ray")
        if scheme is None or scheme[1] == "file":
            path = self.url.removeprefix(LOCAL)
            self._files, self._folder = arrow.LocalFileSystem(), os.path.abspath(path)  # noqa: PTH100  # a text
            self.url = path
        else:
            self._files, self._folder = _file_system(arrow, text, scheme[1])
            self._folder = self._folder.rstrip("/")
        self.is_local = scheme is None or scheme[1] == "file"
        self._completes = scheme is not None and scheme[1] in OBJECT_STORES

    def put(self, name: str, data: bytes) -> None:
        """Write a file, in place of an older one.

        Raises:
            OSError: it cannot be written; an older one stays.
        """
        path = self._path(name)
        if self.is_local:
            write_whole(Path(path), data)
        elif self._completes:
            self._write(path, data)
        else:
            folder, _, last = path.rpartition("/")
            self._files.create_dir(folder, recursive=True)
            aside = f"{folder}/.{last}.part"
            self._write(aside, data)
            self._replace(aside, path)

    def get(self, name: str) -> bytes:
        """All of a file.

        Raises:
            OSError: it cannot be read.
        """
        with self._files.open_input_stream(self._path(name)) as stream:
            data: bytes = stream.read()
        return data

    def open(self, name: str) -> IO[bytes]:
        """A file to be read from any place in it, to be closed by you.

        Raises:
            OSError: it cannot be opened.
        """
        return io.BufferedReader(self._files.open_input_file(self._path(name)), 1 << 16)

    def listed(self, folder: str = "", *, deep: bool = False) -> list[Found]:
        """What lies in a folder, by name; nothing where there is no such folder.

        Args:
            folder: below the place.
            deep: also what lies in the folders inside.

        Raises:
            OSError: it cannot be listed.
        """
        selector = load("pyarrow.fs", feature="files by URL", extra="ray").FileSelector
        below = self._path(folder)
        try:
            infos = self._files.get_file_info(selector(below, recursive=deep, allow_not_found=True))
        except FileNotFoundError:  # fsspec's say so all the same
            return []
        start = len(self._folder) + 1
        found = (Found(info.path[start:], info.type.name == "Directory", _stamp(info)) for info in infos)
        return sorted(one for one in found if one.name and one.name != folder)

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return bool(self._files.get_file_info(self._path(name)).is_file)

    def stamp(self, name: str) -> Stamp | None:
        """Of a file; None where there is none."""
        info = self._files.get_file_info(self._path(name))
        return _stamp(info) if info.is_file else None

    def remove(self, name: str) -> None:
        """Remove a file; none is none too many.

        Raises:
            OSError: it is there and stays.
        """
        if self.has(name):
            self._files.delete_file(self._path(name))

    def remove_folder(self, name: str) -> None:
        """Remove a folder with all that is in it, if it is there."""
        if self.is_local or not self._completes:
            if self._files.get_file_info(self._path(name)).type.name == "Directory":
                self._files.delete_dir(self._path(name))
            return
        for found in self.listed(name, deep=True):
            if not found.is_folder:
                self._files.delete_file(self._path(found.name))

    def names(self, folder: str) -> Iterator[str]:
        """The files in a folder and in the folders inside, by name."""
        return (found.name for found in self.listed(folder, deep=True) if not found.is_folder)

    def __truediv__(self, folder: str) -> Place:
        """A folder inside."""
        inside: Place = object.__new__(Place)
        inside.__dict__.update(self.__dict__)
        inside.url, inside._folder = f"{self.url}/{folder}", self._path(folder)
        return inside

    def __str__(self) -> str:
        return self.url

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}" if name else self._folder

    def _write(self, path: str, data: bytes) -> None:
        with self._files.open_output_stream(path) as stream:
            stream.write(data)

    def _replace(self, aside: str, path: str) -> None:
        try:
            self._files.move(aside, path)
        except OSError:  # some move onto nothing alone
            if not self._files.get_file_info(path).is_file:
                raise
            self._files.delete_file(path)
            self._files.move(aside, path)


def _stamp(info: Any) -> Stamp | None:
    """Size and time; the size alone where the file system knows no time."""
    return None if info.size is None else Stamp(info.size, info.mtime_ns or 0)


def _file_system(arrow: Any, url: str, scheme: str) -> tuple[Any, str]:
    """What reads and writes there, and the path of the folder on it."""
    try:
        files, folder = arrow.FileSystem.from_uri(url)
    except ValueError as unknown:  # pyarrow's, of schemes that it has not and of options that it does not know
        core = load("fsspec.core", feature=f"files by {scheme}://", extra="ray")
        try:
            others, folder = core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise SettingsError(
                f"expected a URL of a file system that pyarrow or fsspec knows, got {url!r}: {unknown}; {error}"
            ) from None
        return arrow.PyFileSystem(arrow.FSSpecHandler(others)), str(folder)
    return files, str(folder)

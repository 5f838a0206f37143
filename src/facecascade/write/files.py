"""Files that appear whole or not at all: `AtomicText`, `AtomicBytes`, and many small ones as `PendingFiles`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path, PurePath
from typing import IO, BinaryIO, Final, Generic, TextIO, TypeVar, cast

from facecascade.errors import SettingsError
from facecascade.files import Replacement

Stream = TypeVar("Stream", TextIO, BinaryIO)

TEXT: Final = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}


class AtomicFile(Generic[Stream]):
    """What is written beside a file, and takes the file's place on `commit`.

    Until then an older file of that name stays as it was. A path that is no regular file, such as a pipe or
    /dev/null, is written to directly.

    Attributes:
        stream: where to write.

    Raises:
        OSError: the folder cannot be written to, or `path` is a folder.
    """

    stream: Stream

    def __init__(self, path: Path) -> None:
        target = path.resolve()
        if target.is_dir():
            raise IsADirectoryError(f"expected a file to write, got a folder: {path}")
        in_place = target.exists() and not target.is_file()
        self._aside = None if in_place else Replacement(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.stream = self._open(target if self._aside is None else self._aside.path)
        except OSError as error:
            error.filename = str(path)  # nobody knows the file aside
            raise

    def _open(self, place: Path) -> Stream:
        raise NotImplementedError

    def commit(self) -> None:
        """Puts the file in place; raises OSError where that fails, and then leaves nothing behind."""
        try:
            self.stream.close()
        except OSError:
            self._forget()
            raise
        if self._aside is not None:
            self._aside.commit()

    def discard(self) -> None:
        """Drops what was written; the older file stays."""
        try:
            self.stream.close()
        finally:
            self._forget()

    def _forget(self) -> None:
        if self._aside is not None:
            self._aside.discard()


class AtomicText(AtomicFile[TextIO]):
    """UTF-8 text; see `AtomicFile`.

    What UTF-8 cannot say, such as a file name in an unknown encoding, becomes a backslash escape, which JSON reads back
    as it was.
    """

    def _open(self, place: Path) -> TextIO:
        return cast("TextIO", place.open("w", **TEXT))  # type: ignore[call-overload]  # typed by the mode alone


class AtomicBytes(AtomicFile[BinaryIO]):
    """Bytes; see `AtomicFile`."""

    def _open(self, place: Path) -> BinaryIO:
        return place.open("wb")


class PendingFiles:
    """Small texts for one folder, kept aside until `commit` puts all of them in place.

    They wait in one temporary file. On `commit` each is first written beside its place, and only when all are on the
    disk do they take their places: a full disk changes nothing.

    Args:
        folder: where they go; made when they are put in place.
    """

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(f"expected a folder to write into, got a file: {folder}")
        self._folder = folder
        self._waiting: IO[str] = tempfile.TemporaryFile("w+", encoding="ascii")  # noqa: SIM115  # closed at the end
        self._owners: dict[PurePath, str] = {}

    def add(self, name: PurePath, text: str, *, owner: str) -> None:
        """One more file.

        Args:
            name: relative to the folder.
            text: what it holds.
            owner: what it is made from; for the error.

        Raises:
            SettingsError: the name is taken, or leads out of the folder.
        """
        if name.is_absolute() or ".." in name.parts or not name.parts:
            raise SettingsError(f"expected a name below the folder for {owner!r}, got {str(name)!r}")
        if name in self._owners:
            raise SettingsError(
                f"expected a name of its own for each picture, got {str(name)!r} for {self._owners[name]!r} and for "
                f"{owner!r}: pass names that tell them apart"
            )
        self._owners[name] = owner
        self._waiting.write(json.dumps([str(name), text]) + "\n")

    def commit(self) -> None:
        """Puts all files in place; raises OSError where that fails."""
        with ExitStack() as asides:
            asides.callback(self._waiting.close)
            for name, text in self._texts():
                path = self._folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                aside = asides.enter_context(Replacement(path))
                aside.path.write_text(text, **TEXT)

    def discard(self) -> None:
        """Drops them all."""
        self._waiting.close()

    def _texts(self) -> Iterator[tuple[str, str]]:
        self._waiting.seek(0)
        for line in self._waiting:
            name, text = json.loads(line)
            yield name, text

"""A text file that appears whole or not at all: `AtomicText`."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from facecascade.files import Replacement


class AtomicText:
    """Text written beside a file, which takes the file's place on `commit`.

    Until then an older file of that name stays as it was. A path that is no regular file, such as a pipe or
    /dev/null, is written to directly.

    Attributes:
        stream: where to write; UTF-8. What UTF-8 cannot say, such as a file name in an unknown encoding, becomes a
            backslash escape, which JSON reads back as it was.

    Raises:
        OSError: the folder cannot be written to, or `path` is a folder.
    """

    stream: TextIO

    def __init__(self, path: Path) -> None:
        target = path.resolve()
        if target.is_dir():
            raise IsADirectoryError(f"expected a file to write, got a folder: {path}")
        in_place = target.exists() and not target.is_file()
        self._aside = None if in_place else Replacement(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            place = target if self._aside is None else self._aside.path
            self.stream = place.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        except OSError as error:
            error.filename = str(path)  # nobody knows the file aside
            raise

    def commit(self) -> None:
        """Puts the text in place; raises OSError where that fails, and then leaves nothing behind."""
        try:
            self.stream.close()
        except OSError:
            self._forget()
            raise
        if self._aside is not None:
            self._aside.commit()

    def discard(self) -> None:
        """Drops the text; the older file stays."""
        try:
            self.stream.close()
        finally:
            self._forget()

    def _forget(self) -> None:
        if self._aside is not None:
            self._aside.discard()

"""Unreadable pictures beside formats that have no place for them: `ErrorList`."""

from __future__ import annotations

from pathlib import Path

from facecascade.errors import ImageError
from facecascade.write.files import AtomicText
from facecascade.write.table import csv_text


class ErrorList:
    """A CSV file of source and error, one row an unreadable picture; there is none where all could be read.

    Args:
        path: of the list; one of an earlier run is removed on `commit` when there is nothing to list.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: AtomicText | None = None

    @classmethod
    def beside(cls, target: Path) -> ErrorList:
        """The list of this file: faces.parquet has faces.parquet.errors.csv."""
        return cls(target.with_name(target.name + ".errors.csv"))

    def add(self, source: str, error: ImageError) -> None:
        """Adds a row."""
        if self._file is None:
            self._file = AtomicText(self._path)
            self._file.stream.write(csv_text([("source", "error")]))
        self._file.stream.write(csv_text([(source, str(error))]))

    def commit(self) -> None:
        """Puts the list in place."""
        if self._file is not None:
            self._file.commit()
        else:
            self._path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Drops the list; an older one stays."""
        if self._file is not None:
            self._file.discard()

"""Faces to files: one small writer a format, behind one protocol."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from facecascade.errors import SettingsError
from facecascade.write.jsonarray import JsonWriter
from facecascade.write.jsonlines import JsonLinesWriter
from facecascade.write.table import CsvWriter
from facecascade.write.writer import StrPath, Writer

__all__ = ["FORMATS", "CsvWriter", "JsonLinesWriter", "JsonWriter", "Writer", "get_writer"]

FORMATS: Final[dict[str, Callable[[StrPath], Writer]]] = {
    ".jsonl": JsonLinesWriter,
    ".json": JsonWriter,
    ".csv": CsvWriter,
}
"""Writer by suffix of the file."""


def get_writer(path: StrPath) -> Writer:
    """The writer for a file of this name, by its suffix.

    Raises:
        SettingsError: no format has this suffix; the message lists those there are.
        OSError: the folder cannot be written to.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise SettingsError(f"expected a file name ending in {', '.join(FORMATS)}, got {str(path)!r}")
    return FORMATS[suffix](path)

"""WIDER FACE's text: the name of a picture, the number of its faces, and a row for each."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Final

import numpy as np

from facecascade.errors import ImageError
from facecascade.faces import Faces
from facecascade.write.errorlist import ErrorList
from facecascade.write.files import PendingFiles
from facecascade.write.naming import Naming, path_without_suffix, with_ending
from facecascade.write.writer import BaseWriter, Entry, StrPath, TextWriter, short_numbers

LINE_ENDS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What programs that read lines take for the end of one."""


class WiderWriter(TextWriter):
    """One file for all pictures; rows are x, y, width, height and score.

    Names stand as they came, with line breaks, and blanks at the ends, as backslash escapes: the form has no other
    place for them. Pictures that could not be read are in the list beside the file, `<file>.errors.csv`.

    Args:
        target: the file, which appears once all is written.
    """

    def __init__(self, target: StrPath) -> None:
        super().__init__(target, columns=None)
        self._errors = ErrorList.beside(Path(target))

    def _add(self, entry: Entry) -> None:
        self._put(_block(entry.source, entry.faces))

    def _add_error(self, source: str, error: ImageError) -> None:
        self._errors.add(source, error)

    def _finish(self) -> None:
        super()._finish()
        self._errors.commit()

    def _drop(self) -> None:
        super()._drop()
        self._errors.discard()


class WiderFolderWriter(BaseWriter):
    """A folder of one file a picture, as WIDER FACE's evaluation asks for them; see `WiderWriter` for what is in one.

    Pictures that could not be read are in errors.csv.

    Args:
        folder: is made if it is missing; files of an earlier run stay where no new one has their name.
        names: how the files are called; by default as the pictures, with their folders.

    Raises:
        SettingsError: two pictures would share a file.
    """

    def __init__(self, folder: StrPath, *, names: Naming | None = None) -> None:
        super().__init__(columns=None)
        self._name = names or path_without_suffix
        self._errors = ErrorList(Path(folder) / "errors.csv")
        self._files = PendingFiles(Path(folder))

    def _add(self, entry: Entry) -> None:
        name = with_ending(self._name(entry.origin), ".txt")
        stem = PurePath(entry.origin).stem  # the evaluation's own files have neither folder nor suffix there
        self._files.add(name, _block(stem, entry.faces), owner=entry.source)

    def _add_error(self, source: str, error: ImageError) -> None:
        self._errors.add(source, error)

    def _finish(self) -> None:
        self._files.commit()
        self._errors.commit()

    def _drop(self) -> None:
        self._files.discard()
        self._errors.discard()


def _block(name: str, faces: Faces) -> str:
    sizes = faces.boxes[:, 2:].astype(np.float64) - faces.boxes[:, :2]
    table = np.concatenate([faces.boxes[:, :2], sizes, faces.scores[:, None]], axis=1)
    rows = [" ".join(map(str, short_numbers(row))) for row in table.tolist()]
    return "\n".join([_one_line(name), str(len(rows)), *rows]) + "\n"


def _one_line(name: str) -> str:
    """The name without what would end its line, or be stripped from it."""
    inner = name.strip()
    start = name.index(inner) if inner else len(name)
    ends = range(start, start + len(inner))
    return "".join(
        _escaped(letter) if letter in LINE_ENDS or place not in ends else letter for place, letter in enumerate(name)
    )


def _escaped(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"

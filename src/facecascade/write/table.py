"""CSV: one row a face."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from typing import Any, Final, TextIO

from facecascade.errors import ImageError
from facecascade.faces import LANDMARK_NAMES, Face, Faces
from facecascade.write.writer import StrPath, TextWriter, numbered, short_numbers

BOX_COLUMNS: Final = ("x1", "y1", "x2", "y2", "score")
POINT_COLUMNS: Final = tuple(f"{name}_{axis}" for name in LANDMARK_NAMES for axis in "xy")


class CsvWriter(TextWriter):
    """One row a face: source, face (its number), box, score, landmarks; [crop,] error.

    A picture without faces has no row. One that could not be read has one row, with its source and error alone.

    Args:
        target: see `TextWriter`.
        crops: whether there is a column for the file that each face was cut out into.
    """

    def __init__(self, target: StrPath | TextIO, *, crops: bool = False) -> None:
        super().__init__(target)
        self._crops = crops
        self._header = _rows([("source", "face", *BOX_COLUMNS, *POINT_COLUMNS, *(("crop",) if crops else ()), "error")])

    def write(
        self, source: StrPath, faces: Faces, *, width: int, height: int, crops: Sequence[StrPath] | None = None
    ) -> None:
        """Adds one row a face; the size of the picture is left out; see `Writer.write`."""
        del width, height  # the same on each row would be most of the file
        self._add(
            (os.fspath(source), number, *_numbers(face), *((file,) if self._crops else ()), "")
            for number, face, file in numbered(faces, crops)
        )

    def write_error(self, source: StrPath, error: ImageError) -> None:
        """Adds one row; see `Writer.write_error`."""
        empty = ("",) * (1 + len(BOX_COLUMNS) + len(POINT_COLUMNS) + self._crops)
        self._add([(os.fspath(source), *empty, str(error))])

    def _add(self, rows: Iterable[Sequence[Any]]) -> None:
        self._put(self._header + _rows(rows))
        self._header = ""

    def _end(self) -> str:
        return self._header


def _numbers(face: Face) -> list[Any]:
    points = [""] * len(POINT_COLUMNS) if face.landmarks is None else face.landmarks.ravel().tolist()
    numbers: list[Any] = short_numbers([*face.box, face.score, *points])
    return numbers


def _rows(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()

"""CSV: one row a face."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from facecascade.errors import ImageError
from facecascade.faces import Face
from facecascade.write.columns import BOX_COLUMNS, POINT_COLUMNS, Column, flat_values
from facecascade.write.writer import Entry, StrPath, TextWriter, further_dicts, numbered, short_numbers


class CsvWriter(TextWriter):
    """One row a face: source, face (its number), box, score, landmarks; [crop,] [further columns,] error.

    A picture without faces has no row. One that could not be read has one row, with its source and error alone.

    Args:
        target: see `TextWriter`.
        crops: whether there is a column for the file that each face was cut out into.
        columns: see `BaseWriter`.
    """

    def __init__(self, target: StrPath | TextIO, *, crops: bool = False, columns: Sequence[Column] = ()) -> None:
        super().__init__(target, columns=columns)
        self._crops = crops
        further = [*(["crop"] if crops else []), *(name for column in columns for name in column.flat_names)]
        self._header_row = ("source", "face", *BOX_COLUMNS, *POINT_COLUMNS, *further, "error")
        self._header = csv_text([self._header_row])

    def _add(self, entry: Entry) -> None:
        # The size of the picture, the same on each row, would be most of the file.
        further = further_dicts(entry, self._columns)
        self._rows(
            (entry.source, number, *_numbers(face), *((file,) if self._crops else ()), *self._cells(values), "")
            for (number, face, file), values in zip(numbered(entry), further, strict=True)
        )

    def _cells(self, values: dict[str, Any]) -> list[Any]:
        return [cell for column in self._columns for cell in flat_values(column, values[column.name])]

    def _add_error(self, source: str, error: ImageError) -> None:
        self._rows([(source, *[""] * (len(self._header_row) - 2), str(error))])

    def _rows(self, rows: Iterable[Sequence[Any]]) -> None:
        self._put(self._header + csv_text(rows))
        self._header = ""

    def _end(self) -> str:
        return self._header


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """Rows of CSV, quoted where they must be."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _numbers(face: Face) -> list[Any]:
    points = [""] * len(POINT_COLUMNS) if face.landmarks is None else face.landmarks.ravel().tolist()
    numbers: list[Any] = short_numbers([*face.box, face.score, *points])
    return numbers

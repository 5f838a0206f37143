"""What an archive says of its crops: `Tables`, as CSV and as JSON."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from facecascade.errors import ImageError
from facecascade.extract import Harvest
from facecascade.extract.manifest import COLUMNS
from facecascade.serve.finder import Looked
from facecascade.serve.problems import Problem
from facecascade.write import CsvWriter, JsonWriter

MEASURED: Final = ("sharpness", "roll", "yaw", "hash")
TOLD: Final = tuple(column for column in COLUMNS if column.name in ("matrix", *MEASURED, "captured"))
"""Columns of the tables, beside source, box, score, landmarks and crop."""


class Tables:
    """Two tables of the same faces, in memory."""

    def __init__(self) -> None:
        self._csv, self._json = io.StringIO(), io.StringIO()
        self._writers = (CsvWriter(self._csv, crops=True, columns=TOLD), JsonWriter(self._json, columns=TOLD))

    def add(self, name: str, looked: Looked, rows: Sequence[Harvest], files: Sequence[str]) -> None:
        """A picture with all its faces.

        Args:
            name: what the archive calls it.
            looked: the picture.
            rows: what was measured of its faces, in their order.
            files: the crop of each of them.
        """
        height, width = looked.pixels.shape[:2]
        for writer in self._writers:
            writer.write(name, looked.faces, width=width, height=height, crops=files, extras=_extras(rows))

    def error(self, name: str, problem: Problem) -> None:
        """A picture that has none."""
        for writer in self._writers:
            writer.write_error(name, ImageError(problem.detail))

    def texts(self) -> list[tuple[str, bytes]]:
        """Name and content of each table, complete."""
        for writer in self._writers:
            writer.close()
        tables = (("faces.csv", self._csv), ("faces.json", self._json))
        return [(name, table.getvalue().encode("utf-8", "backslashreplace")) for name, table in tables]


def _extras(rows: Sequence[Harvest]) -> dict[str, Any]:
    measures = [one for row in rows for one in row.measures]
    matrices = [matrix.ravel() for row in rows for matrix in row.matrices]
    return {
        "matrix": np.array(matrices).reshape(-1, 6),
        **{name: [getattr(one, name) for one in measures] for name in MEASURED},
        "captured": [row.captured for row in rows for _ in row.measures],
    }

"""Faces as a table in the terminal: `TableWriter`."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from facecascade.errors import ImageError
from facecascade.faces import Faces
from facecascade.write.columns import Extras
from facecascade.write.writer import StrPath, source_id


class TableWriter:
    """A `facecascade.write.Writer` that prints one table when all is done."""

    def __init__(self) -> None:
        self._table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        self._table.add_column("Picture", overflow="fold")
        self._table.add_column("Size", style="dim", no_wrap=True)
        for name in ("Face", "x1", "y1", "x2", "y2", "Score"):
            self._table.add_column(name, justify="right", no_wrap=True)

    def write(
        self,
        source: StrPath,
        faces: Faces,
        *,
        width: int,
        height: int,
        crops: Sequence[StrPath] | None = None,
        extras: Extras | None = None,
    ) -> None:
        """Adds one row a face; see `facecascade.write.Writer`."""
        del crops, extras
        head = (_printable(source), f"{width} x {height}")
        if not len(faces):
            self._table.add_row(*head, Text("none", style="dim"))
        for number, face in enumerate(faces):
            box_and_score = (*(f"{value:.1f}" for value in face.box), f"{face.score:.3f}")
            self._table.add_row(*(head if number == 0 else ("", "")), str(number), *box_and_score)

    def write_error(self, source: StrPath, error: ImageError) -> None:
        """Adds one row; the reason is on standard error already."""
        del error
        self._table.add_row(_printable(source), Text("unreadable", style="red"))

    def close(self) -> None:
        """Prints the table."""
        if self._table.row_count:
            Console().print(self._table)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()


def _printable(source: StrPath) -> Text:
    return Text(source_id(source).encode("utf-8", "backslashreplace").decode())

"""The text form that WIDER FACE and FDDB share: the name of a picture, the number of its rows, and the rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError


class Block(NamedTuple):
    """One picture of such a file."""

    name: str
    rows: NDArray[np.float64]
    """(n, columns); (0, 0) where there are none."""


def read_blocks(path: Path) -> Iterator[Block]:
    """The blocks of a file, in order; empty lines between them do not count.

    WIDER FACE follows a count of 0 by one row of zeros, and that row is skipped.

    Raises:
        AnnotationError: a line is not what it should be; the message names the file and the line.
    """
    lines = [(number, line.strip()) for number, line in enumerate(_lines(path), start=1) if line.strip()]
    place = 0
    while place < len(lines):
        name = lines[place][1]
        count = _count(lines, place + 1, path=path)
        rows = lines[place + 2 : place + 2 + count]
        if len(rows) < count:
            raise AnnotationError(
                f"{path}: expected {count} rows for {name!r}, got {len(rows)} and the end of the file"
            )
        yield Block(name, _table(rows, path=path))
        place += 2 + count
        if count == 0 and place < len(lines) and set(lines[place][1].split()) == {"0"}:
            place += 1


def read_text(path: Path) -> str:
    """A file as UTF-8 text.

    Raises:
        AnnotationError: it is not there, or is no text; the message names it.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AnnotationError(f"{path}: expected a text file, got: {error}") from error


def _lines(path: Path) -> list[str]:
    return read_text(path).splitlines()


def _count(lines: list[tuple[int, str]], place: int, *, path: Path) -> int:
    if place >= len(lines):
        raise AnnotationError(f"{path}: expected the number of faces of {lines[-1][1]!r}, got the end of the file")
    number, text = lines[place]
    if not text.isdecimal():
        raise AnnotationError(f"{path}, line {number}: expected a number of faces, got {text[:60]!r}")
    return int(text)


def _table(rows: list[tuple[int, str]], *, path: Path) -> NDArray[np.float64]:
    values = [_numbers(line, number=number, path=path) for number, line in rows]
    if len({len(row) for row in values}) > 1:
        raise AnnotationError(f"{path}, line {rows[0][0]}: expected rows of one length, got different ones")
    return np.array(values, np.float64) if values else np.zeros((0, 0))


def _numbers(line: str, *, number: int, path: Path) -> list[float]:
    try:
        values = [float(value) for value in line.replace(",", " ").split()]
    except ValueError:
        raise AnnotationError(f"{path}, line {number}: expected numbers, got {line[:60]!r}") from None
    if not np.isfinite(values).all():
        raise AnnotationError(f"{path}, line {number}: expected finite numbers, got {line[:60]!r}")
    return values

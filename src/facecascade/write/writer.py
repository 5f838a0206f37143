"""The protocol of all writers, and what they share."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self, TextIO

import numpy as np

from facecascade.errors import ImageError
from facecascade.faces import Face, Faces
from facecascade.write.columns import Column, Extras, check_columns, check_extras, plain_values
from facecascade.write.files import AtomicText

StrPath = str | os.PathLike[str]


class Writer(Protocol):
    """Keeps the faces of many pictures; a context manager, complete when it ends well.

    When its block ends with an exception, what was written is dropped, and an older file stays as it was.
    """

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
        """Adds the faces of one picture.

        Args:
            source: where the picture comes from: a path, or what has both a path and an `id`, which is then what the
                output calls it, as `facecascade.read.Entry`.
            faces: in pixels of that picture.
            width: of the picture, in pixels.
            height: of the picture, in pixels.
            crops: the file that each face was cut out into, where there are such files.
            extras: values of the further columns that the writer was made with.

        Raises:
            ValueError: there are not as many crops or values as faces, or the columns are others.
        """

    def write_error(self, source: StrPath, error: ImageError) -> None:
        """Adds a picture that could not be read."""

    def close(self) -> None:
        """Completes the output; for those who use no `with`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Entry(NamedTuple):
    """One picture as it reaches a format: checked, and its paths as text."""

    source: str
    """What the output calls it."""
    origin: StrPath
    """What it is made from: what names of files and its orientation are asked for."""
    faces: Faces
    rows: int
    width: int
    height: int
    crops: Sequence[str] | None
    extras: Extras


def source_id(source: StrPath) -> str:
    """What outputs call a picture: its `id` where it has one, else its path."""
    identity = getattr(source, "id", None)
    return identity if isinstance(identity, str) else os.fspath(source)


class BaseWriter(ABC):
    """What all formats share: what comes in is checked, and the end is reached once.

    Args:
        columns: further columns; each `write` must bring their values. None for a format that has no place for any,
            and passes over what is brought.
    """

    def __init__(self, *, columns: Sequence[Column] | None = ()) -> None:
        self._columns = check_columns(columns or ())
        self._names = frozenset(column.name for column in self._columns)
        self._has_columns = columns is not None
        self._closed = False

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
        """Adds the faces of one picture; see `Writer.write`."""
        self._check_open()
        count = len(faces)
        if crops is not None and len(crops) != count:
            raise ValueError(f"expected {count} crops for {count} faces, got {len(crops)}")
        files = None if crops is None else [os.fspath(crop) for crop in crops]
        values = check_extras(self._names, extras, count=count) if self._has_columns else {}
        self._add(Entry(source_id(source), source, faces, count, width, height, files, values))

    def write_error(self, source: StrPath, error: ImageError) -> None:
        """Adds a picture that could not be read; see `Writer.write_error`."""
        self._check_open()
        self._add_error(source_id(source), error)

    def close(self) -> None:
        """Completes the output and puts it in place; a second time does nothing."""
        if self._closed:
            return
        try:
            self._finish()
        except BaseException:
            self._discard()
            raise
        self._closed = True

    @abstractmethod
    def _add(self, entry: Entry) -> None:
        """Adds one picture."""

    @abstractmethod
    def _add_error(self, source: str, error: ImageError) -> None:
        """Adds a picture that could not be read."""

    @abstractmethod
    def _finish(self) -> None:
        """Completes the output and puts it in place."""

    @abstractmethod
    def _drop(self) -> None:
        """Leaves nothing behind; also after a `_finish` that failed."""

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("expected an open writer, got one that is closed already")

    def _discard(self) -> None:
        if not self._closed:
            self._closed = True
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._discard()


class TextWriter(BaseWriter):
    """What all writers of one text share: where it goes, and what happens to it in the end.

    Args:
        target: a file, which appears once all is written; or an open stream, which gets each picture at once and is
            left open.
        columns: see `BaseWriter`.
    """

    def __init__(self, target: StrPath | TextIO, *, columns: Sequence[Column] | None = ()) -> None:
        super().__init__(columns=columns)
        self._file = AtomicText(Path(target)) if isinstance(target, str | os.PathLike) else None
        self._stream = target if not isinstance(target, str | os.PathLike) else None

    def _put(self, text: str) -> None:
        """Writes one whole record, so that no moment finds half of one in a stream."""
        if self._file is not None:
            self._file.stream.write(text)
        elif self._stream is not None:
            self._stream.write(text)
            self._stream.flush()

    def _end(self) -> str:
        """What the format wants after the last picture."""
        return ""

    def _finish(self) -> None:
        self._put(self._end())
        if self._file is not None:
            self._file.commit()

    def _drop(self) -> None:
        if self._file is not None:
            self._file.discard()


def picture_dict(entry: Entry, columns: Sequence[Column]) -> dict[str, Any]:
    """One picture as plain values: source, width, height, faces; each face with its crop and its further columns."""
    rows = [short_numbers(face.to_dict()) for face in entry.faces]
    for row, further in zip(rows, further_dicts(entry, columns), strict=True):
        row.update(further)
    return {"source": entry.source, "width": entry.width, "height": entry.height, "faces": rows}


def further_dicts(entry: Entry, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """What each face has beside box, score and landmarks: its crop where there is one, and its further columns."""
    crops = [{}] * len(entry.faces) if entry.crops is None else [{"crop": crop} for crop in entry.crops]
    values = [plain_values(column, entry.extras[column.name]) for column in columns]
    names = [column.name for column in columns]
    return [
        {**crop, **dict(zip(names, (column[place] for column in values), strict=True))}
        for place, crop in enumerate(crops)
    ]


def error_dict(source: str, error: ImageError) -> dict[str, Any]:
    """An unreadable picture as plain values: source, error."""
    return {"source": source, "error": str(error)}


def numbered(entry: Entry) -> Iterator[tuple[int, Face, str]]:
    """Each face with its number and its crop ("" where there is none)."""
    files = [""] * len(entry.faces) if entry.crops is None else entry.crops
    for number, (face, file) in enumerate(zip(entry.faces, files, strict=True)):
        yield number, face, file


def short_numbers(value: Any) -> Any:
    """The same lists and dicts with each float32 as the shortest decimal that gives this float32 again."""
    if isinstance(value, float):
        return float(str(np.float32(value)))
    if isinstance(value, list):
        return [short_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: short_numbers(item) for key, item in value.items()}
    return value


def as_utf8(text: str) -> str:
    """The text with what UTF-8 cannot say, such as a file name in an unknown encoding, as backslash escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()

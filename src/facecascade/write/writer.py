"""The protocol of all writers, and what those that write text share."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

import numpy as np

from facecascade.errors import ImageError
from facecascade.faces import Face, Faces
from facecascade.write.files import AtomicText

StrPath = str | os.PathLike[str]


class Writer(Protocol):
    """Keeps the faces of many pictures; a context manager, complete when it ends well.

    When its block ends with an exception, what was written is dropped, and an older file stays as it was.
    """

    def write(
        self, source: StrPath, faces: Faces, *, width: int, height: int, crops: Sequence[StrPath] | None = None
    ) -> None:
        """Adds the faces of one picture.

        Args:
            source: where the picture comes from.
            faces: in pixels of that picture.
            width: of the picture, in pixels.
            height: of the picture, in pixels.
            crops: the file that each face was cut out into, where there are such files.
        """

    def write_error(self, source: StrPath, error: ImageError) -> None:
        """Adds a picture that could not be read."""

    def close(self) -> None:
        """Completes the output; for those who use no `with`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class TextWriter:
    """What all writers of text share: where the text goes, and what happens to it in the end.

    Args:
        target: a file, which appears once all is written; or an open stream, which gets each picture at once and is
            left open.
    """

    def __init__(self, target: StrPath | TextIO) -> None:
        self._file = AtomicText(Path(target)) if isinstance(target, str | os.PathLike) else None
        self._stream = target if not isinstance(target, str | os.PathLike) else None
        self._closed = False

    def _put(self, text: str) -> None:
        """Writes one whole record, so that no moment finds half of one in a stream."""
        if self._closed:
            raise ValueError("expected an open writer, got one that is closed already")
        if self._file is not None:
            self._file.stream.write(text)
        elif self._stream is not None:
            self._stream.write(text)
            self._stream.flush()

    def _end(self) -> str:
        """What the format wants after the last picture."""
        return ""

    def close(self) -> None:
        """Completes the output and puts it in place; a second time does nothing."""
        if self._closed:
            return
        try:
            self._put(self._end())
        except BaseException:
            self._discard()
            raise
        self._closed = True
        if self._file is not None:
            self._file.commit()

    def _discard(self) -> None:
        if not self._closed and self._file is not None:
            self._file.discard()
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._discard()


def picture_dict(
    source: StrPath, faces: Faces, *, width: int, height: int, crops: Sequence[StrPath] | None
) -> dict[str, Any]:
    """One picture as plain values: source, width, height, faces; each face with its crop where there is one."""
    rows = [short_numbers(face.to_dict()) for face in faces]
    if crops is not None:
        rows = [row | {"crop": os.fspath(crop)} for row, crop in zip(rows, crops, strict=True)]
    return {"source": os.fspath(source), "width": width, "height": height, "faces": rows}


def error_dict(source: StrPath, error: ImageError) -> dict[str, Any]:
    """An unreadable picture as plain values: source, error."""
    return {"source": os.fspath(source), "error": str(error)}


def numbered(faces: Faces, crops: Sequence[StrPath] | None) -> Iterator[tuple[int, Face, str]]:
    """Each face with its number and its crop ("" where there is none)."""
    files = [""] * len(faces) if crops is None else [os.fspath(crop) for crop in crops]
    for number, (face, file) in enumerate(zip(faces, files, strict=True)):
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

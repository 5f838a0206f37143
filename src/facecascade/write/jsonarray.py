"""JSON: one array of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from facecascade.errors import ImageError
from facecascade.faces import Faces
from facecascade.write.jsonlines import to_json
from facecascade.write.writer import StrPath, TextWriter, error_dict, picture_dict


class JsonWriter(TextWriter):
    """One array, with the objects of `JsonLinesWriter`, one a line; written as they come."""

    def __init__(self, target: StrPath | TextIO) -> None:
        super().__init__(target)
        self._before = "[\n"

    def write(
        self, source: StrPath, faces: Faces, *, width: int, height: int, crops: Sequence[StrPath] | None = None
    ) -> None:
        """Adds one object; see `Writer.write`."""
        self._add(to_json(picture_dict(source, faces, width=width, height=height, crops=crops)))

    def write_error(self, source: StrPath, error: ImageError) -> None:
        """Adds one object; see `Writer.write_error`."""
        self._add(to_json(error_dict(source, error)))

    def _add(self, text: str) -> None:
        self._put(self._before + text)
        self._before = ",\n"

    def _end(self) -> str:
        return "[]\n" if self._before == "[\n" else "\n]\n"

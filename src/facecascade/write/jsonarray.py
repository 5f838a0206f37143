"""JSON: one array of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from facecascade.errors import ImageError
from facecascade.write.columns import Column
from facecascade.write.jsonlines import to_json
from facecascade.write.writer import Entry, StrPath, TextWriter, error_dict, picture_dict


class JsonWriter(TextWriter):
    """One array, with the objects of `JsonLinesWriter`, one a line; written as they come."""

    def __init__(self, target: StrPath | TextIO, *, columns: Sequence[Column] = ()) -> None:
        super().__init__(target, columns=columns)
        self._before = "[\n"

    def _add(self, entry: Entry) -> None:
        self._item(to_json(picture_dict(entry, self._columns)))

    def _add_error(self, source: str, error: ImageError) -> None:
        self._item(to_json(error_dict(source, error)))

    def _item(self, text: str) -> None:
        self._put(self._before + text)
        self._before = ",\n"

    def _end(self) -> str:
        return "[]\n" if self._before == "[\n" else "\n]\n"

"""JSON lines: one object a picture."""

from __future__ import annotations

import json
from typing import Any

from facecascade.errors import ImageError
from facecascade.write.writer import Entry, TextWriter, error_dict, picture_dict


class JsonLinesWriter(TextWriter):
    """One line a picture: {"source", "width", "height", "faces"}, or {"source", "error"}; see `Face.to_dict`."""

    def _add(self, entry: Entry) -> None:
        self._put(to_json(picture_dict(entry, self._columns)) + "\n")

    def _add_error(self, source: str, error: ImageError) -> None:
        self._put(to_json(error_dict(source, error)) + "\n")


def to_json(value: dict[str, Any]) -> str:
    """JSON on one line, in the letters of the source; numbers that JSON does not know are a ValueError."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)

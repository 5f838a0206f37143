"""JSON lines: one object a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from facecascade.errors import ImageError
from facecascade.faces import Faces
from facecascade.write.writer import StrPath, TextWriter, error_dict, picture_dict


class JsonLinesWriter(TextWriter):
    """One line a picture: {"source", "width", "height", "faces"}, or {"source", "error"}; see `Face.to_dict`."""

    def write(
        self, source: StrPath, faces: Faces, *, width: int, height: int, crops: Sequence[StrPath] | None = None
    ) -> None:
        """Adds one line; see `Writer.write`."""
        self._put(to_json(picture_dict(source, faces, width=width, height=height, crops=crops)) + "\n")

    def write_error(self, source: StrPath, error: ImageError) -> None:
        """Adds one line; see `Writer.write_error`."""
        self._put(to_json(error_dict(source, error)) + "\n")


def to_json(value: dict[str, Any]) -> str:
    """JSON on one line, in the letters of the source; numbers that JSON does not know are a ValueError."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)

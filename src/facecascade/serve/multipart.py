"""Files of a form, in memory alone: `files_of`.

The readers of forms that frameworks bring write larger files to the disk while they come in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from facecascade.serve.problems import Problem

MOST_HEADERS: Final = 8
"""Of one part."""
MOST_HEADER_BYTES: Final = 4096


@dataclass(eq=False)
class FilePart:
    """One file of a form.

    Attributes:
        name: of the file, as the client calls it; None where it has none.
        data: its content.
    """

    name: str | None
    data: bytes


@dataclass
class _Part:
    """What a parser tells of one part, piece by piece."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    header: bytes = b""
    value: bytes = b""
    pieces: list[bytes] = field(default_factory=list)


def files_of(content_type: str, body: bytes, *, field: str, most: int) -> list[FilePart]:
    """The files in one field of a form.

    Args:
        content_type: the header of this name, with the boundary.
        body: all of it.
        field: name of the field; another one is an error.
        most: parts; a form of more is an error.

    Raises:
        Problem: the form is not well formed.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise Problem("bad-request", "expected multipart/form-data with a boundary, got none")
    reader = _Reader(boundary, most=most)
    return [_file(part, field) for part in reader.read(body)]


def _file(part: _Part, field: str) -> FilePart:
    _, options = parse_options_header(part.headers.get(b"content-disposition"))
    name = options.get(b"name", b"").decode("utf-8", "replace")
    if name != field:
        raise Problem("bad-request", f"expected parts of the name {field!r} alone, got {name[:80]!r}", field=field)
    told = options.get(b"filename")
    return FilePart(told.decode("utf-8", "replace") if told else None, b"".join(part.pieces))


class _Reader:
    """A parser that keeps what it finds."""

    def __init__(self, boundary: bytes, *, most: int) -> None:
        self._most = most
        self._parts: list[_Part] = []
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_part_data": self._data,
                    "on_end": self._end,
                },
                max_header_count=MOST_HEADERS,
                max_header_size=MOST_HEADER_BYTES,
            )
        except FormParserError as error:
            raise Problem("bad-request", f"expected a form, got one that cannot be read: {error}") from error

    def read(self, body: bytes) -> list[_Part]:
        """All parts of a form."""
        try:
            self._parser.write(body)
            self._parser.finalize()
        except FormParserError as error:
            raise Problem("bad-request", f"expected a form, got one that cannot be read: {error}") from error
        if not self._ended:
            raise Problem("bad-request", "expected a whole form, got one that ends before its last boundary")
        return self._parts

    def _begin(self) -> None:
        if len(self._parts) >= self._most:
            raise Problem("too-large", f"expected at most {self._most} pictures in one request, got more")
        self._parts.append(_Part())

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._parts[-1].header += data[start:end].lower()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._parts[-1].value += data[start:end]

    def _header_end(self) -> None:
        part = self._parts[-1]
        part.headers[part.header] = part.value
        part.header = part.value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._parts[-1].pieces.append(data[start:end])

    def _end(self) -> None:
        self._ended = True

"""Files of a form, in memory alone: `files_of`.

The readers of forms that frameworks bring write larger files to the disk while they come in, and go through a form byte
by byte, in Python. Here the whole form is in memory, bounded, and is searched for its boundary.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from python_multipart.multipart import parse_options_header

from facecascade.serve.problems import Problem
from facecascade.serve.windows import find

MOST_HEADERS: Final = 8
"""Of one part."""
MOST_HEADER_BYTES: Final = 4096
"""Of all headers of a part."""
MOST_BOUNDARY_BYTES: Final = 70
"""RFC 2046, section 5.1.1."""
ESCAPES: Final = {"%0D": "\r", "%0A": "\n", "%22": '"'}
"""What browsers write in names for what would end them."""


class FilePart(NamedTuple):
    """One file of a form."""

    name: str | None
    """As the client calls it; None where it has none."""
    data: bytes


class _Part(NamedTuple):
    headers: bytes
    data: bytes


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
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 1 <= len(boundary) <= MOST_BOUNDARY_BYTES:
        raise _broken(f"a boundary of 1 to {MOST_BOUNDARY_BYTES} bytes", f"one of {len(boundary)}")
    files: list[FilePart] = []
    for part in _parts(body, b"\r\n--" + boundary):
        if len(files) == most:
            raise too_many(most, field=field)
        files.append(_file(part, field))
    return files


def too_many(most: int, *, field: str) -> Problem:
    """The problem of more than `most` pictures."""
    return Problem("too-large", f"expected at most {most} pictures in one request, got more", field=field)


def _parts(body: bytes, delimiter: bytes) -> Iterator[_Part]:
    """What lies between two delimiters, each; what lies before the first and after the last says nothing."""
    begins = body.startswith(delimiter[2:])
    place = 0 if begins else find(body, delimiter) + 2
    if not begins and place < 2:
        raise _broken("a form", "a body without its boundary")
    place += len(delimiter) - 2
    while not body.startswith(b"--", place):
        line = body.find(b"\r\n", place, place + MOST_HEADER_BYTES)
        if line < 0 or body[place:line].strip(b" \t"):
            raise _broken("a boundary on a line of its own", "more on that line")
        following = find(body, delimiter, line)
        if following < 0:
            raise _broken("a whole form", "one that ends before its last boundary")
        head = body.find(b"\r\n\r\n", line, min(line + MOST_HEADER_BYTES, following + 4))
        if head < 0:
            raise _broken(f"headers of at most {MOST_HEADER_BYTES} bytes and an empty line", "a part without")
        yield _Part(body[line + 2 : head], body[head + 4 : following])
        place = following + len(delimiter)


def _file(part: _Part, field: str) -> FilePart:
    lines = part.headers.split(b"\r\n")
    if len(lines) > MOST_HEADERS:
        raise _broken(f"at most {MOST_HEADERS} headers of a part", "more")
    headers = {name.strip().lower(): value for name, _, value in (line.partition(b":") for line in lines)}
    _, options = parse_options_header(headers.get(b"content-disposition"))
    name = options.get(b"name", b"").decode("utf-8", "replace")
    if name != field:
        raise Problem("bad-request", f"expected parts of the name {field!r} alone, got {name[:80]!r}", field=field)
    told = options.get(b"filename", b"").decode("utf-8", "replace")
    for escape, letter in ESCAPES.items():
        told = told.replace(escape, letter)
    return FilePart(told or None, part.data)


def _broken(expected: str, got: str) -> Problem:
    return Problem("bad-request", f"expected multipart/form-data with {expected}, got {got}")

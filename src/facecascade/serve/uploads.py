"""Pictures as they come in: `Upload`, and the bodies that hold some."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from facecascade.read import printable
from facecascade.serve.multipart import files_of, too_many
from facecascade.serve.problems import Problem
from facecascade.serve.texts import LongText, loads
from facecascade.serve.windows import count

FIELD: Final = "pictures"
"""Of a form or a JSON object."""
RAW: Final = "application/octet-stream"
MOST_LETTERS: Final = 255
"""Of a name."""
MOST_JSON_BYTES: Final = 16 * 2**20
MARKS: Final = (b",", b":", b"[", b"{", b'"')
"""Of which JSON of many small things has many."""
MOST_MARKS: Final = 1024
"""For each picture; some may be in its name."""
MOST_JSON_AROUND: Final = 2**14
"""Bytes for each picture, beside long strings."""
AT_ONCE_BYTES: Final = 2**20
"""Of a picture as it is, for which nobody has to change threads."""


@dataclass(frozen=True, eq=False)
class Upload:
    """One picture of a request.

    Attributes:
        number: its place in the request, from 0 on.
        name: as the client calls it; no path of this machine, and never used as one. None where it has none.
        data: the encoded picture.
    """

    number: int
    name: str | None
    data: bytes

    @property
    def shown(self) -> str:
        """What messages call it."""
        return f"picture {self.number}" if self.name is None else printable(self.name)


def read_uploads(content_type: str, body: bytes, *, most: int) -> list[Upload]:
    """The pictures of a body, at least one.

    Args:
        content_type: the header of this name.
        body: all of it.
        most: pictures.

    Raises:
        Problem: the body is of another type, not well formed, or has no pictures or more than `most`.
    """
    named = _reader(_media_type(content_type))(content_type, body, most)
    if not named:
        raise Problem("bad-request", f"expected at least one picture in the field {FIELD!r}, got none", field=FIELD)
    if len(named) > most:
        raise too_many(most, field=FIELD)
    return [Upload(number, _name(name), data) for number, (name, data) in enumerate(named)]


def takes_time(content_type: str, size: int) -> bool:
    """Whether a body of this type and of so many bytes takes so long to read that others would notice.

    Raises:
        Problem: bodies of this type are not read.
    """
    return size > AT_ONCE_BYTES or _reader(_media_type(content_type)) is not _from_raw


def check_any(uploads: Sequence[Upload], problems: Sequence[Problem]) -> None:
    """Raise a `Problem` with all of these if none of the pictures is without one."""
    if len(problems) < len(uploads):
        return
    first = problems[0]
    if len(uploads) == 1:
        detail = first.detail
    else:
        detail = f"none of the {len(uploads)} pictures can be served; the first: {first.detail}"
    raise Problem(first.kind, detail, field=first.field, errors=wrong_pictures(uploads, problems))


def wrong_pictures(uploads: Sequence[Upload], problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """What is wrong with each of these pictures, as plain values."""
    return [
        {"picture": upload.number, "name": upload.name, "reason": problem.detail}
        for upload, problem in zip(uploads, problems, strict=True)
    ]


Named = list[tuple[str | None, bytes]]
Reader = Callable[[str, bytes, int], Named]


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _reader(media_type: str) -> Reader:
    if media_type == "multipart/form-data":
        return _from_form
    if media_type == "application/json":
        return _from_json
    if media_type == RAW or media_type.startswith("image/"):
        return _from_raw
    raise Problem(
        "unsupported-type",
        f"expected a body of type multipart/form-data, application/json, {RAW} or image/*, got {media_type or 'none'}",
    )


def _from_form(content_type: str, body: bytes, most: int) -> Named:
    return [(one.name, one.data) for one in files_of(content_type, body, field=FIELD, most=most)]


def _from_raw(content_type: str, body: bytes, most: int) -> Named:
    del content_type, most
    if not body:
        raise Problem("bad-request", "expected a picture as the body, got an empty one")
    return [(None, body)]


def _from_json(content_type: str, body: bytes, most: int) -> Named:
    del content_type
    if len(body) > MOST_JSON_BYTES:
        raise Problem("too-large", f"expected at most {MOST_JSON_BYTES} bytes of JSON, got more: send a form")
    if sum(count(body, mark) for mark in MARKS) > MOST_MARKS * most:
        raise Problem("bad-request", f"expected at most {most} pictures and nothing else, got more", field=FIELD)
    try:
        document = loads(body, most=MOST_JSON_AROUND * most)
    except (ValueError, RecursionError) as error:
        raise Problem("bad-request", f"expected JSON, got a body that is none: {error}") from error
    items = document.get(FIELD) if isinstance(document, dict) else None
    if not isinstance(items, list) or len(document) > 1:
        raise Problem("bad-request", f'expected an object {{"{FIELD}": [...]}} and nothing else in it', field=FIELD)
    if len(items) > most:
        raise too_many(most, field=FIELD)
    return [_from_item(number, item) for number, item in enumerate(items)]


def _from_item(number: int, item: Any) -> tuple[str | None, bytes]:
    where = f"{FIELD}.{number}"
    if not isinstance(item, dict) or not item.keys() <= {"name", "data"}:
        raise Problem("bad-request", 'expected an object with "data" and perhaps "name"', field=where)
    name, data = item.get("name"), item.get("data")
    if name is not None and not isinstance(name, str | LongText):
        raise Problem("bad-request", "expected a text as the name", field=f"{where}.name")
    if not isinstance(data, str | LongText):
        raise Problem("bad-request", "expected a picture in Base64 as text", field=f"{where}.data")
    try:
        return _first(name), _from_base64(data)
    except ValueError as error:
        raise Problem("bad-request", f"expected a picture in Base64, got: {error}", field=f"{where}.data") from error


def _first(name: str | LongText | None) -> str | None:
    """The beginning of a name, longer than is kept of it."""
    return next(name.pieces()) if isinstance(name, LongText) else name


def _from_base64(text: str | LongText) -> bytes:
    """A piece at a time, between which other threads have their turn."""
    decoded, rest, ended = list[bytes](), b"", False
    for piece in text.pieces() if isinstance(text, LongText) else (text,):
        if ended:
            raise ValueError("more after its end")
        letters = rest + piece.encode("ascii")
        whole = len(letters) // 4 * 4  # of which three bytes are made
        decoded.append(binascii.a2b_base64(letters[:whole], strict_mode=True))
        rest, ended = letters[whole:], letters.endswith(b"=", 0, whole)
    decoded.append(binascii.a2b_base64(rest, strict_mode=True))
    return b"".join(decoded)


def _name(name: str | None) -> str | None:
    return None if name is None else name[:MOST_LETTERS]

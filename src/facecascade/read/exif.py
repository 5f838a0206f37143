"""EXIF as it lies in a file: tags with their raw values, read from and put into a TIFF structure."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, NamedTuple

from facecascade.read.orientation import BYTE_ORDERS

EXIF_POINTER: Final = 0x8769
"""The tag that says where the tags of the photograph are, as opposed to those of the file."""
VALUE_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 129: 1}
"""Bytes of one value of each type: TIFF's, and EXIF 3's text in UTF-8."""
ASCII: Final = 2
LONG: Final = 4
MOST_TAGS: Final = 1000
"""In one directory; a file with more is broken."""


class Value(NamedTuple):
    """What one tag holds: so many values of a type, in the byte order of their structure."""

    kind: int
    length: int
    data: bytes

    @property
    def text(self) -> str | None:
        """Of a tag that holds ASCII, up to its closing zero; None for others, and for what is no ASCII."""
        if self.kind != ASCII or not self.data.isascii():
            return None
        return self.data.split(b"\0")[0].decode("ascii").strip()


Tags = dict[int, Value]


class Exif(NamedTuple):
    """The two directories of an EXIF structure."""

    order: str
    """Byte order, in the words of `struct`."""
    file: Tags
    """IFD0: camera, author, description."""
    photograph: Tags
    """Exif IFD: times, exposure, lens."""


def parse_exif(exif: bytes) -> Exif | None:
    """The tags of an EXIF structure, with or without its "Exif" marker; None where it is none.

    Tags whose values are cut off, or of a type that nobody knows, are left out; the others stay.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = BYTE_ORDERS.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return None
    file = _directory(tiff, order, _number(tiff, order, 4))
    pointer = file.pop(EXIF_POINTER, None)
    if pointer is None or pointer.kind != LONG:
        return Exif(order, file, {})
    return Exif(order, file, _directory(tiff, order, _number(pointer.data, order, 0)))


def build_exif(exif: Exif) -> bytes:
    """A TIFF structure with these tags: no thumbnail, no marker in front."""
    mark = next(mark for mark, order in BYTE_ORDERS.items() if order == exif.order)
    header = mark + struct.pack(f"{exif.order}HL", 42, 8)
    tags = dict(exif.file)
    if exif.photograph:
        # Its length does not depend on the value, so one look tells where the second directory comes to lie.
        tags[EXIF_POINTER] = Value(LONG, 1, bytes(4))
        start = len(header) + len(_packed(exif.order, tags, len(header)))
        tags[EXIF_POINTER] = Value(LONG, 1, struct.pack(f"{exif.order}L", start))
    first = _packed(exif.order, tags, len(header))
    second = _packed(exif.order, exif.photograph, len(header) + len(first)) if exif.photograph else b""
    return header + first + second


def _directory(tiff: bytes, order: str, start: int) -> Tags:
    if start + 2 > len(tiff):
        return {}
    (entries,) = struct.unpack_from(f"{order}H", tiff, start)
    tags: Tags = {}
    for entry in range(min(entries, MOST_TAGS)):
        place = start + 2 + 12 * entry
        if place + 12 > len(tiff):
            break
        tag, kind, count = struct.unpack_from(f"{order}HHL", tiff, place)
        length = VALUE_BYTES.get(kind, 0) * count
        where = place + 8 if length <= 4 else _number(tiff, order, place + 8)
        if 0 < length <= len(tiff) - where:
            tags[tag] = Value(kind, count, tiff[where : where + length])
    return tags


def _number(data: bytes, order: str, place: int) -> int:
    return int(struct.unpack_from(f"{order}L", data, place)[0])


def _packed(order: str, tags: Mapping[int, Value], start: int) -> bytes:
    """One directory that begins at `start`, and its longer values behind it."""
    entries, values = struct.pack(f"{order}H", len(tags)), b""
    free = start + 2 + 12 * len(tags) + 4
    for tag, (kind, count, data) in sorted(tags.items()):
        entries += struct.pack(f"{order}HHL", tag, kind, count)
        if len(data) <= 4:
            entries += data.ljust(4, b"\0")
        else:
            entries += struct.pack(f"{order}L", free + len(values))
            values += data + b"\0" * (len(data) % 2)
    return entries + bytes(4) + values  # no directory follows

"""Which bytes are given to a decoder at all: `format_of`.

Pillow reads some forty formats, most of them by code that few people look after. A service reads what browsers and
cameras write.
"""

from __future__ import annotations

from typing import Final

from facecascade.serve.windows import count

PREFIX_BYTES: Final = 16

SIGNATURES: Final[tuple[tuple[str, int, bytes], ...]] = (
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("webp", 8, b"WEBP"),
    ("gif", 0, b"GIF87a"),
    ("gif", 0, b"GIF89a"),
    ("bmp", 0, b"BM"),
    ("tiff", 0, b"II*\0"),
    ("tiff", 0, b"MM\0*"),
    *(("avif", 4, b"ftyp" + brand) for brand in (b"avif", b"avis")),
    *(("heif", 4, b"ftyp" + brand) for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")),
    *(("heif", 4, b"ftyp" + brand) for brand in (b"mif1", b"msf1")),
)
"""Format, place and bytes."""
FORMATS: Final = tuple(dict.fromkeys(name for name, _, _ in SIGNATURES))

MEDIA_TYPES: Final = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
"""Of the formats that are written too."""
SUFFIXES: Final = {"jpeg": ".jpg", "png": ".png", "webp": ".webp"}

START_OF_SCAN: Final = b"\xff\xda"
"""In a JPEG no other bytes of its pixels look like this marker; thumbnails in its head have some of their own."""


def format_of(data: bytes) -> str | None:
    """The format of an encoded picture, one of `FORMATS`, by its first bytes; None for any other."""
    for name, place, signature in SIGNATURES:
        if data.startswith(signature, place):
            return name
    return None


def passes(data: bytes, name: str) -> int:
    """How often a decoder goes over all pixels of a picture: once for each scan of a progressive JPEG."""
    return max(count(data, START_OF_SCAN), 1) if name == "jpeg" else 1

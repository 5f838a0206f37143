"""Encoded pictures to send."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from benchmarks.data import list_pictures

VGA: Final = (640, 480)


def vga_jpegs(folder: Path) -> list[bytes]:
    """The photographs of a folder, cut to 4:3 at 640 x 480 pixels, as JPEGs of quality 90.

    Raises:
        SystemExit: there are none.
    """
    return [_jpeg(path) for path in list_pictures(folder)]


def _jpeg(path: Path) -> bytes:
    encoded = io.BytesIO()
    with Image.open(path) as picture:
        ImageOps.fit(picture.convert("RGB"), VGA, Image.Resampling.LANCZOS).save(encoded, "JPEG", quality=90)
    return encoded.getvalue()

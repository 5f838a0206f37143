"""Writing one picture so that no half of it is ever seen."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from facecascade.errors import SettingsError
from facecascade.files import Replacement

if TYPE_CHECKING:
    from PIL import Image

JPEG_SUFFIXES: Final = (".jpg", ".jpeg", ".jpe", ".jfif")
DEFAULT_QUALITY: Final = 95
"""JPEG quality at which no eye, and hardly a network, tells a crop from its original."""


def save_picture(image: Image.Image, path: Path, *, quality: int = DEFAULT_QUALITY) -> None:
    """Writes a picture beside its place and moves it there once it is whole; makes the folder where it is missing.

    Args:
        image: any mode that the format knows.
        path: ends in .png, or in .jpg, .jpeg, .jpe or .jfif.
        quality: of JPEG, 1 to 100; PNG has no loss.

    Raises:
        SettingsError: another suffix, or a quality out of range.
        OSError: the folder cannot be written to; an older file at `path` is then left as it was.
    """
    encoded = io.BytesIO()
    image.save(encoded, **_options(path, quality))
    path.parent.mkdir(parents=True, exist_ok=True)
    with Replacement(path) as aside:
        aside.path.write_bytes(encoded.getbuffer())


def check_quality(quality: int) -> None:
    """Raises SettingsError for a JPEG quality that does not exist."""
    if isinstance(quality, bool) or not isinstance(quality, int) or not 1 <= quality <= 100:
        raise SettingsError(f"expected a JPEG quality of 1 to 100, got {quality!r}")


def _options(path: Path, quality: int) -> dict[str, Any]:
    suffix = path.suffix.lower()
    if suffix == ".png":
        return {"format": "PNG"}
    if suffix not in JPEG_SUFFIXES:
        raise SettingsError(f"expected a file name ending in .png or .jpg, got {path.name!r}")
    check_quality(quality)
    # Full colour resolution: lips and eyes of a small face are a few pixels of colour.
    return {"format": "JPEG", "quality": quality, "subsampling": 0}

"""Writing one picture so that no half of it is ever seen."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from facecascade.errors import SettingsError
from facecascade.files import Replacement
from facecascade.metadata import Metadata

if TYPE_CHECKING:
    from PIL import Image

JPEG_SUFFIXES: Final = (".jpg", ".jpeg", ".jpe", ".jfif")
DEFAULT_QUALITY: Final = 95
"""JPEG quality at which no eye, and hardly a network, tells a crop from its original."""
NOTHING: Final = Metadata()


def save_picture(
    image: Image.Image, path: Path, *, quality: int = DEFAULT_QUALITY, metadata: Metadata = NOTHING
) -> None:
    """Writes a picture beside its place and moves it there once it is whole; makes the folder where it is missing.

    Args:
        image: any mode that the format knows.
        path: ends in .png, .webp, or in .jpg, .jpeg, .jpe or .jfif.
        quality: of JPEG and WebP, 1 to 100; PNG has no loss.
        metadata: colour profile and EXIF to put into the file. What the image itself brings along is not written.

    Raises:
        SettingsError: another suffix, a quality out of range, or a Pillow that was built without WebP.
        OSError: the folder cannot be written to; an older file at `path` is then left as it was.
    """
    write_image(image, path, options=picture_options(path.suffix, quality), metadata=metadata)


def write_image(image: Image.Image, path: Path, *, options: dict[str, Any], metadata: Metadata = NOTHING) -> None:
    """The same with Pillow's own options of the format, `format` among them, and any suffix.

    Raises:
        OSError: Pillow does not know the format, or the folder cannot be written to.
    """
    encoded = _encoded(image, options, metadata)
    path.parent.mkdir(parents=True, exist_ok=True)
    with Replacement(path) as aside:
        aside.path.write_bytes(encoded)


def encoded_picture(
    image: Image.Image, *, suffix: str, quality: int = DEFAULT_QUALITY, metadata: Metadata = NOTHING
) -> bytes:
    """The file that `save_picture` writes.

    Args:
        image: any mode that the format knows.
        suffix: .png, .webp, .jpg, .jpeg, .jpe or .jfif.
        quality: as in `save_picture`.
        metadata: as in `save_picture`.

    Raises:
        SettingsError: another suffix, a quality out of range, or a Pillow that was built without WebP.
    """
    return _encoded(image, picture_options(suffix, quality), metadata)


def check_picture_file(path: Path, *, quality: int = DEFAULT_QUALITY) -> None:
    """Raises SettingsError where `save_picture` would, before there is a picture."""
    check_quality(quality)
    picture_options(path.suffix, quality)


def check_quality(quality: int) -> None:
    """Raises SettingsError for a quality that does not exist."""
    if isinstance(quality, bool) or not isinstance(quality, int) or not 1 <= quality <= 100:
        raise SettingsError(f"expected a quality of 1 to 100, got {quality!r}")


def picture_options(suffix: str, quality: int) -> dict[str, Any]:
    """What Pillow is told to write a .png, .webp or .jpg with.

    Raises:
        SettingsError: as `save_picture` does.
    """
    suffix = suffix.lower()
    if suffix == ".png":
        return {"format": "PNG"}
    if suffix not in (*JPEG_SUFFIXES, ".webp"):
        raise SettingsError(f"expected a file name ending in .png, .jpg or .webp, got {suffix!r}")
    check_quality(quality)
    if suffix == ".webp":
        _check_webp()
        return {"format": "WEBP", "quality": quality}
    # Full colour resolution: lips and eyes of a small face are a few pixels of colour.
    return {"format": "JPEG", "quality": quality, "subsampling": 0}


def _check_webp() -> None:
    from PIL import features

    if not features.check("webp"):
        raise SettingsError("expected a Pillow that knows WebP, got one built without it; use jpg or png")


def _attached(metadata: Metadata) -> dict[str, Any]:
    # What is left out Pillow takes over from the file that the image was read from.
    exif = None if metadata.exif is None else b"Exif\0\0" + metadata.exif
    return {"icc_profile": metadata.icc_profile, "exif": exif or b"", "comment": b""}


def _encoded(image: Image.Image, options: dict[str, Any], metadata: Metadata) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, **options, **_attached(metadata))
    return encoded.getvalue()

"""Pictures, still and animated, written again in their own format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError
from facecascade.extract.pictures import JPEG_SUFFIXES, picture_options, write_image
from facecascade.metadata import Metadata
from facecascade.read.entries import Entry
from facecascade.read.images import image_of

if TYPE_CHECKING:
    from PIL import Image

Pixels = NDArray[np.uint8]

WITHOUT_LOSS: Final = {
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".dib": "DIB",
    ".tga": "TGA",
    ".gif": "GIF",
    ".ppm": "PPM",
    ".pnm": "PPM",
}
"""Formats that need no options beside PNG; GIF has 256 colours."""
OTHERWISE: Final = ".png"
"""What a picture of any other format becomes, such as one in HEIF."""
TIFF_OPTIONS: Final = {"compression": "tiff_deflate"}


def picture_suffix(suffix: str) -> str:
    """The suffix of a picture that is written from one with this suffix: its own, if Pillow can write it well."""
    lower = suffix.lower()
    if lower in (*JPEG_SUFFIXES, ".png", ".webp", *WITHOUT_LOSS):
        return suffix
    return OTHERWISE


def write_picture(picture: Pixels, path: Path, *, quality: int, metadata: Metadata) -> None:
    """Writes a picture, whole or not at all.

    Args:
        picture: (h, w, 3) uint8, RGB.
        path: with a suffix of `picture_suffix`.
        quality: of JPEG and WebP, 1 to 100.
        metadata: what the file says beside its pixels; nothing else gets into it.

    Raises:
        SettingsError: the quality does not exist.
        OSError: the folder cannot be written to.
    """
    write_image(_image(picture), path, options=_options(path, quality), metadata=metadata)


def write_animation(frames: Iterable[Pixels], source: Entry, path: Path, *, quality: int, metadata: Metadata) -> None:
    """Writes an animated picture that moves as its source does.

    Args:
        frames: (h, w, 3) uint8, RGB, as many as the source has.
        source: the animated picture, for its times.
        path: ends in .gif, .png or .webp.
        quality: of WebP.
        metadata: as in `write_picture`.

    Raises:
        SettingsError: the quality does not exist.
        ImageError: the source has gone.
        OSError: the folder cannot be written to.
    """
    durations, loop = _times(source)
    images = [_image(frame) for frame in frames]
    moving: dict[str, Any] = {"save_all": True, "append_images": images[1:], "duration": durations}
    if loop is not None:
        moving["loop"] = loop
    write_image(images[0], path, options=_options(path, quality) | moving, metadata=metadata)


def _options(path: Path, quality: int) -> dict[str, Any]:
    name = WITHOUT_LOSS.get(path.suffix.lower())
    if name is None:
        return picture_options(path.suffix, quality)
    return {"format": name} | (TIFF_OPTIONS if name == "TIFF" else {})


def _times(source: Entry) -> tuple[list[int], int | None]:
    """Milliseconds of each frame, and how often all are shown; 0 for ever, None for once."""
    with image_of(source) as image:
        if image is None:
            raise ImageError(f"{source.id}: expected an animated picture, got pixels")
        durations = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()  # WebP knows the time of a frame only then
            durations.append(round(float(image.info.get("duration") or 0)))
        return durations, image.info.get("loop")


def _image(pixels: Pixels) -> Image.Image:
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(pixels))

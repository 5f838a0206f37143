"""JPEGs by simplejpeg, where it is installed: the pixels that Pillow gives, in less time.

Both call libjpeg-turbo, with the same exact transform and the same smooth enlarging of colours, but Pillow keeps four
bytes a pixel, of which three must be copied out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, Final, cast

from facecascade.read.arrays import Pixels

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

FORMATS: Final = frozenset({"JPEG", "MPO"})
"""Pillow's names; the second has more pictures behind the first, which is the one that is read."""


def jpeg_pixels(image: ImageFile, file: IO[bytes]) -> Pixels | None:
    """RGB as stored, (h, w, 3) uint8, of a colour JPEG that Pillow has opened and not decoded yet.

    Returns:
        None where Pillow must do it: simplejpeg is not installed, or the file is no JPEG, not in colour, or broken,
        which Pillow judges.
    """
    decode = _decoder()
    if decode is None or image.format not in FORMATS or image.mode != "RGB":
        return None
    file.seek(0)
    try:
        pixels = cast("Pixels", decode(file.read(), "RGB"))
    except ValueError:
        return None
    return pixels if pixels.shape == (image.height, image.width, 3) else None


@cache
def _decoder() -> Callable[..., Any] | None:
    try:
        return cast("Callable[..., Any]", import_module("simplejpeg").decode_jpeg)
    except ModuleNotFoundError:
        return None

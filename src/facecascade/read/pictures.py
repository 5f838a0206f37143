"""One picture, from whatever it comes as, to upright RGB pixels."""

from __future__ import annotations

import io
import os
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facecascade.errors import ImageError, SettingsError
from facecascade.read.arrays import COLORS, Color, Pixels, array_name, is_rgb, rgb_from_array
from facecascade.read.decoding import MAX_PIXELS, decode, decode_image, open_file
from facecascade.read.entries import Entry

if TYPE_CHECKING:
    from PIL.Image import Image


class _ArrayLike(Protocol):
    """A tensor of another library."""

    def __array__(self) -> NDArray[Any]: ...


PictureSource: TypeAlias = (
    "str | os.PathLike[str] | Entry | bytes | bytearray | memoryview | IO[bytes] | Image | NDArray[Any] | _ArrayLike"
)
"""A path, an `Entry`, an encoded picture as bytes or as a binary file, a Pillow image, or an array."""


def read_picture(
    source: PictureSource, *, color: Color = "rgb", max_pixels: int | None = MAX_PIXELS
) -> NDArray[np.uint8]:
    """Read one picture as upright RGB.

    Args:
        source: a path; an entry of `find_entries` or `expand`; an encoded picture as bytes or as a file opened in
            binary mode (read from its start, left open); a Pillow image; or an array, (h, w), (h, w, 1), (h, w, 3) or
            (h, w, 4) with alpha, of uint8, bool, uint16, floats within 0 to 1 or within 0 to 255, or integers within 0
            to 255.
        color: order of the channels of an array, "rgb" or "bgr" as OpenCV has them (with alpha: RGBA or BGRA). The
            result is RGB always, and files and Pillow images know their own order.
        max_pixels: encoded pictures and Pillow images of more pixels are refused before they are decoded; None for no
            limit.

    Returns:
        (h, w, 3) uint8, RGB, C-contiguous, turned as the EXIF orientation says. It may share the memory of an array
        that was passed in: copy it before writing to it.

    Raises:
        ImageError: the picture is missing, broken, too large, or no picture; the message names it.
        SettingsError: `color` or `max_pixels` has another value than those above.
    """
    check_reading(color=color, max_pixels=max_pixels)
    if isinstance(source, Entry):
        return source.read(max_pixels=max_pixels)
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        with open_file(path, name=path) as file:
            return decode(file, name=path, max_pixels=max_pixels)
    if isinstance(source, bytes | bytearray | memoryview):
        encoded = bytes(source)
        name = f"{type(source).__name__} ({len(encoded)} bytes)"
        return decode(io.BytesIO(encoded), name=name, max_pixels=max_pixels)
    if isinstance(source, np.ndarray):
        if color == "rgb" and is_rgb(source):
            return np.asarray(source)
        return rgb_from_array(np.asarray(source), color=color, name=array_name(source))
    return _from_object(source, color=color, max_pixels=max_pixels)


def check_reading(*, color: Color, max_pixels: int | None) -> None:
    """A `SettingsError` if one of these arguments of `read_picture` cannot work."""
    if color not in COLORS:
        raise SettingsError(f'expected color="rgb" or "bgr", got {color!r}')
    if max_pixels is not None and not (isinstance(max_pixels, int) and max_pixels > 0):
        raise SettingsError(f"expected max_pixels of at least 1, or None for no limit, got {max_pixels!r}")


def _from_object(source: Any, *, color: Color, max_pixels: int | None) -> Pixels:
    from PIL.Image import Image

    kind = type(source).__name__
    if isinstance(source, Image):
        name = f"PIL image (mode {source.mode}, {source.width} x {source.height} px)"
        return decode_image(source, name=name, max_pixels=max_pixels)
    if hasattr(source, "__array__"):
        array = _as_array(source, name=kind)
        return rgb_from_array(array, color=color, name=f"{kind}, an {array_name(array)}")
    if isinstance(source, io.TextIOBase):
        raise ImageError(f"{kind}: expected a file opened in binary mode, got one opened as text")
    if hasattr(source, "read"):
        return decode(source, name=f"file {getattr(source, 'name', kind)}", max_pixels=max_pixels)
    raise ImageError(f"expected a path, bytes, a binary file, a Pillow image or an array, got {_what(source)}")


def _as_array(source: ArrayLike, *, name: str) -> NDArray[Any]:
    try:
        return np.asarray(source)
    except MemoryError:
        raise
    except Exception as error:  # each library has its own, for tensors on a device for example
        raise ImageError(f"{name}: expected something that NumPy can read, got: {error}") from error


def _what(source: object) -> str:
    if source is None:
        return "None, which is what cv2.imread returns for a file it cannot read"
    if isinstance(source, list | tuple):
        return f"a {type(source).__name__}; pass several pictures one at a time, and numbers as numpy.array"
    return type(source).__name__

"""Encoded pictures, to pixels: which of Pillow's readers takes a file, and how many pixels it may have.

The readers are called one by one, not through `PIL.Image.open`, because that measures every file by a limit that is
global to the process: it would warn about, or refuse, pictures that the caller's own `max_pixels` admits.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, TYPE_CHECKING, Final

from facecascade.errors import ImageError, MissingExtra
from facecascade.extras import load
from facecascade.read.arrays import Pixels
from facecascade.read.jpeg import jpeg_pixels
from facecascade.read.modes import upright_pixels, upright_rgb
from facecascade.read.orientation import exif_orientation

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MAX_PIXELS: Final = 16384 * 12288
"""Default limit: the whole sensor of a 200 megapixel telephone. Decoding takes 7 bytes a pixel, 1.4 GB at the limit."""

NO_PICTURES: Final = {
    "EPS": "a program for Ghostscript",
    "IPTC": "a wrapper around files of any format",
    "WMF": "drawing commands for Windows",
}
"""Formats of Pillow's that are refused: reading them would start other programs on files nobody has checked."""


PREFIX_BYTES: Final = 16
"""What Pillow's readers recognise their format by."""
HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""Bytes 8 to 11 of photographs in HEIF, for which Pillow has no reader of its own: pillow-heif has."""


class PictureSizeError(ImageError):
    """A picture that is larger than asked for; it has not been decoded."""


def open_file(path: str, *, name: str) -> IO[bytes]:
    """A file opened in binary mode.

    Raises:
        ImageError: it cannot be opened; the message calls it `name`.
    """
    try:
        return open(path, "rb")  # noqa: PTH123 - for the caller to close; a path of any kind
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(f"{name}: expected a file that can be read, got: {reason}") from error


def decode(file: IO[bytes], *, name: str, max_pixels: int | None) -> Pixels:
    """Upright RGB, (h, w, 3) uint8, of the first picture in a binary file, which is left open.

    The file is read from its start, or, where it cannot go back (a pipe), from where it is.

    Raises:
        ImageError: it is no picture, is broken, or has more than `max_pixels` pixels.
    """
    with decoder_errors(name):
        file = _seekable(file)
    with opened(file, name=name) as image:
        return decode_opened(image, file, name=name, max_pixels=max_pixels)


def decode_opened(image: ImageFile, file: IO[bytes], *, name: str, max_pixels: int | None) -> Pixels:
    """Upright RGB, (h, w, 3) uint8, of what `opened` has opened, for callers that look at it first.

    Raises:
        ImageError: it is broken, or has more than `max_pixels` pixels.
    """
    check_size(*image.size, name=name, max_pixels=max_pixels)
    pixels = jpeg_pixels(image, file)
    if pixels is not None:
        return upright_pixels(pixels, orientation=exif_orientation(image))
    return decode_image(image, name=name, max_pixels=max_pixels)


@contextmanager
def opened(file: IO[bytes], *, name: str) -> Iterator[ImageFile]:
    """The picture in a binary file as a Pillow image that is not decoded yet; what a decoder raises is an `ImageError`.

    Raises:
        ImageError: it is no picture.
    """
    with decoder_errors(name), _identified(_seekable(file), name=name) as image:
        if image.format in NO_PICTURES:
            instead = f"{image.format}, {NO_PICTURES[image.format]}"
            raise ImageError(f"{name}: expected a picture, got {instead}; convert it first")
        yield image


def decode_image(image: Image, *, name: str, max_pixels: int | None) -> Pixels:
    """Upright RGB, (h, w, 3) uint8, of a Pillow image, whether its file has been decoded yet or not.

    Raises:
        ImageError: its file is broken, it is closed, or it has no pixels or more than `max_pixels`.
    """
    with decoder_errors(name):
        check_size(*image.size, name=name, max_pixels=max_pixels)
        _allocate(image)
        image.load()
        # The table of contents of an icon may promise less than the picture inside has.
        check_size(*image.size, name=name, max_pixels=max_pixels)
        return upright_rgb(image, name=name)


@contextmanager
def decoder_errors(name: str) -> Iterator[None]:
    """Whatever a decoder raises becomes an `ImageError` from the original; exhausted memory stays what it is.

    Decoders answer broken bytes with OSError, SyntaxError, ValueError, struct.error, zlib.error and more, and plugins
    from elsewhere add their own.
    """
    try:
        yield
    except (ImageError, MemoryError):
        raise
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise ImageError(f"{name}: expected a whole picture, got one that cannot be read: {reason}") from error


def check_size(width: int, height: int, *, name: str, max_pixels: int | None) -> None:
    """An `ImageError` for no pixels, or for more than `max_pixels`."""
    if width * height == 0:
        raise ImageError(f"{name}: expected at least one pixel, got {width} x {height}")
    if max_pixels is not None and width * height > max_pixels:
        raise PictureSizeError(
            f"{name}: expected at most {max_pixels} pixels, got {width} x {height} = {width * height}; "
            "raise max_pixels if you trust the file"
        )


def _allocate(image: Image) -> None:
    """Give a TIFF its memory: its reader would measure it by Pillow's global limit when it allocates."""
    stored_size = getattr(image, "_tile_size", None)
    if stored_size is not None and getattr(image, "_im", image) is None:
        from PIL.Image import new

        image.im = new(image.mode, stored_size, None).im


def _seekable(file: IO[bytes]) -> IO[bytes]:
    """Pillow's readers go back and forth; what cannot, like a pipe, is read into memory."""
    if hasattr(file, "seekable") and file.seekable():
        return file
    return BytesIO(file.read())


def _identified(file: IO[bytes], *, name: str) -> ImageFile:
    """The file as an image that is not decoded yet."""
    file.seek(0)
    prefix = file.read(PREFIX_BYTES)
    if not prefix:
        raise ImageError(f"{name}: expected a picture, got an empty file")
    reasons: list[str] = []
    for format_name in _formats():
        image = _opened(file, prefix, format_name, reasons=reasons)
        if image is not None:
            return image
    if prefix[4:8] == b"ftyp" and prefix[8:12] in HEIF_BRANDS:
        heif = _heif(file, reasons=reasons)
        if heif is not None:
            return heif
    why = f" ({'; '.join(reasons)})" if reasons else ""
    raise ImageError(f"{name}: expected a picture, got a file that no reader recognises{why}")


def _formats() -> Iterator[str]:
    """Names of Pillow's readers, and of plugins registered with it: the five common ones first, then the rest."""
    from PIL import Image

    seen: set[str] = set()
    for load_plugins in (Image.preinit, Image.init):
        load_plugins()
        fresh = [name for name in Image.ID if name not in seen]
        seen.update(fresh)
        yield from fresh


def _opened(file: IO[bytes], prefix: bytes, format_name: str, *, reasons: list[str]) -> ImageFile | None:
    """The image if this reader takes the file; else None, with the reason, if it gives one, added to `reasons`."""
    from PIL import Image

    factory, accepts = Image.OPEN[format_name]
    verdict = accepts(prefix) if accepts else True
    if isinstance(verdict, str):  # the reader was built without the library for this format
        reasons.append(verdict)
        return None
    if not verdict:
        return None
    file.seek(0)
    try:
        # No name: Pillow would map raw files into memory, and one that is cut short meanwhile would end the process.
        return factory(file, "")
    except (SyntaxError, IndexError, TypeError, struct.error) as error:  # "not mine", or too broken to tell
        if accepts:  # the others try every file: their reasons say nothing
            reasons.append(f"{format_name}: {error}")
        return None


def _heif(file: IO[bytes], *, reasons: list[str]) -> ImageFile | None:
    """The image by pillow-heif, which is not registered with Pillow: that would change the whole process."""
    try:
        heif = load("pillow_heif", feature="HEIF", extra="heif")
    except MissingExtra as error:
        reasons.append(str(error))
        return None
    file.seek(0)
    try:
        image: ImageFile = heif.HeifImageFile(file, "")
    except SyntaxError as error:
        reasons.append(f"HEIF: {error}")
        return None
    return image

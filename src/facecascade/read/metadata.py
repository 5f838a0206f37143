"""What a crop may keep of the file that it comes from: colour profile, capture time and, if asked, more of its EXIF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from facecascade.metadata import Metadata
from facecascade.read.exif import Exif, Tags, Value, build_exif, parse_exif
from facecascade.read.images import image_of
from facecascade.read.orientation import exif_orientation

if TYPE_CHECKING:
    from PIL.Image import Image

    from facecascade.read.pictures import PictureSource

RGB_MODES: Final = frozenset({"RGB", "RGBA", "RGBa", "RGBX", "P", "PA"})
"""Pillow's modes whose colours are red, green and blue already when they are read."""
PROFILE_SPACE: Final = slice(16, 20)
"""Bytes of an ICC profile that say which colours it is for."""

TAKEN: Final = 0x9003
"""DateTimeOriginal."""
TAKEN_ZONE: Final = 0x9011
"""OffsetTimeOriginal."""
TAKEN_FRACTION: Final = 0x9291
"""SubSecTimeOriginal."""
TIMES: Final = {
    TAKEN: re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d"),
    TAKEN_ZONE: re.compile(r"[+-]\d\d:\d\d"),
    TAKEN_FRACTION: re.compile(r"\d{1,9}"),
}
VERSION: Final = 0x9000
DEFAULT_VERSION: Final = Value(7, 4, b"0232")

FILE_TAGS: Final = frozenset(
    {
        0x010E,  # ImageDescription
        0x010F,  # Make
        0x0110,  # Model
        0x0131,  # Software
        0x0132,  # DateTime
        0x013B,  # Artist
        0x8298,  # Copyright
    }
)
PHOTOGRAPH_TAGS: Final = frozenset(
    {
        *(0x829A, 0x829D, 0x8822, 0x8824, 0x8827),  # exposure time and programme, aperture, sensitivity
        *range(0x8830, 0x8836),  # sensitivity of other kinds
        *(VERSION, TAKEN, 0x9004, 0x9010, TAKEN_ZONE, 0x9012),  # times and their zones
        *range(0x9201, 0x920B),  # shutter, aperture, brightness, distance, metering, light, flash, focal length
        *(0x9286, 0x9290, TAKEN_FRACTION, 0x9292),  # comment, fractions of seconds
        *range(0x9400, 0x9406),  # temperature, humidity, pressure and the like
        0xA001,  # ColorSpace
        *(0xA215, 0xA217, 0xA300, 0xA301),  # exposure index, how it was sensed
        *(*range(0xA401, 0xA40B), 0xA40C),  # rendering, exposure and white balance modes, zoom, scene
        *(0xA420, *range(0xA430, 0xA436)),  # id of the picture, owner, body, lens
    }
)
"""What `keep_exif` keeps. Where the picture was taken, what makers add in forms of their own, thumbnails, and places in
pixels of the picture are not among them; nor is anything that nobody knows."""
MOST_BYTES: Final = 60_000
"""Of an EXIF structure: JPEG holds 65,533."""


def read_metadata(source: PictureSource, *, keep_exif: bool = False) -> Metadata:
    """What a crop keeps of the file it is cut out of; nothing where there are pixels alone.

    The colour profile is kept where it belongs to the pixels that `read_picture` returns: those of RGB files. A
    profile for grey, CMYK or Lab says nothing about them and is dropped. Of the EXIF the capture time is kept, and
    nothing else unless asked. EXIF too broken to read counts as none.

    Args:
        source: what `read_picture` takes; a file that cannot go back has been read to its end by then.
        keep_exif: also keep what describes the camera, the exposure and the author. Never the position, maker notes,
            the thumbnail, the orientation (pixels are upright) or sizes in pixels. Texts are kept as they are.

    Raises:
        ImageError: the picture is missing, or no picture.
    """
    with image_of(source) as image:
        return Metadata() if image is None else metadata_of(image, keep_exif=keep_exif)


def stored_orientation(source: PictureSource) -> int:
    """EXIF orientation of a picture, 1 to 8, from its head alone; 1 where it has none, and for pixels.

    Raises:
        ImageError: the picture is missing, or no picture.
    """
    with image_of(source) as image:
        return 1 if image is None else exif_orientation(image)


def metadata_of(image: Image, *, keep_exif: bool = False) -> Metadata:
    """The same of a Pillow image, whether it has been decoded or not; see `read_metadata`."""
    exif = parse_exif(_exif_block(image))
    orientation = exif_orientation(image)
    if exif is None:
        return Metadata(_profile(image), orientation=orientation)
    kept = _kept(exif, keep_exif=keep_exif)
    block = build_exif(kept) if kept.file or kept.photograph else None
    if block is not None and len(block) > MOST_BYTES:
        kept = _kept(exif, keep_exif=False)
        block = build_exif(kept) if kept.photograph else None
    return Metadata(_profile(image), block, _captured(kept.photograph), orientation)


def _profile(image: Image) -> bytes | None:
    profile = image.info.get("icc_profile")
    belongs = isinstance(profile, bytes) and profile[PROFILE_SPACE] == b"RGB " and image.mode in RGB_MODES
    return profile if belongs else None


def _exif_block(image: Image) -> bytes:
    """The EXIF structure of the image; empty where there is none."""
    block = image.info.get("exif")
    if isinstance(block, bytes):
        return block
    if image.format != "TIFF":
        return b""
    try:  # the file itself is the structure
        return image.getexif().tobytes()
    except Exception:  # noqa: BLE001 - broken EXIF raises errors of any kind and says nothing about the pixels
        return b""


def _kept(exif: Exif, *, keep_exif: bool) -> Exif:
    times = {tag: value for tag, value in exif.photograph.items() if _is_time(tag, value)}
    if TAKEN not in times:
        times = {}
    others = {tag: value for tag, value in exif.photograph.items() if tag in PHOTOGRAPH_TAGS and tag not in TIMES}
    photograph: Tags = {**others, **times} if keep_exif else times
    if photograph:
        photograph = {**photograph, VERSION: exif.photograph.get(VERSION, DEFAULT_VERSION)}
    file = {tag: value for tag, value in exif.file.items() if keep_exif and tag in FILE_TAGS}
    return Exif(exif.order, file, photograph)


def _is_time(tag: int, value: Value) -> bool:
    return tag in TIMES and value.text is not None and TIMES[tag].fullmatch(value.text) is not None


def _captured(photograph: Tags) -> str | None:
    """ISO 8601 of the capture time."""
    if TAKEN not in photograph:
        return None
    taken, fraction, zone = (
        photograph[tag].text or "" if tag in photograph else "" for tag in (TAKEN, TAKEN_FRACTION, TAKEN_ZONE)
    )
    date, time = taken.split(" ")
    return f"{date.replace(':', '-')}T{time}{f'.{fraction}' if fraction else ''}{zone}"

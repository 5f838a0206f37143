"""EXIF's eight orientations: how a stored picture must be turned to stand upright."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from facecascade.read.arrays import Pixels

if TYPE_CHECKING:
    from PIL.Image import Image

ORIENTATION_TAG: Final = 0x0112
BYTE_ORDERS: Final = {b"II": "<", b"MM": ">"}
"""Intel's and Motorola's, in the words of `struct`."""
SHORT: Final = 3
"""EXIF's number for a value of two bytes, which an orientation is."""


def exif_orientation(image: Image) -> int:
    """EXIF orientation, 1 to 8; 1, as stored, where there is none or the EXIF is too broken to tell."""
    exif = image.info.get("exif")
    value: object = orientation_in(exif) if isinstance(exif, bytes) else None
    if value is None:
        value = _orientation_by_pillow(image)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def orientation_in(exif: bytes) -> int | None:
    """The orientation tag of an EXIF block, None where there is none.

    Pillow stops at the first tag whose data are cut off; viewers do not, and neither does this.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = BYTE_ORDERS.get(tiff[:2])
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(f"{order}L", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, start)
        for entry in range(entries):
            tag, kind, _, value = struct.unpack_from(f"{order}HHLH", tiff, start + 2 + 12 * entry)
            if (tag, kind) == (ORIENTATION_TAG, SHORT):
                return int(value)
    except struct.error:  # the block ends before the tag
        return None
    return None


def _orientation_by_pillow(image: Image) -> object:
    """What Pillow finds elsewhere: in XMP, in the tags of a TIFF, in text."""
    try:
        return image.getexif().get(ORIENTATION_TAG)
    except Exception:  # noqa: BLE001 - broken EXIF raises errors of any kind and says nothing about the pixels
        return None


def is_sideways(orientation: int) -> bool:
    """Whether stored rows are columns of the upright picture."""
    return orientation >= 5


def place(rgb: Pixels, top: int, bottom: int, *, orientation: int) -> Pixels:
    """The part of the upright picture, (h, w, 3), that the stored rows from `top` up to `bottom` become."""
    length = rgb.shape[1] if is_sideways(orientation) else rgb.shape[0]
    if orientation in (3, 4, 6, 7):  # stored row 0 is the last row, or the last column
        top, bottom = length - bottom, length - top
    return rgb[:, top:bottom] if is_sideways(orientation) else rgb[top:bottom]


def turned(image: Image, *, orientation: int) -> Image:
    """The image upright; itself where it stands so already."""
    if orientation == 1:
        return image
    from PIL.Image import Transpose

    methods = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(methods[orientation])

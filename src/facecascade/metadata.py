"""What a picture file says beside its pixels, as far as a crop may keep it: `Metadata`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metadata:
    """What a crop keeps of the file it was cut out of.

    Attributes:
        icc_profile: what the colours of the pixels mean; None for sRGB, or where nobody knows.
        exif: a TIFF structure ready to be put into another file; None for nothing.
        captured: when the picture was taken, in ISO 8601 as far as it is known: "2024-05-31T18:20:01.35+02:00"; None
            where the file does not say.
        orientation: EXIF orientation of the stored pixels, 1 to 8.
    """

    icc_profile: bytes | None = None
    exif: bytes | None = None
    captured: str | None = None
    orientation: int = 1

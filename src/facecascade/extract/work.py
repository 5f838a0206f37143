"""What is done with one picture of an extraction: `Work`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError, SettingsError
from facecascade.extract.cropping import Cropping
from facecascade.extract.detections import Detected, Unreadable
from facecascade.extract.measures import Measures
from facecascade.extract.pictures import DEFAULT_QUALITY, check_quality, encoded_picture
from facecascade.extract.record import NO_FACES, Record, Stamp, packed
from facecascade.extract.select import Selection
from facecascade.extract.taken import take_out
from facecascade.extract.templates import Template
from facecascade.faces import Faces
from facecascade.metadata import Metadata

CropFormat = Literal["jpg", "png", "webp"]
ReadMetadata = Callable[[Any], Metadata]
"""What a crop keeps of its source, such as `facecascade.read.read_metadata`."""


@dataclass(frozen=True, kw_only=True)
class ExtractOptions:
    """How faces are chosen, cut out and kept.

    Attributes:
        cropping: how they are cut out.
        selection: which of them.
        format: "jpg", "png" or "webp".
        quality: of JPEG and WebP, 1 to 100.
        keep_exif: whether crops keep camera, exposure and author, beside colour profile and capture time.
        best_per_track: of videos, keep the best face of each track alone.

    Raises:
        SettingsError: a value cannot work.
    """

    cropping: Cropping = field(default_factory=Cropping)
    selection: Selection = field(default_factory=Selection)
    format: CropFormat = "jpg"
    quality: int = DEFAULT_QUALITY
    keep_exif: bool = False
    best_per_track: bool = False

    def __post_init__(self) -> None:
        check_quality(self.quality)
        if self.format not in get_args(CropFormat):
            raise SettingsError(f'expected format "jpg", "png" or "webp", got {self.format!r}')

    def to_dict(self) -> dict[str, Any]:
        """Plain values by name, ready for `json.dumps`; what is equal makes the same crops."""
        cropping = self.cropping
        return {
            "crop": cropping.kind,
            "size": cropping.size,
            "margin": cropping.margin,
            "shape": cropping.shape,
            "template": asdict(cropping.template) if isinstance(cropping.template, Template) else None,
            "fill": list(cropping.fill),
            **asdict(self.selection),
            "format": self.format,
            "quality": self.quality,
            "keep_exif": self.keep_exif,
            "best_per_track": self.best_per_track,
        }


@dataclass(frozen=True, eq=False)
class Harvest:
    """What one picture gives.

    Attributes:
        source: what the reader was asked for.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        faces: those that are kept, in pixels of that picture.
        files: one encoded crop a face.
        matrices: (n, 2, 3) float64, picture -> crop, by pixel centres; see `Crops`.
        measures: one a face.
        captured: when the picture was taken, in ISO 8601; None where it does not say.
        orientation: EXIF orientation of the stored pixels, 1 to 8; 1 for a picture without faces.
    """

    source: Any
    width: int
    height: int
    faces: Faces
    files: tuple[bytes, ...]
    matrices: NDArray[np.float64]
    measures: tuple[Measures, ...]
    captured: str | None = None
    orientation: int = 1


class Origin(NamedTuple):
    """Where a picture comes from.

    Attributes:
        key: what the journal calls it.
        stamp: of the file that it is, or lies in; None where there is none.
        container: key of that file, where the picture lies in it.
        path: below the root; what its crops are named after.
    """

    key: str
    stamp: Stamp | None
    container: str | None
    path: str


def record_of(outcome: Harvest | Unreadable, *, origin: Origin, name_for: Callable[[str, str], str]) -> Record:
    """What is kept of a picture that was worked on.

    Args:
        outcome: what came of it; its source has an `id` and a `time`.
        origin: where it comes from.
        name_for: what the crops of the picture of this key and path are called; is asked if there are any.
    """
    entry = outcome.source
    where: dict[str, Any] = {**origin._asdict(), "time": entry.time}
    if isinstance(outcome, Unreadable):
        reason = str(outcome.error).removeprefix(f"{entry.id}: ")
        return Record(faces=NO_FACES, error=reason, **where)
    faces = packed(outcome.faces, matrices=outcome.matrices, measures=outcome.measures)
    return Record(
        faces=faces,
        width=outcome.width,
        height=outcome.height,
        name=name_for(origin.key, origin.path) if len(faces) else None,
        captured=outcome.captured,
        orientation=outcome.orientation,
        **where,
    )


class Work:
    """A function of one picture and its faces; the same wherever pictures are worked on. It may be pickled.

    It writes nothing, and reads nothing but what the picture says of itself.

    Args:
        options: how faces are chosen, cut out and encoded.
        metadata: tells of the source of a picture with faces what its crops keep; by default they keep nothing. An
            `ImageError` from it makes the picture an unreadable one.
    """

    def __init__(self, options: ExtractOptions, *, metadata: ReadMetadata | None = None) -> None:
        self._options = options
        self._read_metadata = metadata

    def __call__(self, found: Detected) -> Harvest | Unreadable:
        """One picture.

        Raises:
            SettingsError: crops are aligned or chosen by pose, and the faces have no landmarks.
        """
        from PIL import Image

        options = self._options
        taken = take_out(
            found.pixels, found.faces, cropping=options.cropping, selection=options.selection, measure=True
        )
        try:
            metadata = self._read_metadata(found.source) if self._read_metadata and len(taken.faces) else Metadata()
        except ImageError as error:  # the file has gone since its pixels were read
            return Unreadable(found.source, error)
        return Harvest(
            source=found.source,
            width=found.pixels.shape[1],
            height=found.pixels.shape[0],
            faces=taken.faces,
            files=tuple(
                encoded_picture(
                    Image.fromarray(crop), suffix=f".{options.format}", quality=options.quality, metadata=metadata
                )
                for crop in taken.crops.pixels
            ),
            matrices=taken.crops.matrices,
            measures=taken.measures or (),
            captured=metadata.captured,
            orientation=metadata.orientation,
        )

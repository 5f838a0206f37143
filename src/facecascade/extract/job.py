"""A folder of faces from many pictures: the core of the `extract` command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError, SettingsError
from facecascade.extract.cropping import Cropping, Crops
from facecascade.extract.detections import Detected, Detector, Picture, Unreadable, detect_each
from facecascade.extract.measures import Measures
from facecascade.extract.names import Names, StrPath
from facecascade.extract.pictures import DEFAULT_QUALITY, check_quality, save_picture
from facecascade.extract.select import Selection
from facecascade.extract.sheets import Sheets
from facecascade.extract.taken import take_out
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
        measure: whether to measure every face that is kept, even where no limit needs it; see `Measures`.
        sheet: whether to put all faces on contact sheets as well, 100 on each, grouped by picture; see `Sheets`.

    Raises:
        SettingsError: a value cannot work.
    """

    cropping: Cropping = field(default_factory=Cropping)
    selection: Selection = field(default_factory=Selection)
    format: CropFormat = "jpg"
    quality: int = DEFAULT_QUALITY
    measure: bool = False
    sheet: bool = False

    def __post_init__(self) -> None:
        check_quality(self.quality)
        if self.format not in get_args(CropFormat):
            raise SettingsError(f'expected format "jpg", "png" or "webp", got {self.format!r}')

    @property
    def measured(self) -> bool:
        """Whether there are measures of the faces that are kept."""
        return self.measure or self.selection.by_measures


@dataclass(frozen=True, eq=False)
class Extracted:
    """The faces of one picture, and the files they are in.

    Attributes:
        source: the path of the picture.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        faces: those that were kept, in pixels of that picture.
        crops: one file a face, relative to the output folder.
        matrices: (n, 2, 3) float64, picture -> crop, by pixel centres; see `Crops`.
        measures: one a face; None if they were neither asked for nor needed.
        captured: when the picture was taken, in ISO 8601; None where nobody asked or it does not say.
    """

    source: StrPath
    width: int
    height: int
    faces: Faces
    crops: tuple[Path, ...]
    matrices: NDArray[np.float64]
    measures: tuple[Measures, ...] | None = None
    captured: str | None = None


def extract_faces(
    pictures: Iterable[Picture],
    *,
    detector: Detector,
    folder: StrPath,
    options: ExtractOptions | None = None,
    names: Names | None = None,
    metadata: ReadMetadata | None = None,
) -> Iterator[Extracted | Unreadable]:
    """Cuts the faces out of each picture into files below `folder`, and says picture by picture what came of it.

    A file is called after its picture and the place of the face among those kept, <picture>_00.jpg, <picture>_01.jpg
    and so on; see `Names`. It appears in one piece, in place of an older one of that name. Nothing is done before the
    first result is asked for, and a result comes after its files are written.

    Args:
        pictures: as `facecascade.read.read_ahead` yields them for paths.
        detector: finds the faces.
        folder: is made if it is missing.
        options: how faces are chosen, cut out and kept.
        names: how the files are called; by default after the file names of the pictures alone.
        metadata: tells of the source of a picture with faces what its crops keep; by default they keep nothing. An
            `ImageError` from it makes the picture an unreadable one.

    Raises:
        OSError: the folder cannot be written to.
        SettingsError: crops are aligned or chosen by pose, and the detector finds no landmarks.
    """
    options = options or ExtractOptions()
    work = _Work(Path(folder), options, names or Names(), metadata)
    sheets = Sheets(folder, format=options.format, quality=options.quality) if options.sheet else None
    for found in detect_each(pictures, detector=detector):
        outcome = found if isinstance(found, Unreadable) else work.extract(found)
        if sheets is not None:
            sheets.add(outcome)
        yield outcome
    if sheets is not None:
        sheets.finish()


class _Work:
    """What is the same for all pictures of a run."""

    def __init__(self, folder: Path, options: ExtractOptions, names: Names, read_metadata: ReadMetadata | None) -> None:
        self._folder = folder
        self._options = options
        self._names = names
        self._read_metadata = read_metadata

    def extract(self, found: Detected) -> Extracted | Unreadable:
        """One picture."""
        name, options = self._names.name(found.source), self._options
        taken = take_out(
            found.pixels,
            found.faces,
            cropping=options.cropping,
            selection=options.selection,
            measure=options.measure,
        )
        try:
            metadata = self._read_metadata(found.source) if self._read_metadata and len(taken.faces) else Metadata()
        except ImageError as error:  # the file has gone since its pixels were read
            return Unreadable(found.source, error)
        return Extracted(
            source=found.source,
            width=found.pixels.shape[1],
            height=found.pixels.shape[0],
            faces=taken.faces,
            crops=self._save(taken.crops, name, metadata),
            matrices=taken.crops.matrices,
            measures=taken.measures,
            captured=metadata.captured,
        )

    def _save(self, crops: Crops, name: Path, metadata: Metadata) -> tuple[Path, ...]:
        from PIL import Image

        files = tuple(
            name.with_name(f"{name.name}_{number:02d}.{self._options.format}") for number in range(len(crops))
        )
        for crop, file in zip(crops.pixels, files, strict=True):
            save_picture(Image.fromarray(crop), self._folder / file, quality=self._options.quality, metadata=metadata)
        return files

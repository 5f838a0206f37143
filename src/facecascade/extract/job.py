"""A folder of faces from many pictures: the core of the `extract` command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError, SettingsError
from facecascade.extract.cropping import Cropping, Crops
from facecascade.extract.detections import Detected, Detector, Picture, Unreadable, detect_each
from facecascade.extract.measures import Measures
from facecascade.extract.montage import FACES_A_PAGE, contact_sheet
from facecascade.extract.names import Names, StrPath
from facecascade.extract.pictures import DEFAULT_QUALITY, check_quality, save_picture
from facecascade.extract.resample import Colour, Pixels, filled
from facecascade.extract.select import Selection
from facecascade.extract.taken import take_out
from facecascade.faces import Faces
from facecascade.metadata import Metadata

CropFormat = Literal["jpg", "png", "webp"]
ReadMetadata = Callable[[Any], Metadata]
"""What a crop keeps of its source, such as `facecascade.read.read_metadata`."""

SHEET_NAME: Final = "contact-sheet-{:03d}"
"""Crops end in an underscore and a number, so none is ever called so."""


@dataclass(frozen=True, kw_only=True)
class ExtractOptions:
    """How faces are chosen, cut out and kept.

    Attributes:
        cropping: how they are cut out.
        selection: which of them.
        format: "jpg", "png" or "webp".
        quality: of JPEG and WebP, 1 to 100.
        measure: whether to measure every face that is kept, even where no limit needs it; see `Measures`.
        sheet: whether to put all faces side by side on contact sheets as well, 100 on each.

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
    for outcome in detect_each(pictures, detector=detector):
        yield outcome if isinstance(outcome, Unreadable) else work.extract(outcome)
    if work.sheets is not None:
        work.sheets.finish()


class _Work:
    """What is the same for all pictures of a run."""

    def __init__(self, folder: Path, options: ExtractOptions, names: Names, read_metadata: ReadMetadata | None) -> None:
        self._folder = folder
        self._options = options
        self._names = names
        self._read_metadata = read_metadata
        self.sheets = _Sheets(folder, options) if options.sheet else None

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
        if self.sheets is not None:
            self.sheets.add(crops, [file.stem for file in files])
        return files


class _Sheets:
    """Collects faces, and writes a contact sheet whenever one is full."""

    def __init__(self, folder: Path, options: ExtractOptions) -> None:
        self._folder = folder
        self._options = options
        self._pages = 0
        self._waiting: list[tuple[Pixels, str]] = []

    def add(self, crops: Crops, labels: list[str]) -> None:
        squares = (_squared(crop, fill=self._options.cropping.fill) for crop in crops.pixels)
        self._waiting.extend(zip(squares, labels, strict=True))
        while len(self._waiting) >= FACES_A_PAGE:
            self._write()

    def finish(self) -> None:
        if self._waiting:
            self._write()

    def _write(self) -> None:
        page, self._waiting = self._waiting[:FACES_A_PAGE], self._waiting[FACES_A_PAGE:]
        self._pages += 1
        sheet = contact_sheet([crop for crop, _ in page], labels=[label for _, label in page])
        file = f"{SHEET_NAME.format(self._pages)}.{self._options.format}"
        save_picture(sheet, self._folder / file, quality=self._options.quality)


def _squared(crop: Pixels, *, fill: Colour) -> Pixels:
    """The crop in the middle of a square of its longer side."""
    height, width = crop.shape[:2]
    if height == width:
        return crop
    side = max(height, width)
    square = filled(side, side, fill)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = crop
    return square

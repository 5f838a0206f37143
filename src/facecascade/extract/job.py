"""A folder of faces from many pictures: the core of the `extract` command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.extract.crop import DEFAULT_MARGIN, DEFAULT_SIZE, check_crop, crop_faces
from facecascade.extract.detections import Detected, Detector, Picture, Unreadable, detect_each
from facecascade.extract.montage import FACES_A_PAGE, contact_sheet
from facecascade.extract.names import Names, StrPath
from facecascade.extract.pictures import DEFAULT_QUALITY, check_quality, save_picture
from facecascade.faces import Faces

CropFormat = Literal["jpg", "png"]

SHEET_NAME: Final = "contact-sheet-{:03d}"
"""Crops end in an underscore and a number, so none is ever called so."""


@dataclass(frozen=True, kw_only=True)
class ExtractOptions:
    """How faces are cut out and kept.

    Attributes:
        size: side of a crop in pixels.
        margin: added on each side of the box, as a share of its longer side.
        format: "jpg" or "png".
        quality: of JPEG, 1 to 100.
        min_score: faces with a lower score are left out, 0 to 1.
        sheet: whether to put all faces side by side on contact sheets as well, 100 on each.

    Raises:
        SettingsError: a value cannot work.
    """

    size: int = DEFAULT_SIZE
    margin: float = DEFAULT_MARGIN
    format: CropFormat = "jpg"
    quality: int = DEFAULT_QUALITY
    min_score: float = 0.0
    sheet: bool = False

    def __post_init__(self) -> None:
        check_crop(size=self.size, margin=self.margin)
        check_quality(self.quality)
        if self.format not in get_args(CropFormat):
            raise SettingsError(f'expected format "jpg" or "png", got {self.format!r}')
        if not 0 <= self.min_score <= 1:
            raise SettingsError(f"expected min_score from 0 to 1, got {self.min_score!r}")


@dataclass(frozen=True, eq=False)
class Extracted:
    """The faces of one picture, and the files they are in.

    Attributes:
        source: the path of the picture.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        faces: in pixels of that picture; those below `min_score` are left out.
        crops: one file a face, relative to the output folder.
    """

    source: StrPath
    width: int
    height: int
    faces: Faces
    crops: tuple[Path, ...]


def extract_faces(
    pictures: Iterable[Picture],
    *,
    detector: Detector,
    folder: StrPath,
    options: ExtractOptions | None = None,
    names: Names | None = None,
) -> Iterator[Extracted | Unreadable]:
    """Cuts the faces out of each picture into files below `folder`, and says picture by picture what came of it.

    A file is called after its picture and the place of the face in the result, <picture>_00.jpg, <picture>_01.jpg and
    so on; see `Names`. It appears in one piece, in place of an older one of that name. Nothing is done before the first
    result is asked for, and a result comes after its files are written.

    Args:
        pictures: as `facecascade.read.read_ahead` yields them for paths.
        detector: finds the faces.
        folder: is made if it is missing.
        options: how faces are cut out and kept.
        names: how the files are called; by default after the file names of the pictures alone.

    Raises:
        OSError: the folder cannot be written to.
    """
    options = options or ExtractOptions()
    names = names or Names()
    folder = Path(folder)
    sheets = _Sheets(folder, options) if options.sheet else None
    for outcome in detect_each(pictures, detector=detector):
        if isinstance(outcome, Unreadable):
            yield outcome
        else:
            yield _extract(outcome, folder=folder, name=names.name(outcome.source), options=options, sheets=sheets)
    if sheets is not None:
        sheets.finish()


def _extract(
    found: Detected, *, folder: Path, name: Path, options: ExtractOptions, sheets: _Sheets | None
) -> Extracted:
    from PIL import Image

    faces = found.faces[found.faces.scores >= options.min_score]
    crops = crop_faces(found.pixels, faces, size=options.size, margin=options.margin)
    files = tuple(name.with_name(f"{name.name}_{number:02d}.{options.format}") for number in range(len(faces)))
    for crop, file in zip(crops, files, strict=True):
        save_picture(Image.fromarray(crop), folder / file, quality=options.quality)
    if sheets is not None:
        sheets.add(crops, [f"{file.stem}  {face.score:.2f}" for file, face in zip(files, faces, strict=True)])
    height, width = found.pixels.shape[:2]
    return Extracted(found.source, width, height, faces, files)


class _Sheets:
    """Collects faces, and writes a contact sheet whenever one is full."""

    def __init__(self, folder: Path, options: ExtractOptions) -> None:
        self._folder = folder
        self._options = options
        self._pages = 0
        self._waiting: list[tuple[NDArray[np.uint8], str]] = []

    def add(self, crops: NDArray[np.uint8], labels: list[str]) -> None:
        self._waiting.extend(zip(crops, labels, strict=True))
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

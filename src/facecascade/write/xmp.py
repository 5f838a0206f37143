"""XMP sidecars: face regions beside pictures, for programs that keep photographs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final, Literal, get_args

from facecascade.errors import AnnotationError, ImageError, SettingsError
from facecascade.files import Replacement
from facecascade.write.errorlist import ErrorList
from facecascade.write.files import TEXT
from facecascade.write.naming import Naming
from facecascade.write.regions import Region, stored_regions, with_regions
from facecascade.write.writer import BaseWriter, Entry, StrPath

Existing = Literal["refuse", "merge"]
Sidecar = Literal["whole", "stem"]
SIDEWAYS: Final = 5
"""EXIF orientations from here on change width and height."""


class XmpWriter(BaseWriter):
    """A sidecar for each picture with faces: the regions of the Metadata Working Group, of type Face, without names.

    Coordinates are shares of the picture as it is stored, before its EXIF orientation turns it upright, which is how
    digiKam and immich read them. All sidecars are put in place when the writer is closed, each in one step; what a
    sidecar holds already, regions with names above all, is never changed. Pictures that could not be read are in
    errors.csv of the folder; beside pictures there is no place for them.

    Args:
        folder: where the sidecars go; None for beside the pictures.
        orientation: EXIF orientation of a picture, 1 to 8; None where all are stored upright.
        existing: what to do where there is a sidecar already: "refuse", or "merge" the new regions into it.
        sidecar: "whole" for photo.jpg.xmp, which digiKam and darktable read; "stem" for photo.xmp, Adobe's way.
        names: how the sidecars in a folder are called, less the suffixes of the pictures.
        sources: pictures known beforehand: to refuse a sidecar before any work rather than after it.

    Raises:
        SettingsError: another value than those; or a sidecar is there already and is not to be merged. What is found
            on closing (that, AnnotationError for a sidecar that cannot be merged into, OSError) is raised after all
            other sidecars are written.
    """

    def __init__(
        self,
        folder: StrPath | None = None,
        *,
        orientation: Callable[[StrPath], int] | None = None,
        existing: Existing = "refuse",
        sidecar: Sidecar = "whole",
        names: Naming | None = None,
        sources: Iterable[StrPath] = (),
    ) -> None:
        super().__init__(columns=None)
        if existing not in get_args(Existing) or sidecar not in get_args(Sidecar):
            raise SettingsError(
                f'expected existing="refuse" or "merge" and sidecar="whole" or "stem", got {existing!r}, {sidecar!r}'
            )
        self._folder = None if folder is None else Path(folder)
        self._orientation = orientation or (lambda _: 1)
        self._merge = existing == "merge"
        self._stem = sidecar == "stem"
        self._name = names
        self._left: list[Exception] = []
        self._owners: dict[Path, str] = {}
        self._errors = None if self._folder is None else ErrorList(self._folder / "errors.csv")
        for source in sources:
            self._check_free(self._path(Path(source)))
        self._waiting: IO[str] = tempfile.TemporaryFile("w+", encoding="ascii")  # noqa: SIM115  # closed at the end

    def _path(self, source: Path) -> Path:
        file = (source.stem if self._stem else source.name) + ".xmp"
        if self._folder is None:
            return source.with_name(file)
        parent = Path() if self._name is None else self._name(source).parent
        return self._folder / parent / file

    def _check_free(self, path: Path) -> None:
        if not self._merge and path.exists():
            raise SettingsError(f"expected no sidecar yet, got {path}: move it away, or ask for merging")

    def _add(self, entry: Entry) -> None:
        try:
            orientation = self._orientation(entry.origin)
        except ImageError as error:  # gone since it was read
            self._left.append(error)
            return
        size = {"width": entry.width, "height": entry.height}
        regions = stored_regions(entry.faces.boxes, **size, orientation=orientation)
        if not regions:
            return
        path = self._path(Path(entry.origin))
        self._own(path, entry.source)
        if orientation >= SIDEWAYS:
            size = {"width": entry.height, "height": entry.width}
        self._waiting.write(json.dumps({"path": str(path), "regions": regions, **size}) + "\n")

    def _own(self, path: Path, source: str) -> None:
        if self._folder is None and not path.parent.is_dir():
            raise SettingsError(
                f"expected a picture that is a file, to put a sidecar beside it, got {source!r}: name a folder"
            )
        if path in self._owners:
            raise SettingsError(
                f"expected a sidecar for each picture, got {path} for {self._owners[path]!r} and for {source!r}"
            )
        self._owners[path] = source

    def _add_error(self, source: str, error: ImageError) -> None:
        if self._errors is not None:
            self._errors.add(source, error)

    def _finish(self) -> None:
        for sidecar in self._sidecars():
            try:
                self._put(**sidecar)
            except (SettingsError, AnnotationError, OSError) as error:  # one that cannot be: no reason to stop
                self._left.append(error)
        self._waiting.close()
        if self._errors is not None:
            self._errors.commit()
        if self._left:
            more = f"; so with {len(self._left) - 1} more" if len(self._left) > 1 else ""
            raise type(self._left[0])(f"{self._left[0]}{more}; all other sidecars are written")

    def _sidecars(self) -> Iterator[dict[str, Any]]:
        self._waiting.seek(0)
        return map(json.loads, self._waiting)

    def _put(self, *, path: str, regions: list[list[float]], width: int, height: int) -> None:
        place = Path(path)
        self._check_free(place)
        # What somebody else wrote since the run began must be in it, so the older one is read only now.
        older = place.read_bytes() if place.exists() else None
        text = with_regions(older, [Region(*region) for region in regions], width=width, height=height, name=path)
        place.parent.mkdir(parents=True, exist_ok=True)
        with Replacement(place) as aside:
            aside.path.write_text(text, **TEXT)

    def _drop(self) -> None:
        self._waiting.close()
        if self._errors is not None:
            self._errors.discard()

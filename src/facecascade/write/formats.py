"""The table of formats: a writer for a file name, or for a format by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from facecascade.errors import SettingsError
from facecascade.write.coco import CocoWriter
from facecascade.write.columns import Column
from facecascade.write.jsonarray import JsonWriter
from facecascade.write.jsonlines import JsonLinesWriter
from facecascade.write.naming import Naming
from facecascade.write.parquet import ParquetWriter
from facecascade.write.table import CsvWriter
from facecascade.write.wider import WiderFolderWriter, WiderWriter
from facecascade.write.writer import StrPath, Writer
from facecascade.write.xmp import XmpWriter
from facecascade.write.yolo import YoloWriter


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run knows beforehand, and some format or other wants to know.

    Attributes:
        crops: whether the faces are cut out into files.
        columns: further columns.
        metadata: texts about the run, for formats that have a place for them.
        names: what files made from a picture are called.
        orientation: EXIF orientation of a picture, 1 to 8.
        sources: the pictures, where they are known.
        files: whether each picture is a file of its own, beside which another can lie.
    """

    crops: bool = False
    columns: Sequence[Column] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    names: Naming | None = None
    orientation: Callable[[StrPath], int] | None = None
    sources: Iterable[StrPath] = ()
    files: bool = True


Options = frozenset[str]


@dataclass(frozen=True)
class Format:
    """A format by name.

    Attributes:
        make: its writer, for a place, options and a run.
        options: the options it has.
        place: whether it needs a file or a folder.
    """

    make: Callable[[Path | None, Options, Run], Writer]
    options: tuple[str, ...] = ()
    place: bool = True


def _csv(place: StrPath, run: Run) -> Writer:
    return CsvWriter(place, crops=run.crops, columns=run.columns)


def _json(place: StrPath, run: Run) -> Writer:
    return JsonWriter(place, columns=run.columns)


def _json_lines(place: StrPath, run: Run) -> Writer:
    return JsonLinesWriter(place, columns=run.columns)


def _parquet(place: StrPath, run: Run) -> Writer:
    return ParquetWriter(place, crops=run.crops, columns=run.columns, metadata=run.metadata)


SUFFIXES: Final[dict[str, Callable[[StrPath, Run], Writer]]] = {
    ".jsonl": _json_lines,
    ".json": _json,
    ".csv": _csv,
    ".parquet": _parquet,
}
"""Writer by suffix of the file."""


def _by_suffix(suffix: str) -> Format:
    make = SUFFIXES[suffix]
    return Format(lambda place, _, run: make(_given(place), run))


def _coco(place: Path | None, options: Options, run: Run) -> Writer:
    return CocoWriter(_given(place), clip="clip" in options, columns=run.columns, metadata=run.metadata)


def _yolo(place: Path | None, options: Options, run: Run) -> Writer:
    return YoloWriter(_given(place), pose="pose" in options, names=run.names)


def _wider(place: Path | None, options: Options, run: Run) -> Writer:
    del options
    place = _given(place)
    return WiderWriter(place) if place.suffix.lower() == ".txt" else WiderFolderWriter(place, names=run.names)


def _xmp(place: Path | None, options: Options, run: Run) -> Writer:
    if place is None and not run.files:
        raise SettingsError(
            "expected pictures that are files, to put sidecars beside them, got archives, videos or frames: "
            "name a folder for the sidecars, as in xmp:DIR"
        )
    return XmpWriter(
        place,
        orientation=run.orientation,
        existing="merge" if "merge" in options else "refuse",
        sidecar="stem" if "stem" in options else "whole",
        names=run.names,
        sources=run.sources,
    )


FORMATS: Final[dict[str, Format]] = {
    **{suffix[1:]: _by_suffix(suffix) for suffix in SUFFIXES},
    "coco": Format(_coco, options=("clip",)),
    "yolo": Format(_yolo, options=("pose",)),
    "wider": Format(_wider),
    "xmp": Format(_xmp, options=("merge", "stem"), place=False),
}
"""Format by name."""


def get_writer(path: StrPath, *, run: Run | None = None) -> Writer:
    """The writer for a file of this name, by its suffix.

    Raises:
        SettingsError: no format has this suffix; the message lists those there are.
        MissingExtra: the format needs a package that is not installed.
        OSError: the folder cannot be written to.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise SettingsError(f"expected a file name ending in {', '.join(SUFFIXES)}, got {str(path)!r}")
    return SUFFIXES[suffix](path, run or Run())


def named_writer(order: str, *, run: Run | None = None) -> Writer:
    """The writer that an order asks for: a format, its options, and where to write.

    "coco:faces.json", "yolo+pose:labels", "xmp+merge". All after the first colon is the place.

    Raises:
        SettingsError: there is no such format or option, or no place is named where one is needed.
        MissingExtra: the format needs a package that is not installed.
        OSError: the place cannot be written to.
    """
    known, options, place = parsed_order(order)
    return known.make(place, options, run or Run())


def parsed_order(order: str) -> tuple[Format, Options, Path | None]:
    """The format, options and place of an order, without opening anything.

    Raises:
        SettingsError: as of `named_writer`.
    """
    words, _, place = order.partition(":")
    name, *options = words.split("+")
    if name not in FORMATS:
        raise SettingsError(f"expected a format out of {', '.join(FORMATS)}, got {name!r}")
    known = FORMATS[name]
    if unknown := [option for option in options if option not in known.options]:
        raise SettingsError(f"expected {name} with {_choices(known.options)}, got +{unknown[0]}")
    if known.place and not place:
        raise SettingsError(f"expected a place to write {name} to, as in {words}:PLACE, got {order!r}")
    return known, frozenset(options), Path(place) if place else None


def _given(place: Path | None) -> Path:
    if place is None:
        raise SettingsError("expected a file or a folder to write to, got none")
    return place


def _choices(options: Sequence[str]) -> str:
    return " or ".join(f"+{option}" for option in options) or "no options"

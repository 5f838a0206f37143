"""What a measurement gives: tables to read, values to keep, plots and galleries to look at."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecascade.evaluate.gallery import Exhibit, gallery
from facecascade.evaluate.plots import save_figure
from facecascade.extract import save_picture
from facecascade.write.files import AtomicText

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Table:
    """Cells, ready to be shown.

    Attributes:
        title: what it is of.
        header: names of the columns.
        rows: as many cells as there are names.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Result:
    """One measurement.

    Attributes:
        tables: for the terminal.
        values: all numbers, plain and ready for JSON; NaN becomes null.
        figures: makers of plots, by name of the file; nothing is drawn before one is asked for.
        galleries: the worst mistakes, the worst first, by name of the file.
    """

    tables: tuple[Table, ...]
    values: Mapping[str, Any]
    figures: Mapping[str, Callable[[], Figure]] = field(default_factory=dict)
    galleries: Mapping[str, Sequence[Exhibit]] = field(default_factory=dict)


def save_result(
    result: Result, folder: Path, *, facts: Mapping[str, Any] | None = None, pictures: Mapping[str, Path] | None = None
) -> None:
    """Writes result.json, the plots as PNG and SVG, and the galleries where there are pictures.

    Args:
        result: a measurement.
        folder: is made if it is missing.
        facts: where the numbers come from, such as versions and settings; put before them.
        pictures: path of each picture by its name.

    Raises:
        MissingExtra: Matplotlib is not installed.
        OSError: the folder cannot be written to.
        ImageError: a picture of a gallery cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_json({**(facts or {}), **result.values}, folder / "result.json")
    for name, make in result.figures.items():
        save_figure(make(), folder / name)
    for name, exhibits in result.galleries.items():
        if pictures and any(exhibit.picture in pictures for exhibit in exhibits):
            save_picture(gallery(exhibits, pictures=pictures), folder / f"{name}.png")


def _write_json(values: Mapping[str, Any], path: Path) -> None:
    text = AtomicText(path)
    try:
        text.stream.write(json.dumps(_plain(values), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    except BaseException:
        text.discard()
        raise
    text.commit()


def _plain(value: Any) -> Any:
    """The same without NaN and infinity, which JSON does not know."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value

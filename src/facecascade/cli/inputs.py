"""The pictures that a command works on, and where its results may go."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facecascade.engines import usable_cores
from facecascade.errors import SettingsError
from facecascade.extract.names import Names
from facecascade.read import MAX_PIXELS, find_pictures, read_ahead

if TYPE_CHECKING:
    from facecascade.extract import Picture

MOST_READERS: Final = 8
"""Threads that decode pictures, at most: more of them outrun any detector, and each holds a picture in memory."""


class Inputs:
    """Pictures named on the command line or found in its folders.

    Args:
        paths: pictures and folders; what does not exist is kept, so that reading it says so.
        output: a folder for results; where folders are searched, what lies in it since an earlier run is left out.

    Attributes:
        sources: the pictures, in order.
        names: what files made from them are called.

    Raises:
        ImageError: a folder cannot be listed.
        SettingsError: results would lie among the pictures, and might overwrite them.
    """

    def __init__(self, paths: Sequence[Path], *, output: Path | None = None) -> None:
        self.sources = list(dict.fromkeys(source for path in paths for source in _pictures_at(path, output=output)))
        self.names = Names(paths)
        if output is not None:
            _check_apart(self.sources, output, self.names)

    def read(self, *, threads: int | None, max_megapixels: float | None) -> Iterator[Picture]:
        """Decodes the pictures in threads, ahead of those who use them, in order."""
        readers = min(threads or usable_cores(), MOST_READERS)
        return read_ahead(self.sources, threads=readers, depth=2 * readers, max_pixels=_pixels(max_megapixels))


def _pictures_at(path: Path, *, output: Path | None) -> list[Path]:
    if not path.exists():
        return [path]
    found = find_pictures(path)
    if output is not None and path.resolve() in output.resolve().parents:
        return [picture for picture in found if output.resolve() not in picture.resolve().parents]
    return found


def _check_apart(sources: Sequence[Path], output: Path, names: Names) -> None:
    """Whatever their names: a folder that holds pictures and what was made from them is of no use the second time."""
    inputs = {folder for source in sources for folder in (source.parent.resolve(), source.resolve().parent)}
    for source in sources:
        target = (output / names.name(source)).parent
        if target.resolve() in inputs:
            raise SettingsError(
                f"expected an output folder apart from the pictures, got {output}: "
                f"files would be written among the pictures in {target}"
            )


def _pixels(megapixels: float | None) -> int:
    if megapixels is None:
        return MAX_PIXELS
    if not 0 < megapixels < math.inf:
        raise SettingsError(f"expected --max-megapixels above 0, got {megapixels:g}")
    return math.ceil(megapixels * 1_000_000)

"""The pictures that a command works on, and where its results may go."""

from __future__ import annotations

import io
import math
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from facecascade.engines import usable_cores
from facecascade.errors import SettingsError
from facecascade.extract.names import Names
from facecascade.read import MAX_PIXELS, Entry, Sampling, expand, find_entries, read_ahead
from facecascade.read.find import STANDARD_INPUT, list_file
from facecascade.read.patterns import fixed_part
from facecascade.read.videos import load_av

if TYPE_CHECKING:
    from facecascade.extract import Picture
    from facecascade.read import Frames

MOST_READERS: Final = 8
"""Threads that decode pictures, at most: more of them outrun any detector, and each holds a picture in memory."""


class Inputs:
    """Pictures named on the command line, or found in what is named there; iterated, they are those of `find_entries`.

    They are looked for twice: here, to count them and to see where they lie, and when they are read. Nothing of the
    first time is kept but the folders.

    Args:
        paths: files, folders, patterns, @lists, - for a list on standard input; what does not exist is kept, so that
            reading it says so.
        output: a folder for results; where folders are searched, what lies in it since an earlier run is left out.
        frames: of animated pictures, "first" or "all".
        sampling: which frames of videos.

    Attributes:
        total: how many pictures there are; None if only reading can tell.
        names: what files made from them are called.

    Raises:
        SettingsError: results would lie among the pictures, and might overwrite them.
        MissingExtra: there is a video, and PyAV is not installed.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        output: Path | None = None,
        frames: str = "first",
        sampling: Sampling | None = None,
    ) -> None:
        self._paths = paths
        self._output = output
        self._frames = cast("Frames", frames)
        self._sampling = sampling or Sampling()
        # Read once, used twice.
        self._listed = sys.stdin.buffer.read() if Path(STANDARD_INPUT) in paths else b""
        survey = _Survey(self)
        moving = frames == "all" or survey.containers
        self.total = None if moving else survey.entries
        roots = [folder for path in paths for folder in _roots(path, survey)]
        self.names = Names(roots)
        if output is not None:
            _check_apart(survey, output, Names(roots))

    def __iter__(self) -> Iterator[Entry]:
        """Files of pictures, archives and videos, in order."""
        return find_entries(self._paths, leave_out=self._output, stdin=io.BytesIO(self._listed))

    def read(self, *, threads: int | None, max_megapixels: float | None) -> Iterator[Picture]:
        """Decodes the pictures in threads, ahead of those who use them, in order; their sources are entries."""
        readers, limit = reader_threads(threads), most_pixels(max_megapixels)
        pictures = expand(self, frames=self._frames, sampling=self._sampling, max_pixels=limit)
        return read_ahead(pictures, threads=readers, depth=2 * readers, max_pixels=limit)


class _Survey:
    """How many files there are, and where.

    Attributes:
        entries: how many.
        containers: whether there are archives or videos among them.
        folders: where they are, as they are named.
        real: where they are, and where links to them lead.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = 0
        self.containers = False
        self.folders: set[str] = set()
        self.real: set[str] = set()
        videos = False
        for entry in entries:
            self.entries += 1
            self.containers |= entry.kind in ("zip", "tar", "video")
            videos |= entry.kind == "video"
            self._add(entry.path)
        if videos:
            load_av()  # missing, it is told before any work

    def _add(self, path: str) -> None:
        folder = os.path.dirname(path)  # noqa: PTH120 - no Path is made for each of a million
        if folder not in self.folders:
            self.folders.add(folder)
            self.real.add(os.path.realpath(folder))
        if os.path.islink(path):  # noqa: PTH114
            self.real.add(os.path.dirname(os.path.realpath(path)))  # noqa: PTH120


def _roots(path: Path, survey: _Survey) -> list[str]:
    """The files and folders whose common part names are relative to."""
    if str(path) == STANDARD_INPUT or list_file(str(path)) is not None:
        return sorted(folder or os.curdir for folder in survey.folders)
    return [str(path) if os.path.lexists(path) else fixed_part(str(path))]


def _check_apart(survey: _Survey, output: Path, names: Names) -> None:
    """Whatever their names: a folder that holds pictures and what was made from them is of no use the second time."""
    for folder in sorted(survey.folders):
        target = (output / names.name(Path(folder, "any"))).parent
        if str(target.resolve()) in survey.real:
            raise SettingsError(
                f"expected an output folder apart from the pictures, got {output}: "
                f"files would be written among the pictures in {target}"
            )


def reader_threads(threads: int | None) -> int:
    """How many threads decode pictures where `threads` are wanted."""
    return min(threads or usable_cores(), MOST_READERS)


def most_pixels(megapixels: float | None) -> int:
    """How many pixels a picture may have.

    Raises:
        SettingsError: no number of pixels.
    """
    if megapixels is None:
        return MAX_PIXELS
    if not 0 < megapixels < math.inf:
        raise SettingsError(f"expected --max-megapixels above 0, got {megapixels:g}")
    return math.ceil(megapixels * 1_000_000)

"""The pictures that are worked on, and where results may go: `Inputs`."""

from __future__ import annotations

import io
import math
import os
import sys
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from facecascade.engines import usable_cores
from facecascade.errors import SettingsError
from facecascade.extract.batches import Batch, Looked, batches
from facecascade.extract.names import Names
from facecascade.extract.root import Root
from facecascade.read import MAX_PIXELS, Entry, Sampling, expand, find_entries, read_ahead, read_parts
from facecascade.read.find import STANDARD_INPUT, find_folders, list_file
from facecascade.read.patterns import fixed_part
from facecascade.read.videos import load_av

if TYPE_CHECKING:
    from facecascade.read import Frames, ReadResult
    from facecascade.read.entries import Skip

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
        survey: look for them now. If not, `survey` does so later, and tells what it comes upon.

    Attributes:
        total: how many pictures there are; None if only reading can tell, or before the survey.
        names: what files made from them are called; of lists, after the survey.
        root: the folder that they have in common; of lists, after the survey.
        surveyed: whether they were looked for.
        frames: as given.
        sampling: as given; every frame by default.

    Raises:
        SettingsError: results would lie among the pictures, and might overwrite them.
        MissingExtra: there is a video, and PyAV is not installed.
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        output: str | os.PathLike[str] | None = None,
        frames: str = "first",
        sampling: Sampling | None = None,
        survey: bool = True,
    ) -> None:
        self._paths = [Path(path) for path in paths]
        self._output = None if output is None else Path(output)
        self.frames = cast("Frames", frames)
        self.sampling = sampling or Sampling()
        # Read once, used twice.
        self._listed = sys.stdin.buffer.read() if Path(STANDARD_INPUT) in self._paths else b""
        self.total: int | None = None
        self.surveyed = False
        if survey or any(map(_is_list, self._paths)):
            self.survey()
        else:
            self._find_root(())

    def survey(self, each: Callable[[Batch], None] | None = None) -> None:
        """Looks for all inputs, opening none.

        Args:
            each: is told of each batch of them in its turn.

        Raises:
            SettingsError: results would lie among the pictures, and might overwrite them.
            MissingExtra: there is a video, and PyAV is not installed.
        """
        found = _Survey()
        for batch in self.batches():
            found.add(batch)
            if each is not None:
                each(batch)
        if found.videos:
            load_av()  # missing, it is told before any work
        self.total = None if self.frames == "all" or found.containers else found.entries
        self._find_root(found.folders)
        self.surveyed = True
        if self._output is not None:
            _check_apart(found, self._output, Names(self._roots))

    def _find_root(self, folders: Collection[str]) -> None:
        self._roots = [folder for path in self._paths for folder in _roots(path, folders)]
        self.names = Names(self._roots)
        self.root = Root.of(self._roots)

    def __iter__(self) -> Iterator[Entry]:
        """Files of pictures, archives and videos, in order."""
        return find_entries(self._paths, leave_out=self._output, stdin=io.BytesIO(self._listed))

    def batches(self) -> Iterator[Batch]:
        """The same, some hundred at a time, with the stamps of the files."""
        return batches(find_folders(self._paths, leave_out=self._output, stdin=io.BytesIO(self._listed)))

    def looked(self) -> Iterator[Looked]:
        """The same, each with the stamp of its file."""
        return (looked for batch in self.batches() for looked in batch.looked())

    def read(
        self, *, threads: int | None = None, max_megapixels: float | None = None
    ) -> Generator[ReadResult[Entry], None, None]:
        """Decodes all pictures in threads, ahead of those who use them, in order; their sources are entries.

        Args:
            threads: for decoding; by default one for each processor, but no more than `MOST_READERS`.
            max_megapixels: larger pictures count as unreadable; None for `MAX_PIXELS`.
        """
        found = expand(self, frames=self.frames, sampling=self.sampling, max_pixels=most_pixels(max_megapixels))
        readers = reader_threads(threads)
        return read_ahead(found, threads=readers, depth=2 * readers, max_pixels=most_pixels(max_megapixels))

    def read_parts(
        self, entries: Iterable[Entry], *, threads: int | None = None, max_megapixels: float | None = None
    ) -> Generator[Iterator[ReadResult[Entry]], None, None]:
        """Decodes some of the pictures as `read` does all, very large ones alone; see `facecascade.read.read_parts`."""
        readers = reader_threads(threads)
        return read_parts(entries, threads=readers, depth=2 * readers, max_pixels=most_pixels(max_megapixels))

    def expanded(self, entry: Entry, *, skip: Skip, max_megapixels: float | None = None) -> Iterator[Entry]:
        """The pictures in one archive, video or animated picture, or the picture itself; see `expand`."""
        limit = most_pixels(max_megapixels)
        return expand([entry], frames=self.frames, sampling=self.sampling, skip=skip, max_pixels=limit)


class _Survey:
    """How many files there are, and where.

    Attributes:
        entries: how many.
        containers: whether there are archives or videos among them.
        videos: whether there are videos.
        folders: where they are, as they are named.
        real: where they are, and where links to them lead.
    """

    def __init__(self) -> None:
        self.entries = 0
        self.containers = False
        self.videos = False
        self.folders: set[str] = set()
        self.real: set[str] = set()

    def add(self, batch: Batch) -> None:
        """Some more."""
        self.entries += len(batch)
        for entry in batch.named.values():
            self.containers |= entry.kind in ("zip", "tar", "video")
            self.videos |= entry.kind == "video"
            self._add_folder(_folder(entry.path))
        for start in batch.folders:
            self._add_folder(_folder(start))
        self.real.update(os.path.dirname(os.path.realpath(link)) for link in batch.links)  # noqa: PTH120

    def _add_folder(self, folder: str) -> None:
        if folder not in self.folders:
            self.folders.add(folder)
            self.real.add(os.path.realpath(folder))


def _folder(path: str) -> str:
    """`os.path.dirname`, a million times."""
    folder = path.rpartition("/")[0]
    return folder if folder or path[:1] != "/" else "/"


def _is_list(path: Path) -> bool:
    return str(path) == STANDARD_INPUT or list_file(str(path)) is not None


def _roots(path: Path, folders: Collection[str]) -> list[str]:
    """The files and folders whose common part names are relative to."""
    if _is_list(path):
        return sorted(folder or os.curdir for folder in folders)
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

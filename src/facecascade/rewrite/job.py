"""Many pictures and videos written again into a folder: the core of the commands `blur` and `draw`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal, get_args

from facecascade.errors import ImageError, SettingsError
from facecascade.extract.detections import Detected, Unreadable, detect_each
from facecascade.extract.names import Names
from facecascade.extract.pictures import DEFAULT_QUALITY, check_quality
from facecascade.metadata import Metadata
from facecascade.read import MAX_PIXELS, Entry, Frames, expand, read_ahead
from facecascade.read.animations import may_move
from facecascade.rewrite.change import Change
from facecascade.rewrite.pictures import picture_suffix, write_animation, write_picture
from facecascade.rewrite.videos import DEFAULT_CRF, Stopped, VideoOptions, rewrite_video, video_suffix

ARCHIVES: Final = ("zip", "tar")

Kind = Literal["still", "animation", "video"]


@dataclass(frozen=True, kw_only=True)
class RewriteOptions:
    """How pictures and videos are read and written.

    Attributes:
        frames: of animated pictures: "first", which makes them still ones, or "all".
        quality: of JPEG and WebP, 1 to 100.
        crf: of videos; see `VideoOptions`.
        readers: threads that decode pictures.
        max_pixels: as in `read_picture`.

    Raises:
        SettingsError: a value cannot work.
    """

    frames: Frames = "first"
    quality: int = DEFAULT_QUALITY
    crf: int = DEFAULT_CRF
    readers: int = 2
    max_pixels: int | None = MAX_PIXELS

    def __post_init__(self) -> None:
        if self.frames not in get_args(Frames):
            raise SettingsError(f'expected frames="first" or "all", got {self.frames!r}')
        check_quality(self.quality)
        VideoOptions(crf=self.crf)


@dataclass(frozen=True, eq=False)
class Rewritten:
    """A picture or a video that was written again.

    Attributes:
        source: what it was made from.
        path: the new file.
        counts: of each frame, how many faces were found and chosen; a still picture has one.
        video: whether it is a video.
        problem: what is wrong with a video of which a part alone could be read; None for a whole one.
    """

    source: Entry
    path: Path
    counts: tuple[int, ...]
    video: bool = False
    problem: ImageError | None = None


def _nothing(faces: int) -> None:
    del faces


@dataclass(frozen=True)
class Observer:
    """Who looks on: both are asked for each frame of a video.

    Attributes:
        watch: is told of a frame of a video that is done, with the number of its faces.
        stop: says whether to end; a video in work is then dropped, and a picture finished.
    """

    watch: Callable[[int], None] = _nothing
    stop: Callable[[], bool] = bool


NOBODY: Final = Observer()
DEFAULT: Final = RewriteOptions()


def rewrite_each(
    entries: Iterable[Entry],
    *,
    change: Change,
    folder: str | os.PathLike[str],
    options: RewriteOptions = DEFAULT,
    names: Names | None = None,
    metadata: Callable[[Any], Metadata] | None = None,
    observer: Observer = NOBODY,
) -> Iterator[Rewritten | Unreadable]:
    """Writes each picture and each video again below `folder`, changed, and says one by one what came of it.

    Pictures without faces are written too. A file has its name by `Names`, and the suffix of its source where its
    format can be written: see `picture_suffix` and `video_suffix`. What cannot be read is not written. A result comes
    after its file is in place.

    Args:
        entries: as `find_entries` yields them.
        change: what is done to each.
        folder: is made if it is missing.
        options: how they are read and written.
        names: how the files are called; by default after the file names of the sources alone.
        metadata: tells of the source of a picture what its new file says beside its pixels, such as
            `facecascade.read.read_metadata`; by default nothing.
        observer: who looks on.

    Raises:
        SettingsError: a file would be written over a source, or through a link.
        MissingExtra: there is a video, and PyAV is not installed.
        OSError: the folder cannot be written to.
    """
    work = _Work(Path(folder), change, options, names or Names(), metadata, observer)
    for kind, group in groupby(_flat(entries, options), key=lambda entry: _kind(entry, options.frames)):
        if observer.stop():
            return
        if kind == "still":
            yield from work.stills(group)
        else:
            yield from work.moving(group, video=kind == "video")


def _flat(entries: Iterable[Entry], options: RewriteOptions) -> Iterator[Entry]:
    """The entries, with what archives hold in their place."""
    for entry in entries:
        if entry.kind in ARCHIVES:
            yield from expand((entry,), max_pixels=options.max_pixels)
        else:
            yield entry


def _kind(entry: Entry, frames: Frames) -> Kind:
    if entry.kind == "video":
        return "video"
    return "animation" if frames == "all" and may_move(entry) else "still"


class _Work:
    """What is the same for all of a run."""

    def __init__(
        self,
        folder: Path,
        change: Change,
        options: RewriteOptions,
        names: Names,
        read_metadata: Callable[[Any], Metadata] | None,
        observer: Observer,
    ) -> None:
        self._folder = folder
        self._change = change
        self._options = options
        self._names = names
        self._read_metadata = read_metadata
        self._observer = observer

    def stills(self, entries: Iterable[Entry]) -> Iterator[Rewritten | Unreadable]:
        """Pictures of one frame, decoded ahead and detected in batches."""
        readers = self._options.readers
        read = read_ahead(entries, threads=readers, depth=2 * readers, max_pixels=self._options.max_pixels)
        for outcome in detect_each(_until(read, self._observer.stop), detector=self._change.detector):
            yield outcome if isinstance(outcome, Unreadable) else self._still(outcome)

    def moving(self, entries: Iterable[Entry], *, video: bool) -> Iterator[Rewritten | Unreadable]:
        """Videos, or animated pictures, one after the other."""
        for entry in entries:
            if self._observer.stop():
                return
            try:
                yield self._video(entry) if video else self._animation(entry)
            except ImageError as error:
                yield Unreadable(entry, error)
            except Stopped:
                return

    def _still(self, found: Detected) -> Rewritten | Unreadable:
        path = self._path(found.source, picture_suffix)
        faces = self._change.faces(found.faces, found.pixels)
        changed = self._change.paint(found.pixels, faces) if len(faces) else found.pixels
        try:
            metadata = self._metadata(found.source)
        except ImageError as error:  # the file has gone since its pixels were read
            return Unreadable(found.source, error)
        write_picture(changed, path, quality=self._options.quality, metadata=metadata)
        return Rewritten(found.source, path, (len(faces),))

    def _animation(self, entry: Entry) -> Rewritten:
        path = self._path(entry, picture_suffix)
        frames, counts = [], []
        pictures = expand((entry,), frames="all", max_pixels=self._options.max_pixels)
        read = read_ahead(pictures, threads=1, depth=2, max_pixels=self._options.max_pixels)
        for outcome in detect_each(read, detector=self._change.detector):
            if isinstance(outcome, Unreadable):
                raise outcome.error
            faces = self._change.faces(outcome.faces, outcome.pixels)
            frames.append(self._change.paint(outcome.pixels, faces) if len(faces) else outcome.pixels)
            counts.append(len(faces))
        metadata, quality = self._metadata(entry), self._options.quality
        if len(frames) == 1:
            write_picture(frames[0], path, quality=quality, metadata=metadata)
        else:
            write_animation(frames, entry, path, quality=quality, metadata=metadata)
        return Rewritten(entry, path, tuple(counts))

    def _video(self, entry: Entry) -> Rewritten:
        path = self._path(entry, video_suffix)
        done = rewrite_video(
            entry,
            path,
            change=self._change,
            options=VideoOptions(crf=self._options.crf),
            max_pixels=self._options.max_pixels,
            watch=self._watch,
        )
        problem = None if done.problem is None else ImageError(f"{entry.id}: {done.problem}")
        return Rewritten(entry, path, done.counts, video=True, problem=problem)

    def _watch(self, faces: int) -> None:
        if self._observer.stop():
            raise Stopped
        self._observer.watch(faces)

    def _metadata(self, source: Entry) -> Metadata:
        return Metadata() if self._read_metadata is None else self._read_metadata(source)

    def _path(self, source: Entry, suffix: Callable[[str], str]) -> Path:
        """Where the new file goes; never over a source."""
        name = self._names.name(source)
        path = self._folder / name.with_name(name.name + suffix(Path(source.path).suffix))
        if path.is_symlink():
            raise SettingsError(f"expected a place for {path}, got a link, which may lead to a source: remove it")
        if path.exists() and Path(source.path).exists() and path.samefile(source.path):
            raise SettingsError(f"expected an output folder apart from the sources, got {path}, which is a source")
        return path


def _until(items: Iterable[Any], stop: Callable[[], bool]) -> Iterator[Any]:
    for item in items:
        if stop():
            return
        yield item

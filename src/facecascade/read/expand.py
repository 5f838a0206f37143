"""Archives, videos and animated pictures, to the pictures in them: `expand`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, get_args

from facecascade.errors import SettingsError
from facecascade.read.animations import animation_entries, may_move
from facecascade.read.archives import tar_entries, zip_entries
from facecascade.read.decoding import MAX_PIXELS
from facecascade.read.entries import Entry, Skip
from facecascade.read.members import MAX_MEMBER_BYTES
from facecascade.read.sampling import Sampling
from facecascade.read.videos import video_entries

Frames = Literal["first", "all"]

EVERY_FRAME: Final = Sampling()


def expand(
    entries: Iterable[Entry],
    *,
    frames: Frames = "first",
    sampling: Sampling = EVERY_FRAME,
    skip: Skip | None = None,
    max_pixels: int | None = MAX_PIXELS,
    max_member_bytes: int = MAX_MEMBER_BYTES,
) -> Iterator[Entry]:
    """Put pictures in the place of the archives, videos and animated pictures they lie in, lazily and in order.

    Members of a zip archive are read when their entry is, by any thread. A tar archive, a video and an animated picture
    are read by whoever asks for the next entry, from the beginning, and each entry holds what was read for it.

    `skip` is asked for each entry, and for each picture in it, before anything is read: a job that has done an archive
    or a video skips it whole by its own id. An archive or video that is broken ends with an entry of its own id, whose
    reading says what is wrong, after those of all that could be read. One picture out of something broken is an entry,
    too, whose reading says so.

    Args:
        entries: as `find_entries` yields them.
        frames: of animated pictures (GIF, PNG, WebP, AVIF): "first", or "all", each a picture of its own.
        sampling: which frames of videos.
        skip: says of an id whether it is to be passed over.
        max_pixels: as in `read_picture`, for animated pictures and videos.
        max_member_bytes: larger members of archives are not read.

    Raises:
        SettingsError: an argument has a value that cannot work; raised here, not at the first entry.
        MissingExtra: a video is reached, and PyAV is not installed.
    """
    if frames not in get_args(Frames):
        raise SettingsError(f'expected frames="first" or "all", got {frames!r}')
    if max_member_bytes < 1:
        raise SettingsError(f"expected max_member_bytes of at least 1, got {max_member_bytes!r}")
    skip = skip or _never

    def opened(entry: Entry) -> Iterator[Entry]:
        if entry.kind == "zip":
            return zip_entries(entry, skip=skip, max_bytes=max_member_bytes)
        if entry.kind == "tar":
            return tar_entries(entry, skip=skip, max_bytes=max_member_bytes)
        if entry.kind == "video":
            return video_entries(entry, sampling=sampling, skip=skip, max_pixels=max_pixels)
        return iter((entry,))

    def moved(picture: Entry) -> Iterator[Entry]:
        if frames == "all" and may_move(picture):
            return animation_entries(picture, skip=skip, max_pixels=max_pixels)
        return iter((picture,))

    wanted = (entry for entry in entries if not skip(entry.id))
    return (picture for entry in wanted for found in opened(entry) for picture in moved(found))


def _never(identity: str) -> bool:
    del identity
    return False

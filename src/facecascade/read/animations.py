"""All frames of an animated picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from facecascade.errors import ImageError
from facecascade.read.arrays import Pixels
from facecascade.read.decoding import decode_image, decoder_errors, opened
from facecascade.read.entries import Entry, Skip

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

ANIMATED_SUFFIXES: Final = (".gif", ".png", ".apng", ".webp", ".avif")
COPY: Final = re.compile(r"/~\d+$")
"""What tells a member of an archive from an earlier one of its name."""
MILLISECONDS: Final = 1000.0


def may_move(entry: Entry) -> bool:
    """Whether a picture may have several frames, by the suffix of its name."""
    name = COPY.sub("", entry.path.lower())
    return entry.kind == "picture" and entry.pixels is None and name.endswith(ANIMATED_SUFFIXES)


def animation_entries(picture: Entry, *, skip: Skip, max_pixels: int | None) -> Iterator[Entry]:
    """The frames of a picture, decoded in order; the picture itself, unread, if it has one frame or is broken.

    Frame 3 of cat.gif, counted from 0, is cat.gif/#3. An animation that breaks off gives the frames before, then the
    error in place of a frame; frames that are skipped are not decoded where the format allows it.

    Args:
        picture: a file, or a member of an archive.
        skip: frames to pass over, by id.
        max_pixels: as in `read_picture`.
    """
    try:
        with picture.open() as file, opened(file, name=picture.id) as image:
            frames = getattr(image, "n_frames", 1)
            if frames > 1:
                yield from _frames(picture, image, frames, skip=skip, max_pixels=max_pixels)
                return
    except ImageError:
        pass  # reading the picture says the same, in its turn
    yield picture


def _frames(picture: Entry, image: ImageFile, frames: int, *, skip: Skip, max_pixels: int | None) -> Iterator[Entry]:
    time = 0.0
    for number in range(frames):
        name = f"{picture.id}/#{number}"
        wanted = not skip(name)
        decoded = _decoded(image, number, wanted=wanted, name=name, max_pixels=max_pixels)
        if decoded is not None:
            yield _frame(picture, number, time, decoded)
        if isinstance(decoded, ImageError):
            return
        time += float(image.info.get("duration") or 0) / MILLISECONDS


def _decoded(
    image: ImageFile, number: int, *, wanted: bool, name: str, max_pixels: int | None
) -> Pixels | ImageError | None:
    """A frame, what is wrong with it, or None for one that is passed over."""
    try:
        with decoder_errors(name):
            image.seek(number)
            return decode_image(image, name=name, max_pixels=max_pixels) if wanted else None
    except ImageError as error:
        return error


def _frame(picture: Entry, number: int, time: float, decoded: Pixels | ImageError) -> Entry:
    def pixels(max_pixels: int | None) -> Pixels:
        del max_pixels  # applied when it was decoded
        if isinstance(decoded, ImageError):
            raise decoded
        return decoded

    return Entry(f"{picture.id}/#{number}", f"{picture.path}/{number}", container=picture.id, time=time, pixels=pixels)

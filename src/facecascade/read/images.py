"""What a picture is made from, as a Pillow image that nobody has decoded: `image_of`."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from facecascade.read.decoding import open_file, opened
from facecascade.read.entries import Entry

if TYPE_CHECKING:
    from PIL.Image import Image

    from facecascade.read.pictures import PictureSource


@contextmanager
def image_of(source: PictureSource) -> Iterator[Image | None]:
    """The image in a file or an entry, with all that it says beside its pixels; None where there are pixels alone.

    Args:
        source: what `read_picture` takes; a file that cannot go back has been read to its end by then. Arrays, and
            frames of videos and animated pictures, are pixels alone.

    Raises:
        ImageError: the picture is missing, or no picture.
    """
    from PIL.Image import Image

    if isinstance(source, Image):
        yield source
        return
    found = _file_of(source)
    if found is None:
        yield None
        return
    file, name, ours = found
    try:
        with opened(file, name=name) as image:
            yield image
    finally:
        if ours:
            file.close()


def _file_of(source: Any) -> tuple[IO[bytes], str, bool] | None:
    """The encoded file, what errors call it, and whether it was opened here; None for pixels."""
    if isinstance(source, Entry):
        return None if source.pixels is not None else (source.open(), source.id, True)
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        return open_file(path, name=path), path, True
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(bytes(source)), f"{type(source).__name__}", True
    if hasattr(source, "read"):
        return source, f"file {getattr(source, 'name', type(source).__name__)}", False
    return None

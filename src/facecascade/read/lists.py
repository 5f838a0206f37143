"""Lists of paths, one a line, or with zero bytes between them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

CHUNK: Final = 1 << 16
"""Bytes that are read at a time, and that a path may have at most."""
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def listed_paths(file: IO[bytes], *, folder: str) -> Iterator[str]:
    """The paths in a list, as they are needed.

    A zero byte near the beginning means that zero bytes are between the paths, as ``find -print0`` writes them; else
    each line is a path, and what is empty is passed over. Relative paths start from `folder`.

    Args:
        file: opened in binary mode.
        folder: where relative paths start.

    Raises:
        ValueError: no end of a path is to be found: this is no list.
    """
    chunk = file.read(CHUNK)
    separator = b"\0" if b"\0" in chunk else b"\n"
    rest = b""
    chunk = chunk.removeprefix(BYTE_ORDER_MARK)
    while chunk:
        *items, rest = (rest + chunk).split(separator)
        if len(rest) > CHUNK:
            raise ValueError(f"expected paths of at most {CHUNK} bytes, one a line, got a longer one")
        yield from _paths(items, folder)
        chunk = file.read(CHUNK)
    yield from _paths([rest], folder)


def _paths(items: list[bytes], folder: str) -> Iterator[str]:
    for item in items:
        path = item.removesuffix(b"\r")
        if path.strip():
            yield str(Path(folder, os.fsdecode(path)))

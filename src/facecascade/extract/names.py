"""What the files made from a picture are called: `Names`."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

StrPath = str | os.PathLike[str]

LONGEST_PART: Final = 180
"""Bytes of one part of a name: file systems allow 255, and a face number and a suffix are still to come."""


class Names:
    """One name a picture, for the files made from it: a relative path without suffix, never given to two pictures.

    The folders of the pictures are kept below the part that all `inputs` have in common: one folder is mirrored,
    several keep their own names. Two pictures that would share a name (photo.jpg and photo.png, or Photo.jpg and
    photo.jpg where a file system may take these for one) are told apart by suffix, then by a hash of the path. Names
    depend on the pictures asked for before, in their order, and on nothing else.

    Args:
        inputs: the folders and files that the pictures come from; pictures from elsewhere get names without folders.
    """

    def __init__(self, inputs: Iterable[StrPath] = ()) -> None:
        self._base = _common_folder(inputs)
        self._given: dict[str, Path] = {}
        self._taken: set[str] = set()

    def name(self, source: StrPath) -> Path:
        """The name of this picture's files; the same each time it is asked for."""
        absolute = os.path.abspath(source)  # noqa: PTH100  # keeps symbolic links, and takes no file to exist
        if absolute not in self._given:
            self._given[absolute] = self._new_name(absolute)
        return self._given[absolute]

    def _new_name(self, absolute: str) -> Path:
        relative = Path(absolute)
        if self._base is not None and relative.is_relative_to(self._base):
            relative = relative.relative_to(self._base)
        else:
            relative = Path(relative.name)
        name = free_name(relative, absolute=absolute, taken=self._taken.__contains__)
        self._taken.add(folded(str(name)))
        return name


def free_name(relative: Path, *, absolute: str, taken: Callable[[str], bool]) -> Path:
    """The best of the `candidate_names` that no other picture has.

    Args:
        relative: as there.
        absolute: as there.
        taken: whether another picture has a name, which comes `folded`.
    """
    return next(name for name in candidate_names(relative, absolute=absolute) if not taken(folded(str(name))))


def folded(name: str) -> str:
    """The same for two names that some file system takes for one."""
    return name.casefold() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def candidate_names(relative: Path, *, absolute: str) -> Iterator[Path]:
    """What the files of a picture may be called, best first, without end.

    Args:
        relative: the picture below the common folder.
        absolute: what tells it from all others.
    """
    folder = Path(*map(_shorten, relative.parent.parts))
    stem = relative.stem or "picture"
    yield folder / _shorten(stem)
    if relative.suffix:
        yield folder / _shorten(f"{stem}_{relative.suffix[1:]}")
    yield folder / _shorten(f"{stem}_{_hash(str(relative))}")
    attempt = 0
    while True:
        yield folder / _shorten(f"{stem}_{_hash(f'{absolute} {attempt}')}")
        attempt += 1


def _common_folder(inputs: Iterable[StrPath]) -> Path | None:
    folders = [Path(path) if Path(path).is_dir() else Path(path).parent for path in inputs]
    if not folders:
        return None
    try:
        return Path(os.path.commonpath([os.path.abspath(folder) for folder in folders]))  # noqa: PTH100
    except ValueError:  # no common part: two drives of one machine
        return None


def _shorten(part: str) -> str:
    raw = os.fsencode(part)
    if len(raw) <= LONGEST_PART:
        return part
    return raw[:LONGEST_PART].decode("utf-8", "ignore") + "_" + _hash(part)


def _hash(text: str) -> str:
    return hashlib.blake2s(os.fsencode(text), digest_size=4).hexdigest()

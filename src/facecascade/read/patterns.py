"""Patterns of file names, like photos/**/*.jpg, and the files they match."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from itertools import takewhile
from pathlib import Path
from typing import Final

from facecascade.read.folders import joined

WILDCARDS: Final = re.compile(r"[*?[]")
ANY_FOLDERS: Final = "**"


def is_pattern(text: str) -> bool:
    """Whether a path has a wildcard in it: ``*``, ``?`` or ``[``."""
    return WILDCARDS.search(text) is not None


def fixed_part(pattern: str) -> str:
    """The folder before the first part that has a wildcard."""
    return str(Path(*takewhile(lambda part: not is_pattern(part), Path(pattern).parts)))


@dataclass(frozen=True, slots=True)
class Match:
    """What a pattern matches.

    Attributes:
        path: where it is.
        is_folder: whether it is a folder, or a link to one.
    """

    path: str
    is_folder: bool


def matches(pattern: str) -> Iterator[Match | OSError]:
    """Files and folders that a pattern matches, folder by folder, sorted; some may come twice.

    ``*`` and ``?`` stand for letters of one name, ``[ab]`` for one of some letters, and ``**`` for any number of
    folders, links to folders not among them. Only a part that begins with a dot matches hidden names. Upper and lower
    case differ. A folder that cannot be listed is the OSError in its place.
    """
    folder = fixed_part(pattern)
    return _below(folder, Path(pattern).parts[len(Path(folder).parts) :])


def _below(folder: str, parts: Sequence[str]) -> Iterator[Match | OSError]:
    first, rest = parts[0], parts[1:]
    if first == ANY_FOLDERS:
        yield from _below(folder, rest) if rest else (Match(folder, is_folder=True),)
        yield from _in_folders(folder, parts) if rest else ()
        return
    for match in _in(folder, first):
        if isinstance(match, OSError) or not rest:
            yield match
        elif match.is_folder:
            yield from _below(match.path, rest)


def _in_folders(folder: str, parts: Sequence[str]) -> Iterator[Match | OSError]:
    try:
        with os.scandir(folder) as listing:
            names = sorted(entry.name for entry in listing if entry.is_dir(follow_symlinks=False))
    except OSError:
        return  # said already by whoever looked for files in it
    for name in names:
        if not name.startswith("."):
            yield from _below(joined(folder, name), parts)


def _in(folder: str, part: str) -> Iterator[Match | OSError]:
    """What one part of a pattern matches in a folder, sorted."""
    if not is_pattern(part):
        path = joined(folder, part)
        if os.path.lexists(path):
            yield Match(path, os.path.isdir(path))  # noqa: PTH112 - a text, as all paths here
        return
    matched = re.compile(translate(part)).match
    try:
        with os.scandir(folder) as listing:
            found = sorted((entry.name, _is_folder(entry)) for entry in listing if matched(entry.name))
    except OSError as error:
        yield error
        return
    for name, is_folder in found:
        if part.startswith(".") or not name.startswith("."):
            yield Match(joined(folder, name), is_folder)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or a link to one; the entry's own method raises for a link to itself."""
    return os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir()  # noqa: PTH112

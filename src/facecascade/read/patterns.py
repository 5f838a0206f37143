"""Patterns of file names, like photos/**/*.jpg, and the files they match."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
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


def matches(pattern: str) -> Iterator[str | OSError]:
    """Files and folders that a pattern matches, folder by folder, sorted; some may come twice.

    ``*`` and ``?`` stand for letters of one name, ``[ab]`` for one of some letters, and ``**`` for any number of
    folders, links to folders not among them. Only a part that begins with a dot matches hidden names. Upper and lower
    case differ. A folder that cannot be listed is the OSError in its place.
    """
    folder = fixed_part(pattern)
    return _below(folder, Path(pattern).parts[len(Path(folder).parts) :])


def _below(folder: str, parts: Sequence[str]) -> Iterator[str | OSError]:
    first, rest = parts[0], parts[1:]
    if first == ANY_FOLDERS:
        yield from _below(folder, rest) if rest else (folder,)
        if rest:
            yield from _in_folders(folder, parts)
        return
    for name in _names(folder, first):
        path = name if isinstance(name, OSError) else joined(folder, name)
        if isinstance(path, OSError) or not rest:
            yield path
        elif os.path.isdir(path):  # noqa: PTH112 - a text, as all paths here
            yield from _below(path, rest)


def _in_folders(folder: str, parts: Sequence[str]) -> Iterator[str | OSError]:
    try:
        with os.scandir(folder) as listing:
            names = sorted(entry.name for entry in listing if entry.is_dir(follow_symlinks=False))
    except OSError:
        return  # said already by whoever looked for files in it
    for name in names:
        if not name.startswith("."):
            yield from _below(joined(folder, name), parts)


def _names(folder: str, part: str) -> Iterator[str | OSError]:
    """Names in a folder that one part of a pattern matches, sorted."""
    if not is_pattern(part):
        if os.path.lexists(joined(folder, part)):
            yield part
        return
    matched = re.compile(translate(part)).match
    try:
        names = sorted(name for name in os.listdir(folder) if matched(name))  # noqa: PTH208 - names, not paths
    except OSError as error:
        yield error
        return
    yield from (name for name in names if part.startswith(".") or not name.startswith("."))

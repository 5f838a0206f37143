"""Inputs, as people name them, to entries: `find_entries`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, TypeAlias

from facecascade.read.entries import Entry, Kind, error_entry, file_entry, reason
from facecascade.read.folders import FolderPictures, Paths, unlisted, walk_folders
from facecascade.read.lists import listed_paths
from facecascade.read.patterns import is_pattern, matches
from facecascade.read.seen import Seen

STANDARD_INPUT: Final = "-"
LIST_MARK: Final = "@"

ZIP_SUFFIXES: Final = (".zip", ".cbz")
TAR_SUFFIXES: Final = (
    *(".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst"),
    ".cbt",
)
VIDEO_SUFFIXES: Final = (
    *(".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".mkv", ".webm", ".avi", ".wmv", ".asf", ".flv", ".ogv"),
    *(".mpg", ".mpeg", ".vob", ".ts", ".mts", ".m2ts"),
)

Found: TypeAlias = Entry | FolderPictures
"""What inputs hold: one file, or the pictures of one folder, each of which would be a `file_entry`."""


def find_entries(
    inputs: Paths, *, leave_out: str | os.PathLike[str] | None = None, stdin: IO[bytes] | None = None
) -> Iterator[Entry]:
    """List pictures, archives and videos, lazily, without opening any; each path once, always in the same order.

    An input is, in this order: ``-`` for a list of paths on standard input; a file or folder that exists; ``@FILE`` for
    a list of paths in a file; a pattern like ``photos/**/*.jpg``; else a file that is missing, whose reading says so.

    Folders, also those in lists and behind patterns, are searched as `find_pictures` does it: for pictures alone.
    Archives and videos are known by their suffix, and are taken where they themselves are named, listed or matched.
    Paths in a list are files and folders as they are, relative to the folder of the list, and to the current one for
    standard input. What cannot be listed, or matches nothing, is an entry whose reading says so.

    Memory is that of one folder's names, and 16 bytes a path where there are several inputs, a list or a pattern.

    Args:
        inputs: several inputs, or one.
        leave_out: a folder inside others that is not searched, such as one for results.
        stdin: standard input, in binary mode; by default that of the process.
    """
    return _entries(find_folders(inputs, leave_out=leave_out, stdin=stdin))


def find_folders(
    inputs: Paths, *, leave_out: str | os.PathLike[str] | None = None, stdin: IO[bytes] | None = None
) -> Iterator[Found]:
    """The same files in the same order, those of a folder together where none of them may come twice.

    An object a file is what listing a million of them takes most of its time for.
    """
    given = [os.fspath(one) for one in ([inputs] if isinstance(inputs, str | os.PathLike) else inputs)]
    left_out = None if leave_out is None else os.path.realpath(leave_out)
    found = (one for text in given for one in _input(text, left_out, stdin))
    comes_once = len(given) == 1 and os.path.lexists(given[0])
    return found if comes_once else _once(_entries(found))


def list_file(text: str) -> str | None:
    """The file of an input that stands for a list of paths in it; None for other inputs."""
    return text[1:] if text.startswith(LIST_MARK) and not os.path.lexists(text) else None


def _entries(found: Iterable[Found]) -> Iterator[Entry]:
    for one in found:
        if isinstance(one, Entry):
            yield one
        else:
            yield from map(file_entry, one.paths())


def _once(entries: Iterable[Entry]) -> Iterator[Entry]:
    # Not os.path.abspath: what it makes of a/../b is another file where a is a link.
    seen, here = Seen(), f"{os.getcwd()}/"  # noqa: PTH109
    return (entry for entry in entries if seen.add(entry.path if entry.path[:1] == "/" else here + entry.path))


def _input(text: str, leave_out: str | None, stdin: IO[bytes] | None) -> Iterator[Found]:
    listed = list_file(text)
    if text == STANDARD_INPUT:
        yield from _listed(stdin or sys.stdin.buffer, "standard input", os.curdir, leave_out)
    elif listed is not None:
        yield from _in_list_file(listed, leave_out)
    elif is_pattern(text) and not os.path.lexists(text):
        yield from _matched(text, leave_out)
    else:
        yield from _named(str(Path(text)), leave_out)


def _in_list_file(path: str, leave_out: str | None) -> Iterator[Found]:
    try:
        file = open(path, "rb")  # noqa: SIM115, PTH123 - closed below
    except (OSError, ValueError) as error:
        yield error_entry(path, f"expected a list of paths that can be read, got: {reason(error)}", cause=error)
        return
    with file:
        yield from _listed(file, path, os.path.dirname(path), leave_out)  # noqa: PTH120 - "" for the current folder


def _listed(file: IO[bytes], name: str, folder: str, leave_out: str | None) -> Iterator[Found]:
    paths = listed_paths(file, folder=folder)
    while True:
        try:
            path = next(paths)
        except StopIteration:
            return
        except (OSError, ValueError) as error:
            yield error_entry(name, f"expected a list of paths, got: {reason(error)}", cause=error)
            return
        yield from _named(path, leave_out)


def _matched(pattern: str, leave_out: str | None) -> Iterator[Found]:
    found = False
    for match in matches(pattern):
        found = True
        if isinstance(match, OSError):
            yield _unlisted(match)
        else:
            yield from _folder(match.path, leave_out) if match.is_folder else (_file(match.path),)
    if not found:
        yield error_entry(pattern, "expected a pattern that matches files, got one that matches none")


def _named(path: str, leave_out: str | None) -> Iterator[Found]:
    if not os.path.isdir(path):  # noqa: PTH112 - false, not an error, for a path that no system call takes
        yield _file(path)
    else:
        yield from _folder(path, leave_out)


def _file(path: str) -> Entry:
    return file_entry(path, kind=file_kind(path))


def _folder(path: str, leave_out: str | None) -> Iterator[Found]:
    for found in walk_folders(path, leave_out=leave_out):
        yield _unlisted(found) if isinstance(found, OSError) else found


def _unlisted(error: OSError) -> Entry:
    return error_entry(str(error.filename), unlisted(error), cause=error)


def file_kind(path: str) -> Kind:
    """What a file that is named holds, by its suffix."""
    name = path.lower()
    if name.endswith(ZIP_SUFFIXES):
        return "zip"
    if name.endswith(TAR_SUFFIXES):
        return "tar"
    return "video" if name.endswith(VIDEO_SUFFIXES) else "picture"

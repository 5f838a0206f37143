"""Crops that are there whole or not at all, whenever a process is killed: `write_whole`, `copy_whole`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place, and move it there; its folder is made if it is missing.

    What is beside it has one name, so that the next run replaces what a killed one left.

    Raises:
        OSError: it cannot be written; nothing is left behind, and an older file stays.
    """
    _put(path, lambda aside: aside.write_bytes(data))


def copy_whole(source: Path, path: Path) -> None:
    """The same with the content of another file, which both names share where the file system lets them.

    Raises:
        OSError: one cannot be read, or the other not be written.
    """
    if path.exists() and path.samefile(source):
        return
    _put(path, lambda aside: _linked(source, aside))


def _put(path: Path, write: Callable[[Path], object]) -> None:
    aside = path.with_name(f".{path.name}.part")
    try:
        try:
            write(aside)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(aside)
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        if error.filename in (None, str(aside)):  # a full disk names none, and nobody knows the file beside it
            error.filename, error.filename2 = str(path), None
        raise


def _linked(source: Path, aside: Path) -> None:
    aside.unlink(missing_ok=True)
    try:
        aside.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without such links
        shutil.copyfile(source, aside)

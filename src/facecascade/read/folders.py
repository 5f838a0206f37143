"""The picture files of folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from facecascade.errors import ImageError

SUFFIXES: Final = frozenset(
    {
        *{".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"},
        *{".png", ".apng", ".webp", ".avif", ".gif"},
        *{".heic", ".heif"},
        *{".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc"},
        *{".tif", ".tiff", ".bmp", ".dib", ".tga", ".qoi", ".psd"},
        *{".ppm", ".pgm", ".pbm", ".pnm", ".pfm"},
    }
)
"""Suffixes, in lower case, of the files that a folder is searched for.

These are the formats that photographs come in; Pillow reads icons, textures and fax pages too. HEIF needs a plugin, and
is among them all the same: photographs of many telephones should give an error that names them, not be passed over.
"""

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def find_pictures(paths: Paths, *, recursive: bool = True) -> list[Path]:
    """List picture files: files as named, and what lies in folders.

    Files are kept whatever their suffix, so that reading them can say what is wrong. Folders are searched for
    `SUFFIXES`, in either case; what begins with a dot is skipped, and links to folders inside a folder are not
    followed, so that they cannot lead in circles.

    Args:
        paths: files and folders, or one of them.
        recursive: search the folders inside folders too.

    Returns:
        Each path once, in the order of `paths`; in a folder first its files, then its folders, both sorted by the code
        points of their names.

    Raises:
        ImageError: a path does not exist, or a folder cannot be listed; the message names it.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    found = (picture for path in given for picture in _pictures_at(Path(path), recursive=recursive))
    return list(dict.fromkeys(found))


def _pictures_at(path: Path, *, recursive: bool) -> Iterator[Path]:
    if path.is_dir():
        yield from _pictures_in(path, recursive=recursive)
    elif path.exists():
        yield path
    else:
        raise ImageError(f"{path}: expected a file or a folder, got nothing of that name")


def _pictures_in(folder: Path, *, recursive: bool) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_cannot_list):
        yield from (Path(parent, name) for name in sorted(files) if _is_picture(name))
        # os.walk goes on with what is left here.
        folders[:] = sorted(name for name in folders if recursive and not name.startswith("."))


def _is_picture(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES


def _cannot_list(error: OSError) -> None:
    raise ImageError(f"{error.filename}: expected a folder that can be listed, got: {error.strerror}") from error

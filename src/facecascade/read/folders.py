"""The picture files of folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

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


class FolderPictures(NamedTuple):
    """The picture files of one folder, those in folders inside it not among them."""

    start: str
    """What makes a path of a name: the folder and a slash; "" for the current one."""
    names: list[str]
    """Sorted."""

    def paths(self) -> list[str]:
        """They, where they lie."""
        return [self.start + name for name in self.names]


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


def walk_pictures(folder: str, *, recursive: bool = True, leave_out: str | None = None) -> Iterator[str | OSError]:
    """Paths of the picture files in a folder, by the rules and in the order of `find_pictures`, one folder at a time.

    Errors and arguments are those of `walk_folders`.
    """
    for found in walk_folders(folder, recursive=recursive, leave_out=leave_out):
        yield from (found,) if isinstance(found, OSError) else found.paths()


def walk_folders(
    folder: str, *, recursive: bool = True, leave_out: str | None = None
) -> Iterator[FolderPictures | OSError]:
    """A folder that has pictures, and those inside it, by the rules and in the order of `find_pictures`.

    A folder that cannot be listed is the OSError in its place. Pipes, sockets and devices are left out: reading one
    might never end.

    Args:
        folder: where to look.
        recursive: look into the folders inside too.
        leave_out: a folder inside that is not looked into, without links in its path.
    """
    waiting = [folder]
    while waiting:
        parent = waiting.pop()
        try:
            files, folders = _listed(parent)
        except OSError as error:
            yield error
            continue
        if files:
            yield FolderPictures(joined(parent, ""), files)
        if recursive:
            inside = (joined(parent, name) for name in reversed(folders))
            waiting.extend(path for path in inside if leave_out is None or os.path.realpath(path) != leave_out)


def joined(folder: str, name: str) -> str:
    """The path of what lies in a folder, without a dot for the current one."""
    if folder == os.curdir:
        return name
    return folder + name if folder.endswith("/") else f"{folder}/{name}"


def is_picture(name: str) -> bool:
    """Whether a file of this name is taken for a picture where folders and archives are searched."""
    return name[:1] != "." and name[name.rfind(".") :].lower() in SUFFIXES


def _pictures_at(path: Path, *, recursive: bool) -> Iterator[Path]:
    if path.is_dir():
        yield from _pictures_in(path, recursive=recursive)
    elif path.exists():
        yield path
    else:
        raise ImageError(f"{path}: expected a file or a folder, got nothing of that name")


def _pictures_in(folder: Path, *, recursive: bool) -> Iterator[Path]:
    for found in walk_pictures(str(folder), recursive=recursive):
        if isinstance(found, OSError):
            raise ImageError(f"{found.filename}: {unlisted(found)}") from found
        yield Path(found)


def unlisted(error: OSError) -> str:
    """What is wrong with a folder that cannot be listed."""
    return f"expected a folder that can be listed, got: {error.strerror}"


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Names of the pictures and of the folders in a folder, both sorted."""
    files, folders = [], []
    with os.scandir(folder) as listing:
        for entry in listing:
            if entry.is_file(follow_symlinks=False):  # almost all are, so this is asked first
                if is_picture(entry.name):
                    files.append(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    folders.append(entry.name)
            elif is_picture(entry.name) and entry.is_symlink() and _may_be_read(entry.path):
                files.append(entry.name)
    return sorted(files), sorted(folders)


def _may_be_read(link: str) -> bool:
    """Whether a link leads to a file, or nowhere, which its reading says; not for the entry: it raises for circles."""
    return os.path.isfile(link) or not os.path.exists(link)  # noqa: PTH110, PTH113

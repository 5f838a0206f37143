"""Pictures in zip and tar archives, which are never unpacked to disk."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import IO, Final, TypeVar

from facecascade.errors import ImageError
from facecascade.read.entries import Entry, Skip, error_entry, reason
from facecascade.read.members import Members

T = TypeVar("T")

ENCRYPTED: Final = 0x1
"""Bit of a zip member's flags."""


def zip_entries(archive: Entry, *, skip: Skip, max_bytes: int) -> Iterator[Entry]:
    """Pictures of a zip archive, in the order of its table of contents; read when asked for, by any thread.

    A table of contents that cannot be read is one entry whose reading says so.

    Args:
        archive: the file.
        skip: pictures to pass over, by id.
        max_bytes: larger members are entries whose reading says so.
    """
    opened = _tried(lambda: zipfile.ZipFile(archive.path if archive.opener is None else archive.opener()))
    if isinstance(opened, Exception):
        yield _broken(archive, opened)
        return
    members = Members(archive, skip)
    for info in opened.infolist():
        entry = None if info.is_dir() else members.entry(info.filename)
        if entry is not None:
            yield replace(entry, opener=partial(_unzip, opened, info, entry.id, max_bytes))


def _unzip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, max_bytes: int) -> BytesIO:
    if info.flag_bits & ENCRYPTED:
        raise ImageError(f"{name}: expected a picture without a password, got an encrypted one; unpack it first")
    _check_bytes(info.file_size, name=name, max_bytes=max_bytes)
    try:
        with archive.open(info) as file:
            return BytesIO(_limited(file, name=name, max_bytes=max_bytes))
    except (ImageError, MemoryError):
        raise
    except Exception as error:
        raise ImageError(f"{name}: expected a whole picture in an archive, got: {reason(error)}") from error


def tar_entries(archive: Entry, *, skip: Skip, max_bytes: int) -> Iterator[Entry]:
    """Pictures of a tar archive, plain or compressed, in its order; their bytes are read as the archive goes by.

    An archive that breaks off gives the pictures before, then an entry whose reading says so. Links in an archive are
    passed over: what they point to comes by itself.

    Args:
        archive: the file.
        skip: pictures to pass over, by id.
        max_bytes: larger members are entries whose reading says so.
    """
    opened = _tried(partial(_tar, archive))
    if isinstance(opened, Exception):
        yield _broken(archive, opened)
        return
    with opened:
        members = Members(archive, skip)
        while (info := _tried(opened.next)) is not None:
            if isinstance(info, Exception):
                yield _broken(archive, info)
                return
            opened.members.clear()  # type: ignore[attr-defined]  # it would keep them all
            entry = members.entry(info.name) if info.isreg() else None
            if entry is None:
                continue
            opener = _tried(partial(_untarred, opened, info, entry.id, max_bytes))
            if isinstance(opener, Exception):
                yield _broken(archive, opener)
                return
            yield replace(entry, opener=opener)


def _tar(archive: Entry) -> tarfile.TarFile:
    file = None if archive.opener is None else archive.opener()
    return tarfile.open(archive.path, "r|*", file, tarinfo=_StrictInfo)


def _tried(step: Callable[[], T]) -> T | Exception:
    """What a step of reading gives, or what it raises: each compression has errors of its own."""
    try:
        return step()
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - becomes an entry whose reading says so
        return error


class _StrictInfo(tarfile.TarInfo):
    """A header whose damage is an error: the library takes it for the end of the archive."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> _StrictInfo:
        """The next header."""
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # the mark of the end
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"{reason(error)} at byte {archive.offset}") from error


def _untarred(archive: tarfile.TarFile, info: tarfile.TarInfo, name: str, max_bytes: int) -> Callable[[], IO[bytes]]:
    """What gives the bytes of a member, which are read now or never."""
    try:
        _check_bytes(info.size, name=name, max_bytes=max_bytes)
    except ImageError as error:
        return partial(_fail, str(error))
    file = archive.extractfile(info)
    if file is None:
        return partial(_fail, f"{name}: expected a picture in an archive, got nothing")
    return partial(BytesIO, _limited(file, name=name, max_bytes=max_bytes))


def _fail(message: str) -> BytesIO:
    raise ImageError(message)


def _limited(file: IO[bytes], *, name: str, max_bytes: int) -> bytes:
    """All bytes of a member, whatever it says about its size."""
    data = file.read(max_bytes + 1)
    _check_bytes(len(data), name=name, max_bytes=max_bytes)
    return data


def _check_bytes(size: int, *, name: str, max_bytes: int) -> None:
    if size > max_bytes:
        raise ImageError(
            f"{name}: expected at most {max_bytes} bytes in an archive, got {size}; "
            "unpack it first if you trust it, or raise max_member_bytes"
        )


def _broken(archive: Entry, error: Exception) -> Entry:
    problem = f"expected a whole archive, got one that cannot be read: {reason(error)}"
    if archive.path.lower().endswith((".tar.zst", ".tzst")) and "zst" not in tarfile.TarFile.OPEN_METH:
        problem = "expected an archive that this Python can read, got Zstandard, which Python 3.14 or later reads"
    return error_entry(archive.path, problem, cause=error)

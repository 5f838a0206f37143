"""Names of what lies in archives, made harmless: `Members`."""

from __future__ import annotations

import re
from typing import Final

from facecascade.read.entries import Entry, Skip, printable
from facecascade.read.folders import is_picture
from facecascade.read.seen import Seen

MAX_MEMBER_BYTES: Final = 1 << 28
"""Default limit on one picture in an archive: 256 MiB, more than any camera's JPEG has. Each thread may hold one."""

NO_NAME: Final = frozenset({"", ".", ".."})
DRIVE: Final = re.compile(r"[A-Za-z]:")


class Members:
    """Entries of one archive: ids that no other member has, and paths that lead nowhere.

    A name is kept less what would lead out of the archive or nowhere (``..``, ``.``, empty parts, drives); backslashes
    are slashes. The second member that has a name then is ``name/~2``, the third ``name/~3``. What begins with a dot,
    and what is no picture by its suffix, is passed over, as in folders.

    Args:
        archive: what they lie in.
        skip: pictures to pass over.
    """

    def __init__(self, archive: Entry, skip: Skip) -> None:
        self._archive = archive
        self._skip = skip
        self._seen = Seen()
        self._copies: dict[str, int] = {}

    def entry(self, name: str) -> Entry | None:
        """The entry of the next member, by its name in the archive; None if it is no picture or is to be skipped."""
        inner = self._inner(name)
        if inner is None:
            return None
        path = f"{self._archive.path}/{inner}"
        identity = printable(path)
        return None if self._skip(identity) else Entry(identity, path, container=self._archive.id)

    def _inner(self, name: str) -> str | None:
        parts = [part for part in name.replace("\\", "/").replace("\0", "_").split("/") if part not in NO_NAME]
        if parts and DRIVE.fullmatch(parts[0]):
            del parts[0]
        if not parts or not is_picture(parts[-1]) or any(part.startswith(".") for part in parts):
            return None
        inner = "/".join(parts)
        if self._seen.add(inner):
            return inner
        self._copies[inner] = self._copies.get(inner, 1) + 1
        return f"{inner}/~{self._copies[inner]}"

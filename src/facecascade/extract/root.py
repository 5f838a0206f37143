"""What the pictures of a job are called, wherever they lie: `Root`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from facecascade.errors import SettingsError
from facecascade.read.entries import printable


@dataclass(frozen=True)
class Root:
    """The folder that all pictures of a job have in common.

    The key of a picture is its path below this folder, so it is the same on every machine. What outputs call it is the
    key below the folder as somebody spelled it: its id.

    Attributes:
        folder: absolute path.
        spelled: the same folder, relative or absolute, as the inputs of the first run named it; "" for the current one.
    """

    folder: str
    spelled: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "_start", printable(self.spelled).rstrip("/") + "/")

    @classmethod
    def of(cls, paths: Iterable[str]) -> Self:
        """The folder that these folders and files have in common.

        Raises:
            SettingsError: they have none, as on two drives of one machine.
        """
        folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in paths]  # noqa: PTH112, PTH120
        try:
            folder = os.path.commonpath([os.path.abspath(one) for one in folders]) if folders else os.getcwd()  # noqa: PTH100, PTH109
        except ValueError:
            raise SettingsError(f"expected inputs with a folder in common, got {', '.join(folders)}") from None
        return cls(folder, _spelled(folders, folder))

    def key(self, identity: str) -> str:
        """What the journal calls the picture of this id; its absolute path if it does not lie below the folder."""
        start: str = self._start  # type: ignore[attr-defined]  # kept, since it is asked for a million times
        if self.spelled and identity.startswith(start):
            return identity[len(start) :]
        if not self.spelled and identity[:1] != "/" and identity[:2] != "..":
            return identity
        absolute = os.path.abspath(identity)  # noqa: PTH100  # a million times
        start = printable(self.folder).rstrip("/") + "/"
        return absolute[len(start) :] if absolute.startswith(start) else absolute

    def keys(self, ids: Iterable[str]) -> list[str]:
        """The same of many, a call for each of which would take longer than the rest."""
        start: str = self._start  # type: ignore[attr-defined]
        below = len(start)
        if not self.spelled:
            return list(map(self.key, ids))
        return [one[below:] if one.startswith(start) else self.key(one) for one in ids]

    def identity(self, key: str) -> str:
        """What outputs call the picture of this key."""
        return key if key[:1] == "/" or not self.spelled else f"{self._start}{key}"  # type: ignore[attr-defined]

    def seen_from(self, other: Root) -> str | None:
        """The way from the other folder down to this one, "" or ending in a slash; None if it does not lie below it."""
        if self.folder == other.folder:
            return ""
        start = other.folder.rstrip("/") + "/"
        return printable(self.folder[len(start) :]) + "/" if self.folder.startswith(start) else None


def _spelled(folders: list[str], folder: str) -> str:
    try:
        spelled = os.path.commonpath(folders) if folders else ""
    except ValueError:  # some relative, some absolute
        return folder
    # What is common to "a/../b" and ".." cannot be told from the words.
    return spelled if os.path.abspath(spelled) == folder else folder  # noqa: PTH100

"""What files in an answer are called: `file_name`, and `Names`, which gives none twice."""

from __future__ import annotations

import re
from typing import Final

from facecascade.serve.uploads import Upload

UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\/\u2028\u2029\ud800-\udfff]+')
"""What a file name may not have on some system or other, and what leads out of a folder."""
FORMULA: Final = "=+-@. "
"""What a name does not begin with: spreadsheets would compute it, shells take it for an option, and dots hide it."""
MOST_LETTERS: Final = 80
SUFFIX: Final = re.compile(r"(?<=.)\.[A-Za-z0-9]{1,8}$")
RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_name(upload: Upload) -> str:
    """A name that is safe to unpack, as like the client's as can be, without its suffix."""
    stem = _parts(upload)[0]
    safe = UNSAFE.sub("_", stem).lstrip(FORMULA).rstrip(". ")[:MOST_LETTERS]
    return f"picture-{upload.number + 1}" if not safe or RESERVED.fullmatch(safe) else safe


def suffix_of(upload: Upload) -> str:
    """The suffix of the client's name, with its dot; empty where it has none."""
    return _parts(upload)[1]


def _parts(upload: Upload) -> tuple[str, str]:
    last = re.split(r"[\\/]", upload.name or "")[-1]
    found = SUFFIX.search(last)
    return (last[: found.start()], found[0]) if found else (last, "")


class Names:
    """Names of one archive, each of its own, also where upper and lower case are the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, upload: Upload) -> str:
        """A name for a picture."""
        name = file_name(upload)
        if name.casefold() in self._taken:
            name = next(
                other
                for number in range(upload.number + 1, upload.number + len(self._taken) + 2)
                if (other := f"{name}-{number}").casefold() not in self._taken
            )
        self._taken.add(name.casefold())
        return name

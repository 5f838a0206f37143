"""A picture wherever it lies: `Entry`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Final, Literal, TypeAlias

from facecascade.errors import ImageError
from facecascade.read.arrays import Pixels
from facecascade.read.decoding import MAX_PIXELS, decode, open_file

Kind = Literal["picture", "zip", "tar", "video", "error"]
Skip: TypeAlias = Callable[[str], bool]
"""Whether the picture, or all of the archive or video, of this id is to be passed over."""

CONTAINERS: Final = {"zip": "an archive", "tar": "an archive", "video": "a video"}

UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ud800-\udfff]")
"""Control characters, line ends, bytes that are no UTF-8 (as Python keeps them), and the mark of the escapes itself."""
ESCAPE: Final = re.compile(r"\\\\|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}")
"""What `printable` puts in their place."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of those that inputs hold, or a file that holds several; equal to another of the same id.

    The id of a file is its path as it was given, printable: "photos/a.jpg". What lies in a file has that file's id, a
    slash and a name: "album.zip/day1/a.jpg", "clip.mp4/00:00:12.345", "cat.gif/#3". A file is no folder, so no two
    pictures of one set of inputs have one id. Ids depend on the inputs alone, not on the machine or the time.

    An entry out of a tar archive, a video or an animated picture holds its content: keep its id, not it.

    Attributes:
        id: unique, printable, UTF-8; see `printable`.
        path: the path, with archives, videos and animated pictures taken for folders: what files made from the picture
            may be named after. `os.fspath` gives it too.
        kind: "picture"; "zip", "tar" or "video", which hold pictures (see `expand`); "error", whose reading says what
            is wrong.
        container: id of the file that it lies in; None for a file of its own.
        time: of a frame, in seconds since the video or the animation began; None for others.
    """

    id: str
    path: str = field(compare=False)
    kind: Kind = field(default="picture", compare=False)
    container: str | None = field(default=None, compare=False)
    time: float | None = field(default=None, compare=False)
    opener: Callable[[], IO[bytes]] | None = field(default=None, compare=False, repr=False)
    pixels: Callable[[int | None], Pixels] | None = field(default=None, compare=False, repr=False)

    def open(self) -> IO[bytes]:
        """The encoded file, in binary mode, to be closed by you.

        Raises:
            ImageError: it cannot be read, or the entry is a frame, which has no file of its own.
        """
        if self.opener is not None:
            return self.opener()
        if self.pixels is not None:
            raise ImageError(f"{self.id}: expected a picture with a file of its own, got a frame")
        return open_file(self.path, name=self.id)

    def read(self, *, max_pixels: int | None = MAX_PIXELS) -> Pixels:
        """Upright RGB, (h, w, 3) uint8; see `read_picture`.

        Raises:
            ImageError: the picture is missing, broken or too large, or this is an archive or a video.
        """
        if self.kind in CONTAINERS:
            raise ImageError(
                f"{self.id}: expected a picture, got {CONTAINERS[self.kind]}; expand() gives what is in it"
            )
        if self.pixels is not None:
            return self.pixels(max_pixels)
        with self.open() as file:
            return decode(file, name=self.id, max_pixels=max_pixels)

    def __fspath__(self) -> str:
        return self.path


def file_entry(path: str, *, kind: Kind = "picture") -> Entry:
    """A file of the file system."""
    return Entry(printable(path), path, kind)


def error_entry(path: str, problem: str, *, cause: BaseException | None = None) -> Entry:
    """Something that cannot be read: reading it raises an `ImageError` of its id and `problem`.

    Args:
        path: of the file.
        problem: "expected ..., got ...".
        cause: what the error comes from.
    """
    name = printable(path)

    def fail() -> BytesIO:
        raise ImageError(f"{name}: {problem}") from cause

    return Entry(name, path, "error", opener=fail)


def reason(error: BaseException) -> str:
    """What an error says, or its kind where it says nothing."""
    return str(getattr(error, "strerror", None) or error) or type(error).__name__


def printable(path: str) -> str:
    r"""The same path for print, logs, databases and UTF-8 files; different for different paths.

    Almost all paths stay as they are. A control character becomes \x0a, a byte that is no UTF-8 \xff, other characters
    that break lines \u2028, and a backslash two.
    """
    return path if path.isprintable() and "\\" not in path else UNPRINTABLE.sub(_escape, path)


def unprintable(text: str) -> str:
    """The path that `printable` made this text of."""
    return text if "\\" not in text else ESCAPE.sub(_unescape, text)


def _unescape(match: re.Match[str]) -> str:
    if match[0] == "\\\\":
        return "\\"
    code = int(match[0][2:], 16)
    return chr(0xDC00 + code if match[0][1] == "x" and code >= 0x80 else code)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\\":
        return "\\\\"
    if code < 0x80 or 0xDC80 <= code <= 0xDCFF:  # Python keeps the byte b of a name that is no UTF-8 as 0xdc00 + b
        return f"\\x{code & 0xFF:02x}"
    return f"\\u{code:04x}"

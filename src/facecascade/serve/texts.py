"""JSON of which some strings are long: `loads`, and `LongText`, which stands for such a string.

Python reads JSON without giving way to other threads. A picture in Base64 is a string of megabytes, so it is cut out
beforehand, and read in pieces.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from facecascade.serve.windows import find

LONG: Final = 4096
"""Bytes of a string that is cut out."""
PIECE_BYTES: Final = 2**18
LONGEST_ESCAPE: Final = 12
"""Bytes, of a pair of surrogates; a piece ends where none has begun."""
SOUGHT_BYTES: Final = 256
"""In which a place has to be where a piece can end."""
MARK: Final = b"NaN"
"""Stands for a long string; JSON itself has no such word, though Python reads it."""


@dataclass(frozen=True, eq=False)
class LongText:
    """A string that has not been read yet.

    Attributes:
        body: the JSON.
        start: where its first byte is.
        end: where its closing quotation mark is.
    """

    body: bytes
    start: int
    end: int

    def pieces(self) -> Iterator[str]:
        """The string, a piece at a time.

        Raises:
            ValueError: it is no string as JSON has them, or has so many escapes that it cannot be cut.
        """
        start = self.start
        while start < self.end:
            end = self._cut(start + PIECE_BYTES)
            yield json.loads(b'"%b"' % self.body[start:end])
            start = end

    def _cut(self, wanted: int) -> int:
        """The last place, up to the one that is wanted, which is in the middle of no letter."""
        if wanted >= self.end:
            return self.end
        for place in range(wanted, wanted - SOUGHT_BYTES, -1):
            continues = self.body[place] & 0xC0 == 0x80
            if not continues and self.body.find(b"\\", place - LONGEST_ESCAPE + 1, place) < 0:
                return place
        raise ValueError("a string with too many escapes")


def loads(body: bytes, *, most: int) -> Any:
    """What `json.loads` makes of a body in UTF-8, with a `LongText` in place of each long string.

    Args:
        body: the JSON.
        most: bytes of it beside the long strings.

    Raises:
        ValueError: it is no JSON, or there is more beside the long strings.
        RecursionError: it is nested too deeply.
    """
    if not json.detect_encoding(body).startswith("utf-8"):
        raise ValueError("another encoding than UTF-8")
    texts = [text for text in _strings(body) if text.end - text.start >= LONG]
    short = _without(body, texts)
    if len(short) > most:
        raise ValueError("too much beside the pictures")
    waiting = deque(texts)

    def cut_out(word: str) -> LongText:
        if not waiting:
            raise ValueError(f"{word}, which is no number")
        return waiting.popleft()

    return json.loads(short, parse_constant=cut_out)


def _without(body: bytes, texts: list[LongText]) -> bytes:
    starts = [0, *(text.end + 1 for text in texts)]
    ends = [*(text.start - 1 for text in texts), len(body)]
    return MARK.join(body[start:end] for start, end in zip(starts, ends, strict=True))


def _strings(body: bytes) -> Iterator[LongText]:
    """All strings; one that does not end is none, which the rest of the JSON shows."""
    place = find(body, b'"')
    while place >= 0:
        start = place + 1
        end = find(body, b'"', start)
        while end >= 0 and _backslashes(body, start, end) % 2:
            end = find(body, b'"', end + 1)
        if end < 0:
            return
        yield LongText(body, start, end)
        place = find(body, b'"', end + 1)


def _backslashes(body: bytes, start: int, end: int) -> int:
    """So many of them end there."""
    count = 0
    for last in range(end, start, -LONG):
        part = body[max(start, last - LONG) : last]
        count += len(part) - len(part.rstrip(b"\\"))
        if not part.endswith(b"\\" * len(part)):
            break
    return count

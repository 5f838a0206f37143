"""Long bytes, searched a window at a time: `find`, `count`.

Python searches bytes without giving way to other threads, which for a large body is long enough for them to notice.
Between two windows they have their turn.
"""

from __future__ import annotations

from typing import Final

WINDOW_BYTES: Final = 2**20


def find(data: bytes, sought: bytes, start: int = 0) -> int:
    """Where some bytes begin first, from `start` on; -1 for nowhere."""
    for begin in range(start, len(data), WINDOW_BYTES):
        place = data.find(sought, begin, begin + WINDOW_BYTES + len(sought) - 1)
        if place >= 0:
            return place
    return -1


def count(data: bytes, sought: bytes) -> int:
    """How often some bytes are there that cannot overlap with themselves."""
    last = WINDOW_BYTES + len(sought) - 1
    return sum(data.count(sought, begin, begin + last) for begin in range(0, len(data), WINDOW_BYTES))

"""The times of a video's frames: `Clock`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

MILLISECONDS: Final = 1000
GUESSED_RATE: Final = 25
"""Frames a second of a video that says nothing at all about time."""


class Clock:
    """Seconds since a video began, as a player shows them, and a name for each frame.

    Times are those of the stream, whatever its frame rate and its jumps. A frame without one follows the frame before
    it by the usual distance.

    Args:
        start: what the first time of the file counts as, in seconds.
        rate: frames a second, for frames without a time; None if unknown.

    Attributes:
        now: time of the last frame, in seconds; None before the first.
    """

    def __init__(self, *, start: Fraction, rate: Fraction | None) -> None:
        self.now: Fraction | None = None
        self._start = start
        self._distance = 1 / (rate or Fraction(GUESSED_RATE))
        self._latest: int | None = None
        self._late = 0

    def tick(self, frame: Any) -> str:
        """Sets the clock to a frame, and returns its name: 00:00:12.345, hours, minutes and seconds.

        Names never repeat: frames that are not a millisecond later than all before, since the file's clock went back or
        stood still, are numbered: 00:00:12.345+1, then +2 for the next such frame wherever it comes.
        """
        if frame.pts is not None:
            self.now = frame.pts * Fraction(frame.time_base) - self._start
        else:
            self.now = Fraction(0) if self.now is None else self.now + self._distance
        milliseconds = round(self.now * MILLISECONDS)
        if self._latest is None or milliseconds > self._latest:
            self._latest = milliseconds
            return clock_text(milliseconds)
        self._late += 1
        return f"{clock_text(milliseconds)}+{self._late}"

    def __str__(self) -> str:
        return "its beginning" if self.now is None else clock_text(round(self.now * MILLISECONDS))


def clock_text(milliseconds: int) -> str:
    """A time as 00:00:12.345."""
    minutes, rest = divmod(abs(milliseconds), 60 * MILLISECONDS)
    seconds, thousandths = divmod(rest, MILLISECONDS)
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{thousandths:03d}"

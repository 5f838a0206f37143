"""Which frames of a video are taken: `Sampling`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from facecascade.errors import SettingsError

TIME: Final = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)s?")
TICK: Final = 0.001
"""Files round their times, some to whole milliseconds: a frame may be this much early for its span of time."""
SECONDS: Final = re.compile(r"(\d+(?:\.\d*)?|\.\d+)s")


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Frames from `start` up to `end`, one in `every` or one in `seconds`.

    Attributes:
        every: 1 for all frames, 10 for each tenth, counted from the first at or after `start`.
        seconds: of all frames in as many seconds the first; in place of `every`.
        start: in seconds, by the clock of a player.
        end: in seconds; the frame at it is not taken. None for the end of the video.

    Raises:
        SettingsError: a value cannot work.
    """

    every: int = 1
    seconds: float | None = None
    start: float = 0.0
    end: float | None = None

    def __post_init__(self) -> None:
        if self.every < 1 or (self.every > 1 and self.seconds is not None):
            raise SettingsError(f"expected one in every 1 or more frames, or in some seconds, got {self}")
        if self.seconds is not None and not 0 < self.seconds < math.inf:
            raise SettingsError(f"expected one frame in more than 0 seconds, got {self.seconds!r}")
        if not 0 <= self.start < math.inf:
            raise SettingsError(f"expected a start of at least 0 seconds, got {self.start!r}")
        if self.end is not None and not self.end > self.start:
            raise SettingsError(f"expected an end after the start at {self.start:g} s, got {self.end:g} s")

    @classmethod
    def parse(cls, *, every: str = "1", start: str = "0", end: str | None = None) -> Self:
        """From text, such as "10" (frames), "0.5s", "90", "1:30" or "1:02:03.5".

        Raises:
            SettingsError: a text is none of these.
        """
        in_seconds = SECONDS.fullmatch(every)
        if in_seconds is None and not every.isdecimal():
            raise SettingsError(f'expected a number of frames like "10", or of seconds like "0.5s", got {every!r}')
        return cls(
            every=1 if in_seconds else int(every),
            seconds=float(in_seconds[1]) if in_seconds else None,
            start=_seconds(start),
            end=None if end is None else _seconds(end),
        )

    def chooser(self) -> Callable[[float], bool]:
        """For one video: a function that says of each frame's time, in order, whether the frame is taken."""
        return _every_frames(self) if self.seconds is None else _every_seconds(self, self.seconds)


def _every_frames(sampling: Sampling) -> Callable[[float], bool]:
    count = -1

    def chosen(time: float) -> bool:
        nonlocal count
        count += time >= sampling.start
        return time >= sampling.start and count % sampling.every == 0

    return chosen


def _every_seconds(sampling: Sampling, seconds: float) -> Callable[[float], bool]:
    due = 0  # of the spans of `seconds` that follow the start, the first without a frame

    def chosen(time: float) -> bool:
        nonlocal due
        span = math.floor((time - sampling.start + TICK) / seconds)
        if span < due or time < sampling.start:
            return False
        due = span + 1
        return True

    return chosen


def _seconds(text: str) -> float:
    match = TIME.fullmatch(text)
    if match is None:
        raise SettingsError(f'expected a time like "90", "1:30" or "1:02:03.5", got {text!r}')
    hours, minutes, seconds = match.groups(default="0")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)

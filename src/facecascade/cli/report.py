"""What a command tells a person on standard error: progress, unreadable pictures, and a summary."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from facecascade.cli.exits import INTERRUPTED, OK, SOME_UNREADABLE

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from facecascade.extract import Detected, Extracted, ExtractJob, Unreadable
    from facecascade.extract.origins import Plan
    from facecascade.rewrite import Rewritten

NOTHING_FOUND: Final = "no pictures found; archives and videos in a folder must be named: 'folder/*.mp4'"


class Report:
    """Counts what was done, and says so.

    Args:
        total: pictures that there are; None if nobody knows before the end.

    Attributes:
        pictures: those that were read.
        faces: found in them.
        unreadable: pictures and videos that could not be read, or not to their end.
        videos: those that were written.
        frames: of videos.
    """

    def __init__(self, total: int | None) -> None:
        self.pictures = 0
        self.faces = 0
        self.unreadable = 0
        self.videos = 0
        self.frames = 0
        self._total = total
        self._started = time.perf_counter()
        self._progress: tuple[Progress, TaskID] | None = None

    @contextmanager
    def progress(self, *, beside_output: bool = False) -> Iterator[None]:
        """Shows a bar meanwhile, if standard error is a terminal and there is more than one picture.

        Args:
            beside_output: whether standard output gets lines meanwhile, which no bar must disturb in a terminal.
        """
        if self._total in (0, 1) or not sys.stderr.isatty() or (beside_output and sys.stdout.isatty()):
            yield
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            self._progress = bar, bar.add_task("0 faces", total=self._total)
            try:
                yield
            finally:
                self._progress = None

    def count(self, outcome: Detected | Extracted | Unreadable) -> None:
        """Counts one picture; an unreadable one gets its line at once."""
        from facecascade.extract import Unreadable

        if isinstance(outcome, Unreadable):
            self.unreadable += 1
            self.say(one_line(outcome.error))
            self._advance(1)
        else:
            self.add(faces=len(outcome.faces))

    def add(self, *, faces: int) -> None:
        """Counts one picture that was done."""
        self.pictures += 1
        self.faces += faces
        self._advance(1)

    def count_frame(self, faces: int) -> None:
        """Counts one frame of a video in work."""
        self.frames += 1
        self.faces += faces
        self._advance(0)

    def count_rewritten(self, outcome: Rewritten | Unreadable) -> None:
        """Counts one picture, or one video, whose frames were counted; one that breaks off gets its line."""
        from facecascade.extract import Unreadable

        if isinstance(outcome, Unreadable):
            self.count(outcome)
            return
        if outcome.video:
            self.videos += 1
        else:
            self.pictures += 1
            self.faces += sum(outcome.counts)
        if outcome.problem is not None:
            self.unreadable += 1
            self.say(f"{one_line(outcome.problem)}; what could be read is in {outcome.path}")
        self._advance(1)

    def _advance(self, done: int) -> None:
        if self._progress is not None:
            bar, task = self._progress
            bar.update(task, advance=done, description=self._so_far())

    def _so_far(self) -> str:
        """What stands beside the bar."""
        parts = [_plural(self.faces, "face")]
        if self.frames:
            parts.append(_plural(self.frames, "frame"))
        if self.unreadable:
            parts.append(f"{self.unreadable} unreadable")
        rate = (self.pictures + self.videos + self.unreadable) / (time.perf_counter() - self._started)
        return ", ".join([*parts, f"{rate:.3g} pictures/s"])

    def say_before(self, job: ExtractJob, plan: Plan) -> None:
        """What is done already, and what differs from the runs before."""
        if job.software_before is not None:
            self.say(f"the faces of before were found by {job.software_before}")
        if plan.files > plan.left:
            rest = f"{plan.left} to do" if plan.left else "nothing to do"
            self.say(f"{plan.files - plan.left} of {plan.files} inputs are done: {rest}")

    def say(self, line: str) -> None:
        """One line on standard error, above the bar."""
        if self._progress is None:
            sys.stderr.write(f"facecascade: {line}\n")
        else:
            console = self._progress[0].console
            console.print(f"facecascade: {line}", markup=False, highlight=False, soft_wrap=True)

    def finish(self, *, interrupted: bool = False) -> int:
        """Says the last line, with pictures, faces, unreadable ones, seconds; returns the exit code."""
        seconds = time.perf_counter() - self._started
        done = self.pictures + self.videos + self.unreadable
        if self._total == 0 or (self._total is None and not done and not interrupted):
            self.say(NOTHING_FOUND)
            return OK
        parts = [_plural(self.pictures, "picture"), _plural(self.faces, "face")]
        if self.frames:
            parts.insert(1, f"{_plural(self.videos, 'video')} of {_plural(self.frames, 'frame')}")
        if self.unreadable:
            parts.append(f"{self.unreadable} unreadable")
        of = "" if self._total is None else f" of {_plural(self._total, 'picture')}"
        cut = f"interrupted after {done}{of}: " if interrupted else ""
        rate = f", {(done + self.frames) / seconds:.3g} {'frames' if self.frames else 'pictures'}/s" if done else ""
        self.say(f"{cut}{', '.join(parts)} in {seconds:.1f} s{rate}")
        if interrupted:
            return INTERRUPTED
        return SOME_UNREADABLE if self.unreadable else OK


def one_line(error: BaseException) -> str:
    """An error as one printable line, whatever bytes a file name is made of."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename or 'output'}: {error.strerror}"
    text = " ".join(text.split()) or type(error).__name__
    return text.encode("utf-8", "backslashreplace").decode()


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

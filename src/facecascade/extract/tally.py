"""What a run came to, counted while its pictures go by: `Tally`."""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from facecascade.extract.detections import Unreadable
from facecascade.extract.histograms import Histogram, Scale
from facecascade.extract.labels import picture_id

if TYPE_CHECKING:
    from facecascade.extract.extracted import Extracted

SIZE: Final = Scale(base=10, step=0.5, low=5, high=20480)
SCORE: Final = Scale(step=0.02, low=0, high=1)
SHARPNESS: Final = Scale(base=10, step=0.5, low=1.25, high=40960)
YAW: Final = Scale(step=10, low=-90, high=90)
ROLL: Final = Scale(step=10, low=-180, high=180)

PER_PICTURE: Final = (0, 1, 2, 3, 4, 5, 6, 10, 20, 50, 100)
"""Where each group of faces per picture begins."""
MOST_FACES: Final = 10
"""Pictures with the most faces that are kept."""
MOST_FOLDERS: Final = 10_000
"""Folders that are counted apart: a bound on memory; pictures of later ones are counted together."""
MOST_KINDS: Final = 50
MOST_EXAMPLES: Final = 300
"""Kinds of errors that are told apart, and pictures of each that are kept."""
OTHER_KIND: Final = "other reasons"

DETAIL: Final = re.compile(r"(?<!got): | \(|; ")
"""Behind it an error says what is its own."""
DIGITS: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*")


@dataclass
class FolderCount:
    """The pictures of one folder."""

    pictures: int = 0
    with_faces: int = 0
    faces: int = 0
    errors: int = 0

    def add(self, *, faces: int, error: bool) -> None:
        """One more picture."""
        self.pictures += 1
        self.with_faces += faces > 0
        self.faces += faces
        self.errors += error

    def __add__(self, other: FolderCount) -> FolderCount:
        return FolderCount(
            self.pictures + other.pictures,
            self.with_faces + other.with_faces,
            self.faces + other.faces,
            self.errors + other.errors,
        )


@dataclass
class ErrorKind:
    """Pictures that could not be read for one reason.

    Attributes:
        count: how many.
        examples: the first of them: the id, and what its message says beyond the reason.
    """

    count: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)


class Tally:
    """Running counts of a run; its memory does not grow with the number of pictures.

    Attributes:
        total: all pictures, the unreadable ones among them.
        folders: by the part of their ids before the last slash, "" for none.
        later_folders: pictures of folders beyond the first 10,000.
        per_picture: pictures by their number of faces, in the groups of `PER_PICTURE`.
        errors: by kind, in the order in which they came.
        sizes: shorter side of each box, in pixels.
        scores: of the faces.
        sharpness: of those that were measured; `yaw` and `roll` too.
    """

    def __init__(self) -> None:
        self.total = FolderCount()
        self.folders: dict[str, FolderCount] = {}
        self.later_folders = FolderCount()
        self.per_picture = [0] * len(PER_PICTURE)
        self.errors: dict[str, ErrorKind] = {}
        self.sizes, self.scores = Histogram(SIZE), Histogram(SCORE)
        self.sharpness, self.yaw, self.roll = Histogram(SHARPNESS), Histogram(YAW), Histogram(ROLL)
        self._crowded: list[tuple[int, int, str]] = []

    def add(self, outcome: Extracted | Unreadable) -> None:
        """Counts one picture."""
        name = picture_id(outcome.source)
        if isinstance(outcome, Unreadable):
            self._count(name, faces=0, error=True)
            self._add_error(name, str(outcome.error))
            return
        count = len(outcome.faces)
        self._count(name, faces=count, error=False)
        self.per_picture[int(np.searchsorted(PER_PICTURE, count, side="right")) - 1] += 1
        if not count:
            return
        self._remember(name, count)
        boxes = outcome.faces.boxes
        self.sizes.add((boxes[:, 2:] - boxes[:, :2]).min(axis=1))
        self.scores.add(outcome.faces.scores)
        if outcome.measures:
            self.sharpness.add([one.sharpness for one in outcome.measures])
            self.yaw.add([one.yaw for one in outcome.measures])
            self.roll.add([one.roll for one in outcome.measures])

    @property
    def crowded(self) -> list[tuple[str, int]]:
        """The pictures with the most faces, and how many; of equal ones those that came first."""
        return [(name, faces) for faces, _, name in sorted(self._crowded, reverse=True)]

    def _count(self, name: str, *, faces: int, error: bool) -> None:
        folder = name.rpartition("/")[0]
        if folder not in self.folders and len(self.folders) < MOST_FOLDERS:
            self.folders[folder] = FolderCount()
        for counts in (self.total, self.folders.get(folder, self.later_folders)):
            counts.add(faces=faces, error=error)

    def _remember(self, name: str, faces: int) -> None:
        entry = faces, -self.total.pictures, name
        if len(self._crowded) < MOST_FACES:
            heapq.heappush(self._crowded, entry)
        else:
            heapq.heappushpop(self._crowded, entry)

    def _add_error(self, name: str, message: str) -> None:
        said = message.removeprefix(f"{name}: ")
        beginning = DETAIL.split(said, maxsplit=1)[0]
        reason = DIGITS.sub("N", beginning)
        if reason not in self.errors and len(self.errors) >= MOST_KINDS - 1:
            reason = OTHER_KIND
        own = said[len(beginning) :].lstrip(":; ") if reason == beginning else said
        kind = self.errors.setdefault(reason, ErrorKind())
        kind.count += 1
        if len(kind.examples) < MOST_EXAMPLES:
            kind.examples.append((name, own))

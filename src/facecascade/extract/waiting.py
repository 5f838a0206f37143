"""Pictures that threads cut faces out of, while the detector looks at the next ones: `Waiting`."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

from facecascade.extract.detections import BATCH_PICTURES, BATCH_PIXELS, Detected, Unreadable
from facecascade.extract.work import Harvest, Work

Outcome: TypeAlias = "Future[Harvest | Unreadable]"


class Waiting:
    """Pictures that threads work on, in order; as many as the detector takes at once, so that it need not wait."""

    def __init__(self, pool: ThreadPoolExecutor, work: Work) -> None:
        self._pool = pool
        self._work = work
        self._pixels = 0
        self._pictures: deque[tuple[Unreadable | Outcome, int]] = deque()

    def add(self, outcome: Detected | Unreadable) -> None:
        """One more at the end."""
        if isinstance(outcome, Unreadable):
            self._pictures.append((outcome, 0))
            return
        pixels = outcome.pixels.shape[0] * outcome.pixels.shape[1]
        self._pixels += pixels
        self._pictures.append((self._pool.submit(self._work, outcome), pixels))

    @property
    def ready(self) -> bool:
        """Whether the first is done, or there are too many to go on without it."""
        if not self._pictures:
            return False
        first = self._pictures[0][0]
        many = self._pixels > BATCH_PIXELS or len(self._pictures) > 2 * BATCH_PICTURES
        return many or isinstance(first, Unreadable) or first.done()

    def take(self) -> Harvest | Unreadable:
        """The first, once it is done."""
        outcome, pixels = self._pictures.popleft()
        self._pixels -= pixels
        return outcome if isinstance(outcome, Unreadable) else outcome.result()

    def __bool__(self) -> bool:
        return bool(self._pictures)

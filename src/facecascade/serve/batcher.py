"""Pictures of several clients, gathered into batches for one engine: `Batcher`."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.faces import Faces
from facecascade.settings import Settings

Pixels = NDArray[np.uint8]
Detect = Callable[[Sequence[Pixels], Settings], Sequence[Faces]]
Observe = Callable[[int, float], None]
"""Told of each batch how many pictures it had, and the seconds that it took."""


class Limits(NamedTuple):
    """How large a batch becomes, and how long it waits for that."""

    window: float
    """Seconds that a picture waits for others."""
    pictures: int
    levels: int
    """Pixels of all pyramids."""


@dataclass(eq=False)
class _Waiting:
    pixels: Pixels
    levels: int
    faces: asyncio.Future[Faces]
    since: float = field(default_factory=time.monotonic)


class Batcher:
    """Finds faces in pictures that come one by one, several of them in one call.

    What waits longest comes first, and takes along what has the same settings. A picture whose caller has gone is
    dropped. A batch has the same result as each picture alone, so nobody sees who else is served.

    Args:
        detect: finds the faces of some pictures with the same settings; called in threads.
        limits: of a batch.
        lanes: batches that are worked on at one time.
        observe: told of each batch.
    """

    def __init__(self, detect: Detect, *, limits: Limits, lanes: int, observe: Observe) -> None:
        self._detect = detect
        self._limits = limits
        self._observe = observe
        self._queues: dict[Settings, deque[_Waiting]] = {}
        self._some = asyncio.Event()
        self._pool = ThreadPoolExecutor(lanes, thread_name_prefix="facecascade-detect")
        self._lanes = [asyncio.create_task(self._lane()) for _ in range(lanes)]

    @property
    def waiting(self) -> int:
        """Pictures that wait for the detector."""
        return sum(map(len, self._queues.values()))

    async def faces(self, pixels: Pixels, settings: Settings, *, levels: int) -> Faces:
        """The faces of one picture.

        Args:
            pixels: (h, w, 3) uint8, RGB.
            settings: how it is searched.
            levels: pixels of its pyramid.
        """
        one = _Waiting(pixels, levels, asyncio.get_running_loop().create_future())
        self._queues.setdefault(settings, deque()).append(one)
        self._some.set()
        return await one.faces

    async def close(self) -> None:
        """End the lanes, once nobody waits any more."""
        for lane in self._lanes:
            lane.cancel()
        await asyncio.gather(*self._lanes, return_exceptions=True)
        await asyncio.to_thread(self._pool.shutdown)

    async def _lane(self) -> None:
        while True:
            await self._some.wait()
            settings = min(self._queues, key=lambda one: self._queues[one][0].since)
            remaining = self._queues[settings][0].since + self._limits.window - time.monotonic()
            if remaining > 0 and len(self._queues[settings]) < self._limits.pictures:
                await asyncio.sleep(remaining)  # another lane may take them meanwhile
                continue
            if batch := self._taken(settings):
                await self._work(batch, settings)

    def _taken(self, settings: Settings) -> list[_Waiting]:
        """The next batch; what is left of its queue stays."""
        queue, batch, levels = self._queues[settings], list[_Waiting](), 0
        while queue and len(batch) < self._limits.pictures and levels < self._limits.levels:
            one = queue.popleft()
            if not one.faces.done():
                batch.append(one)
                levels += one.levels
        if not queue:
            del self._queues[settings]
        if not self._queues:
            self._some.clear()
        return batch

    async def _work(self, batch: list[_Waiting], settings: Settings) -> None:
        started = time.monotonic()
        pictures = [one.pixels for one in batch]
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._pool, self._detect, pictures, settings)
        except Exception as error:  # noqa: BLE001 - each caller raises it; the lane goes on
            for one in batch:
                if not one.faces.done():
                    one.faces.set_exception(error)
            return
        self._observe(len(batch), time.monotonic() - started)
        for one, faces in zip(batch, found, strict=True):
            if not one.faces.done():
                one.faces.set_result(faces)

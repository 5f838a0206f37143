"""Pictures that come one by one are found several at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade.faces import Faces
from facecascade.serve.batcher import Batcher, Limits
from facecascade.settings import Settings

Pixels = NDArray[np.uint8]
PICTURE = np.zeros((10, 10, 3), np.uint8)


class Recorder:
    """Stands for the detector: remembers what it was asked, and gives each picture a face of its own score."""

    def __init__(self, *, closed: bool = False) -> None:
        self.batches: list[tuple[Settings, list[int]]] = []
        self.open = threading.Event()
        if not closed:
            self.open.set()

    def __call__(self, pictures: Sequence[Pixels], settings: Settings) -> list[Faces]:
        assert self.open.wait(20)
        self.batches.append((settings, [int(picture[0, 0, 0]) for picture in pictures]))
        return [_scored(int(picture[0, 0, 0])) for picture in pictures]


def _scored(number: int) -> Faces:
    return Faces(np.array([[0, 0, 1, 1]], np.float32), np.array([number / 256], np.float32))


def numbered(number: int) -> Pixels:
    return np.full((2, 2, 3), number, np.uint8)


def run(
    recorder: Callable[[Sequence[Pixels], Settings], Sequence[Faces]],
    work: Callable[[Batcher], Awaitable[None]],
    *,
    lanes: int = 1,
    **limits: float,
) -> list[int]:
    """What some work comes to, and the sizes of the batches."""
    sizes: list[int] = []
    full = {"window": 0.02, "pictures": 4, "levels": 1000} | limits

    async def main() -> None:
        batcher = Batcher(
            recorder,
            limits=Limits(full["window"], int(full["pictures"]), int(full["levels"])),
            lanes=lanes,
            observe=lambda size, seconds: sizes.append(size),
        )
        try:
            async with asyncio.timeout(30):
                await work(batcher)
        finally:
            await batcher.close()

    asyncio.run(main())
    return sizes


def test_pictures_that_come_together_are_found_together() -> None:
    recorder = Recorder()

    async def work(batcher: Batcher) -> None:
        found = await asyncio.gather(*(batcher.faces(numbered(n), Settings(), levels=1) for n in range(10)))
        assert [round(faces.scores[0] * 256) for faces in found] == list(range(10))

    assert run(recorder, work) == [4, 4, 2]
    assert [batch for _, batch in recorder.batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_a_batch_ends_with_the_picture_that_fills_it() -> None:
    async def work(batcher: Batcher) -> None:
        levels = (400, 400, 400, 400, 5000, 1)
        await asyncio.gather(*(batcher.faces(numbered(0), Settings(), levels=one) for one in levels))

    assert run(Recorder(), work, pictures=10) == [3, 2, 1]


def test_pictures_of_other_settings_are_found_apart_and_in_turn() -> None:
    recorder, some, others = Recorder(), Settings(min_face_size=20), Settings(min_face_size=40)

    async def work(batcher: Batcher) -> None:
        asked = [(n, others if n % 2 else some) for n in range(6)]
        found = await asyncio.gather(*(batcher.faces(numbered(n), settings, levels=1) for n, settings in asked))
        assert [round(faces.scores[0] * 256) for faces in found] == list(range(6))

    run(recorder, work)
    assert recorder.batches == [(some, [0, 2, 4]), (others, [1, 3, 5])]


def test_a_picture_alone_waits_no_longer_than_the_window() -> None:
    async def work(batcher: Batcher) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await batcher.faces(numbered(1), Settings(), levels=1)
        assert 0.2 <= loop.time() - started < 10

    assert run(Recorder(), work, window=0.2) == [1]


def test_what_nobody_waits_for_is_not_looked_at() -> None:
    recorder = Recorder(closed=True)

    async def work(batcher: Batcher) -> None:
        first = asyncio.create_task(batcher.faces(numbered(1), Settings(), levels=1))
        await asyncio.sleep(0.1)
        gone = [asyncio.create_task(batcher.faces(numbered(2), Settings(), levels=1)) for _ in range(5)]
        last = asyncio.create_task(batcher.faces(numbered(3), Settings(), levels=1))
        await asyncio.sleep(0.01)
        assert batcher.waiting == 6
        for task in gone:
            task.cancel()
        await asyncio.sleep(0.01)
        recorder.open.set()
        await asyncio.gather(first, last)
        assert batcher.waiting == 0

    run(recorder, work)
    assert [batch for _, batch in recorder.batches] == [[1], [3]]


def test_an_error_is_that_of_its_batch_alone() -> None:
    def fail(pictures: Sequence[Pixels], settings: Settings) -> list[Faces]:
        if settings.min_face_size == 40:
            raise ZeroDivisionError
        return [Faces.empty() for _ in pictures]

    async def work(batcher: Batcher) -> None:
        for _ in range(2):
            found = await asyncio.gather(
                batcher.faces(PICTURE, Settings(min_face_size=40), levels=1),
                batcher.faces(PICTURE, Settings(min_face_size=20), levels=1),
                return_exceptions=True,
            )
            assert isinstance(found[0], ZeroDivisionError)
            assert found[1] == Faces.empty()

    run(fail, work)


def test_a_long_batch_does_not_hold_up_the_others() -> None:
    slow = threading.Event()

    def detect(pictures: Sequence[Pixels], settings: Settings) -> list[Faces]:
        if settings.mirror:
            assert slow.wait(20)
        return [Faces.empty() for _ in pictures]

    async def work(batcher: Batcher) -> None:
        long = asyncio.create_task(batcher.faces(PICTURE, Settings(mirror=True), levels=1))
        await asyncio.sleep(0.1)
        await batcher.faces(PICTURE, Settings(), levels=1)
        assert not long.done()
        slow.set()
        await long

    run(detect, work, lanes=2)


@pytest.mark.parametrize("lanes", [1, 3])
def test_thousands_are_all_answered(lanes: int) -> None:
    async def work(batcher: Batcher) -> None:
        found = await asyncio.gather(*(batcher.faces(numbered(n % 256), Settings(), levels=1) for n in range(3000)))
        assert [round(faces.scores[0] * 256) for faces in found] == [n % 256 for n in range(3000)]

    assert sum(run(Recorder(), work, lanes=lanes, pictures=16)) == 3000

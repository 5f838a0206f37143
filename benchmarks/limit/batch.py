"""What a second thread is worth on many pictures: inside the core, and as threads of Python."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

import numpy as np

from benchmarks.data import Picture
from benchmarks.limit.bench import Bench, disturbance
from benchmarks.limit.turns import Program, measure, timed
from benchmarks.report import table
from facecascade.detector import MTCNN

PICTURES: Final = 16
HEADER: Final = ("how", "ms", "pictures/s", "times one thread")


def report(bench: Bench) -> str:
    """A table of the ways to work on a batch, and how quiet it was."""
    with ExitStack() as stack:
        timings = measure(list(_programs(bench, stack)), rounds=min(bench.rounds, 5))
    one = next(iter(timings.values()))
    rows = []
    for name, timing in timings.items():
        milliseconds = timing.milliseconds[0]
        gain = 1 / timing.paired_ratios(one)[0]
        rows.append((name, f"{milliseconds:.0f}", f"{1000 * PICTURES / milliseconds:.1f}", f"{gain:.2f}"))
    return "\n".join([table(HEADER, rows), "", disturbance(list(timings.values()))])


def pictures(picture: Picture, count: int) -> list[Picture]:
    """As many different pictures of one size, by moving its columns round."""
    return [np.roll(picture, 37 * i, axis=1) for i in range(count)]


def _programs(bench: Bench, stack: ExitStack) -> Iterator[Program]:
    batch = pictures(bench.picture, PICTURES)
    size = bench.settings.min_face_size
    single = stack.enter_context(MTCNN(min_face_size=size, threads=1))
    several = stack.enter_context(MTCNN(min_face_size=size, threads=bench.threads))
    pool = stack.enter_context(ThreadPoolExecutor(bench.threads))
    yield timed("detect_batch, 1 thread", lambda: single.detect_batch(batch))
    yield timed(f"detect_batch, {bench.threads} threads", lambda: several.detect_batch(batch))
    yield timed(
        f"detect in {bench.threads} Python threads, detector of 1 thread", lambda: list(pool.map(single.detect, batch))
    )
    yield timed(f"detect in a row, detector of {bench.threads} threads", lambda: [several.detect(one) for one in batch])

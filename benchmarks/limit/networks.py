"""R-Net and O-Net on a few and on many crops, side by side with the prototype."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.limit.bench import Bench, disturbance, outside, share, shown
from benchmarks.limit.flops import onet_flops, rnet_flops
from benchmarks.limit.turns import Program, measure, timed
from benchmarks.peers.rounds import Timing
from benchmarks.report import table
from facecascade.engines.native import NativeEngine

COUNTS: Final = {"R-Net": (32, 128, 512), "O-Net": (8, 32, 128)}
SIDES: Final = {"R-Net": 24, "O-Net": 48}
FLOPS: Final[dict[str, Callable[[], int]]] = {"R-Net": rnet_flops, "O-Net": onet_flops}
HEADER: Final = (
    "network",
    "crops",
    "threads",
    "core ms",
    "black crops",
    "share",
    "prototype ms",
    "from crops",
    "its share",
)
NOTE: Final = (
    "core and prototype: from boxes to outputs. black crops: the core with nothing to sample; from crops: the "
    "prototype with crops that lie ready. Shares are those of the latter two: of the networks alone."
)


def report(bench: Bench) -> str:
    """A table of both networks, all counts, one thread and all of them; and how quiet it was."""
    rows, everything = [], []
    for threads in dict.fromkeys((1, bench.threads)):
        with closing(bench.engine(threads=threads)) as engine:
            boxes = engine.trace(bench.picture, bench.settings).proposals.boxes.astype(np.float64)
            for name, counts in COUNTS.items():
                for count in counts:
                    timings = _timings(bench, engine, name, np.resize(boxes, (count, 4)))
                    rows.append(_row(name, count, threads, timings))
                    everything += list(timings.values())
    notes = [f"prototype skipped: {bench.without_prototype}"] if bench.without_prototype else []
    return "\n".join([table(HEADER, rows), "", NOTE, disturbance(everything), *notes])


def _timings(bench: Bench, engine: NativeEngine, name: str, boxes: NDArray[np.float64]) -> dict[str, Timing]:
    programs = [bench.limit(threads=engine.threads), *_programs(bench, engine, name, boxes)]
    return measure(programs, rounds=bench.rounds)


def _programs(bench: Bench, engine: NativeEngine, name: str, boxes: NDArray[np.float64]) -> Iterator[Program]:
    picture, threads, side = bench.picture, engine.threads, SIDES[name]
    run = engine.core.rnet if name == "R-Net" else engine.core.onet
    black = outside(len(boxes))
    yield timed("core", lambda: run(picture, boxes, False))  # noqa: FBT003  # the core's own call
    yield timed("black", lambda: run(picture, black, False))  # noqa: FBT003
    rival = bench.prototype
    if rival is not None:
        whole = np.ceil(boxes).astype(np.int32)
        crops = rival.crops(picture, whole, side=side, threads=threads)
        yield timed(
            "prototype",
            lambda: rival.patch(rival.crops(picture, whole, side=side, threads=threads), threads=threads),
        )
        yield timed("from crops", lambda: rival.patch(crops, threads=threads))


def _row(name: str, count: int, threads: int, timings: dict[str, Timing]) -> tuple[str, ...]:
    flops, limit = count * FLOPS[name](), timings["limit"]
    rival, ready = timings.get("prototype"), timings.get("from crops")
    ours = (shown(timings["core"]), shown(timings["black"]), f"{share(flops, timings['black'], limit):.0%}")
    theirs = (shown(rival), shown(ready), "" if ready is None else f"{share(flops, ready, limit):.0%}")
    return name, str(count), str(threads), *ours, *theirs

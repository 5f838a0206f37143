"""A folder to boxes: decoding alone, detecting alone, and both at once: `report`."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from benchmarks.data import Picture
from benchmarks.decoding.decoders import without_simplejpeg
from benchmarks.limit.bench import disturbance
from benchmarks.limit.turns import Laps, measure
from benchmarks.peers.rounds import Timing
from benchmarks.report import table, verdict
from facecascade.detector import MTCNN, READ_THREADS, STREAM_AHEAD, STREAM_BATCH
from facecascade.engines import usable_cores
from facecascade.read import read_ahead, read_picture

LEAST: Final = (20, 40)
"""min_face_size, in pixels."""
TARGET: Final = 1.15
HEADER: Final = (
    "JPEGs by",
    "min_face_size",
    "decode s",
    "detect s",
    "both s",
    "both, pictures/s",
    "of the larger",
    "target",
    "",
    "least possible",
)


def report(paths: list[Path], *, rounds: int, threads: int) -> str:
    """A row for each decoder and least face."""
    rows, timings = [], list[Timing]()
    for name in ("Pillow", "simplejpeg"):
        if name == "simplejpeg" and find_spec(name) is None:
            continue
        with without_simplejpeg() if name == "Pillow" else nullcontext():
            for least in LEAST:
                found = _measured(paths, least, rounds=rounds, threads=threads)
                rows.append((name, str(least), *_cells(found, len(paths))))
                timings += list(found.values())
    title = f"{len(paths)} pictures; {threads} threads detect, {READ_THREADS} decode; median of {rounds} rounds"
    return "\n".join([title, "", table(HEADER, rows), "", disturbance(timings)])


def _measured(paths: list[Path], least: int, *, rounds: int, threads: int) -> dict[str, Timing]:
    with MTCNN(min_face_size=least, threads=threads) as detector:
        programs = [
            lambda: _clocked("decode", lambda: _drain(_decoded(paths))),
            lambda: _detected(detector, paths),
            lambda: _clocked("both", lambda: _drain(detector.detect_stream(paths))),
        ]
        return measure(programs, rounds=rounds, warm_up=0)


def _detected(detector: MTCNN, paths: list[Path]) -> Laps:
    """Detection alone, batch after batch, as a stream has them: a whole folder of pictures would not fit in memory."""
    laps = {"detect": 0.0, "detect, work": 0.0}
    for first in range(0, len(paths), STREAM_BATCH):
        batch = [read_picture(path) for path in paths[first : first + STREAM_BATCH]]
        for name, seconds in _clocked("detect", partial(detector.detect_batch, batch)).items():
            laps[name] += seconds
    return laps


def _decoded(paths: list[Path]) -> Iterator[Picture | None]:
    return (result.pixels for result in read_ahead(paths, threads=READ_THREADS, depth=STREAM_AHEAD))


def _drain(items: Iterable[Any]) -> None:
    deque(items, maxlen=0)


def _clocked(name: str, call: Callable[[], object]) -> Laps:
    """The time of a call, and the processors' time."""
    started, worked = time.perf_counter(), time.process_time()
    call()
    return {name: time.perf_counter() - started, f"{name}, work": time.process_time() - worked}


def _cells(found: Mapping[str, Timing], count: int) -> tuple[str, ...]:
    seconds = {name: timing.milliseconds[0] / 1000 for name, timing in found.items()}
    larger = max(seconds["decode"], seconds["detect"])
    ratio = seconds["both"] / larger
    least = max(larger, (seconds["decode, work"] + seconds["detect, work"]) / usable_cores()) / larger
    times = [f"{seconds[name]:.2f}" for name in ("decode", "detect", "both")]
    judged = (f"{ratio:.2f}", f"{TARGET:g}", verdict(ratio, limit=TARGET, at_least=False))
    return *times, f"{count / seconds['both']:.1f}", *judged, f"{least:.2f}"

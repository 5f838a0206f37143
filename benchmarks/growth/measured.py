"""The series that the program measures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from typing import Final

from benchmarks.data import Picture
from benchmarks.growth import boxes, scenes
from benchmarks.growth.series import SQUARE, Series
from benchmarks.limit.turns import Laps, Program, measure, timed
from benchmarks.peers.rounds import Timing
from facecascade.engines.native import NativeEngine
from facecascade.settings import NMS_WITHIN_LEVEL, Settings
from facecascade.weights import Weights

PIXELS: Final = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000)
FACES: Final = (0, 50, 100, 200, 400, 800)
THRESHOLDS: Final = (0.9, 0.6, 0.3, 0.1, 0.03, 0.01, 0.003)
"""P-Net's, for a crowd of `CROWD` faces: the lower, the more windows pass."""
CROWD: Final = 400
BOXES: Final = (100, 300, 1000, 3000, 10_000, 30_000)
STAGES: Final = ("pyramid", "pnet", "proposals", "rnet", "onet")


def by_pixels(threads: int, rounds: int) -> list[Series]:
    """The sample scene at many sizes."""
    with closing(_engine(threads)) as engine:
        pictures = [scenes.group(count) for count in PIXELS]
        columns, points = _detections(engine, [(picture, Settings()) for picture in pictures], rounds)
    megapixels = [picture.shape[0] * picture.shape[1] / 1e6 for picture in pictures]
    return [Series("Pixels", "megapixels", list(zip(megapixels, points, strict=True)), columns=columns)]


def by_faces(threads: int, rounds: int) -> list[Series]:
    """Crowds of many sizes on one size of picture."""
    with closing(_engine(threads)) as engine:
        columns, points = _detections(engine, [(scenes.crowd(count), Settings()) for count in FACES], rounds)
    return [Series("Faces", "faces", list(zip(map(float, FACES), points, strict=True)), columns=columns)]


def by_proposals(threads: int, rounds: int) -> list[Series]:
    """One crowd, with more and more windows let through P-Net; against those that R-Net gets."""
    picture = scenes.crowd(CROWD)
    cases = [(picture, replace(Settings(), thresholds=(first, 0.7, 0.7))) for first in THRESHOLDS]
    with closing(_engine(threads)) as engine:
        columns, points = _detections(engine, cases, rounds)
    counts = [float(cell) for cell in columns.pop("proposals")]
    return [Series("Proposals", "proposals", list(zip(counts, points, strict=True)), columns=columns)]


def by_boxes(threads: int, rounds: int) -> list[Series]:
    """Non-maximum suppression alone, of boxes in heaps and of boxes that all stay."""
    with closing(_engine(threads)) as engine:
        return [
            _suppression(engine, "NMS, boxes in heaps", boxes.crowded, rounds),
            _suppression(engine, "NMS, boxes that all stay", boxes.scattered, rounds),
        ]


def by_threads(threads: int, rounds: int) -> list[Series]:
    """One crowd on one thread, two, and so on; more than there are cores as well."""
    picture, settings = scenes.crowd(CROWD), Settings()
    most = max(threads, 2 * (os.cpu_count() or 1))
    counts = [count for count in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32) if count <= most]
    engines = [_engine(count) for count in counts]
    try:
        timings = measure([_whole(f"{e.threads}", e, picture, settings) for e in engines], rounds=rounds)
    finally:
        for engine in engines:
            engine.close()
    points = [(float(count), _milliseconds(timings[f"{count}"])) for count in counts]
    columns = {"times one thread": [f"{points[0][1] / y:.2f}" for _, y in points]}
    return [Series("Threads", "threads", points, cliff=0.3, columns=columns)]


def _engine(threads: int) -> NativeEngine:
    return NativeEngine(Weights.load().tensors, threads=threads)


def _suppression(
    engine: NativeEngine, title: str, make: Callable[[int], tuple[boxes.Boxes, boxes.Scores]], rounds: int
) -> Series:
    programs, stay = [], []
    for count in BOXES:
        suppress = _suppress(engine, *make(count))
        stay.append(str(len(suppress())))
        programs.append(timed(str(count), suppress))
    timings = measure(programs, rounds=rounds)
    points = [(float(count), _milliseconds(timings[str(count)])) for count in BOXES]
    return Series(title, "boxes", points, cliff=SQUARE, columns={"stay": stay})


def _suppress(engine: NativeEngine, rows: boxes.Boxes, scores: boxes.Scores) -> Callable[[], list[int]]:
    return lambda: engine.core.suppress(rows, scores, NMS_WITHIN_LEVEL, False, False)  # noqa: FBT003  # the core's call


def _detections(
    engine: NativeEngine, cases: Iterable[tuple[Picture, Settings]], rounds: int
) -> tuple[dict[str, list[str]], list[float]]:
    """Columns of what was found and what each stage took, and the milliseconds of each whole detection."""
    listed = list(cases)
    timings = measure([_whole(f"{i}", engine, *case) for i, case in enumerate(listed)], rounds=rounds)
    traces = [engine.trace(*case) for case in listed]
    columns = {
        "windows": [str(sum(trace.candidates)) for trace in traces],
        "proposals": [str(len(trace.proposals)) for trace in traces],
        "to O-Net": [str(len(trace.refined)) for trace in traces],
        "found": [str(len(trace.faces)) for trace in traces],
    }
    for stage in STAGES:
        columns[f"{stage} ms"] = [f"{_milliseconds(timings[f'{i} {stage}']):.3g}" for i in range(len(listed))]
    return columns, [_milliseconds(timings[str(i)]) for i in range(len(listed))]


def _whole(name: str, engine: NativeEngine, picture: Picture, settings: Settings) -> Program:
    def laps() -> Laps:
        seconds = engine.stage_seconds(picture, settings)
        return {name: sum(seconds.values())} | {f"{name} {stage}": value for stage, value in seconds.items()}

    return laps


def _milliseconds(timing: Timing) -> float:
    return timing.milliseconds[0]

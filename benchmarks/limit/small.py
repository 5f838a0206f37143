"""A small picture without a face: how much of the call is Python."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from benchmarks.data import Picture
from benchmarks.limit.bench import Bench, disturbance
from benchmarks.limit.turns import measure, timed
from facecascade.detector import MTCNN
from facecascade.engines.native import NativeEngine

SIDE: Final = 160
LEAST: Final = 40


def report(bench: Bench) -> str:
    """The time of a call of `MTCNN.detect`, and its share above the core's own call."""
    picture = plain_picture(SIDE)
    with MTCNN(min_face_size=LEAST, threads=1) as detector:
        if not isinstance(detector.engine, NativeEngine):
            raise TypeError(f"expected the native engine, got {detector.engine.description}")
        core, settings = detector.engine.core, detector.settings
        scales = [settings.scales(SIDE, SIDE)]
        first, second, third = (math.log(p / (1 - p)) for p in settings.thresholds)
        trace = detector.trace(picture)
        timings = measure(
            [
                timed("whole", lambda: detector.detect(picture)),
                timed("core", lambda: core.detect([picture], scales, (first, second, third), False, 3, False)),  # noqa: FBT003
            ],
            rounds=bench.rounds,
        )
    whole, native = (1000 * timings[name].milliseconds[0] for name in ("whole", "core"))
    above = whole - native
    return "\n".join(
        [
            f"{SIDE} x {SIDE} pixels, min_face_size {LEAST}, 1 thread: {sum(trace.candidates)} windows, "
            f"{len(trace.proposals)} proposals, {len(trace.faces)} faces",
            f"a call takes {whole:.0f} us, of which {above:.0f} us ({above / whole:.1%}) above the core's own call",
            disturbance(list(timings.values())),
        ]
    )


def plain_picture(side: int) -> Picture:
    """A slope of grey with a little noise, (side, side, 3)."""
    slope = np.linspace(40, 200, side)[:, None, None] + np.zeros((side, side, 3))
    noise = np.random.default_rng(0).normal(0, 4, (side, side, 3))
    return np.clip(slope + noise, 0, 255).astype(np.uint8)

"""What the first two thresholds cost and bring: time against recall, side by side."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration.runs import LOWEST, SUBSET
from benchmarks.data import load_rgb
from facecascade import MTCNN, Faces
from facecascade.evaluate import OperatingPoints, judge, operating_points, read_marked

FIRST: Final = (0.5, 0.6, 0.7)
"""Thresholds of P-Net."""
SECOND: Final = (0.5, 0.6, 0.7)
"""Thresholds of R-Net."""
USUAL: Final = (0.6, 0.7)
"""The default of both."""
LAST: Final = (0.3, 0.7)
"""Thresholds of O-Net at which recall and false faces are looked at."""
ROUNDS: Final = 5


@dataclass(frozen=True, eq=False)
class StageCost:
    """The cascade with other first thresholds.

    Attributes:
        label: how it differs.
        proposals: windows per picture that R-Net looks at.
        refined: windows per picture that O-Net looks at.
        ratio: time for all pictures, in that of the default.
        points: recall and false faces at the thresholds of `LAST`.
    """

    label: tuple[str, ...]
    proposals: float
    refined: float
    ratio: float
    points: OperatingPoints


def measure_stages(folder: Path, *, rounds: int = ROUNDS) -> list[StageCost]:
    """P-Net's and R-Net's thresholds, and as a measure for them the default with half the smallest face."""
    settings: dict[tuple[str, ...], dict[str, Any]] = {
        (f"{first:g}", f"{second:g}", "20"): {"thresholds": (first, second, LAST[-1])}
        for first in FIRST
        for second in SECOND
    }
    settings[(*map("{:g}".format, USUAL), "10")] = {"thresholds": (*USUAL, LAST[-1]), "min_face_size": 10}
    marked = read_marked(folder)
    pictures = {name: load_rgb(folder / name) for name in marked}
    seconds = _times(settings, pictures, rounds=rounds)
    usual = seconds[(*map("{:g}".format, USUAL), "20")]
    costs = []
    for label, values in settings.items():
        traced = _traced(values, pictures)
        found = {name: faces for name, (faces, _, _) in traced.items()}
        points = operating_points(found, judge(found, marked), SUBSET, thresholds=LAST)
        proposals, refined = (float(np.mean([row[place] for row in traced.values()])) for place in (1, 2))
        costs.append(StageCost(label, proposals, refined, seconds[label] / usual, points))
    return costs


def _times(
    settings: dict[tuple[str, ...], dict[str, Any]], pictures: dict[str, NDArray[np.uint8]], *, rounds: int
) -> dict[tuple[str, ...], float]:
    """Seconds of each over all pictures: for each picture its best round, with all settings next to one another."""
    detectors = {label: MTCNN(**values) for label, values in settings.items()}
    total = dict.fromkeys(settings, 0.0)
    for rgb in pictures.values():
        best = dict.fromkeys(settings, np.inf)
        for _ in range(rounds):
            for label, detector in detectors.items():
                start = time.perf_counter()
                detector.detect(rgb)
                best[label] = min(best[label], time.perf_counter() - start)
        total = {label: total[label] + best[label] for label in total}
    for detector in detectors.values():
        detector.close()
    return total


def _traced(values: dict[str, Any], pictures: dict[str, NDArray[np.uint8]]) -> dict[str, tuple[Faces, int, int]]:
    """Of each picture its faces at any last threshold, and what R-Net and O-Net looked at."""
    first, second, _ = values["thresholds"]
    with MTCNN(**values | {"thresholds": (first, second, LOWEST)}) as detector:
        traces = {name: detector.trace(rgb) for name, rgb in pictures.items()}
    return {name: (one.faces, len(one.proposals), len(one.refined)) for name, one in traces.items()}

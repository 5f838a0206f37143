"""The detector over one set of pictures, with the last threshold all but off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import list_pictures, load_rgb
from facecascade import MTCNN, AnnotationError, Faces
from facecascade.evaluate import Judged, Marked, OperatingPoints, judge, judged_scores, operating_points, read_marked
from facecascade.settings import PRESETS, Preset, Settings

SUBSET: Final = "hard"
"""All faces of WIDER FACE but those that its authors leave out."""
LOWEST: Final = 0.01
"""Stands for no last threshold: hundreds of windows with less would only slow the measuring down."""


@dataclass(frozen=True, eq=False)
class Run:
    """What was found in a set of pictures.

    Attributes:
        name: of the set.
        found: the faces of each picture, with scores from `LOWEST`.
        judged: which of them are right.
        pixels: of all pictures together.
    """

    name: str
    found: dict[str, Faces]
    judged: dict[str, Judged]
    pixels: int

    @property
    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Score of each detection, and whether it is a face."""
        return judged_scores(self.found, self.judged, SUBSET)

    @property
    def marked(self) -> int:
        """Faces that count."""
        return sum(int(np.count_nonzero(one.marked.members[SUBSET])) for one in self.judged.values())

    def points(
        self, thresholds: Sequence[float] | NDArray[np.float64], *, low: float = 0.0, high: float = math.inf
    ) -> OperatingPoints:
        """What each threshold gives for faces of these heights in pixels."""
        return operating_points(self.found, self.judged, SUBSET, thresholds=thresholds, low=low, high=high)


def run_marked(folder: Path, name: str, *, preset: Preset = "default") -> Run:
    """Over pictures with annotations.json.

    Raises:
        SystemExit: there are none.
    """
    try:
        marked = read_marked(folder)
    except AnnotationError as error:
        raise SystemExit(f"{error}: name the folder of the data sets on the command line") from None
    return _run(name, {picture: folder / picture for picture in marked}, marked, preset)


def run_without_faces(folder: Path, name: str) -> Run:
    """Over pictures without a single face."""
    paths = {path.name: path for path in list_pictures(folder)}
    nobody = Marked(np.zeros((0, 4)), {SUBSET: np.zeros(0, np.bool_)})
    return _run(name, paths, dict.fromkeys(paths, nobody), "default")


def _run(name: str, paths: dict[str, Path], marked: dict[str, Marked], preset: Preset) -> Run:
    first, second, _ = PRESETS[preset].get("thresholds", Settings().thresholds)
    found: dict[str, Faces] = {}
    pixels = 0
    with MTCNN.preset(preset, thresholds=(first, second, LOWEST)) as detector:
        for picture, path in paths.items():
            rgb = load_rgb(path)
            pixels += rgb.shape[0] * rgb.shape[1]
            found[picture] = detector.detect(rgb)
    return Run(name, found, judge(found, marked), pixels)

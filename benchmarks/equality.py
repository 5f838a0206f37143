"""Does the native engine find what the reference finds? Ask `python -m benchmarks.equality`.

Every picture, in both geometries, with every instruction set of this machine and several numbers of threads: the same
number of faces, and boxes, scores and landmarks within the limits below. The reference takes seconds a picture, so two
processes compute it, and its results are kept under .cache/ until its source, the weights, the picture or the settings
change; the first run takes long.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import DATA, list_pictures, load_rgb
from benchmarks.oracle import CACHE, Oracle
from benchmarks.report import table
from facecascade.engines.native import NativeEngine, instruction_sets
from facecascade.faces import Faces
from facecascade.overlap import iou, match_greedily
from facecascade.settings import Geometry, Settings
from facecascade.weights import Weights

FOLDERS: Final = ("photos", "wider_val_fullres")
THREADS: Final = (1, 2, 7)
BOX_LIMIT: Final = 0.01
"""Largest difference of a box corner in pixels."""
SCORE_LIMIT: Final = 1e-5
LANDMARK_LIMIT: Final = 0.02
"""Largest difference of a landmark's coordinate in pixels."""


@dataclass(frozen=True)
class Gap:
    """How far two results of one picture lie apart.

    Attributes:
        ours: number of faces of the native engine.
        theirs: number of faces of the reference.
        box: largest difference of a corner of a pair of boxes in pixels; 0 without pairs.
        score: largest difference of a pair's scores.
        landmark: largest difference of a coordinate of a pair's landmarks in pixels.
    """

    ours: int
    theirs: int
    box: float
    score: float
    landmark: float

    @property
    def within(self) -> bool:
        """Whether the number of faces is the same and no difference exceeds its limit."""
        small = self.box <= BOX_LIMIT and self.score <= SCORE_LIMIT and self.landmark <= LANDMARK_LIMIT
        return self.ours == self.theirs and small


@dataclass(frozen=True)
class Case:
    """One way to run the native engine."""

    geometry: Geometry
    instruction_set: str
    threads: int


def main() -> int:
    """Run the comparison that the command line describes; 1 if a limit is broken."""
    args = _arguments()
    paths = [path for folder in args.folders for path in list_pictures(folder)][: args.first]
    cases = [Case(g, s, t) for g in args.geometry for s in args.instruction_sets for t in args.threads]
    tensors = Weights.load().tensors
    gaps: dict[Case, dict[Path, Gap]] = {case: {} for case in cases}
    for geometry in args.geometry:
        for path, theirs in Oracle(args.processes, args.cache).faces(paths, Settings(geometry=geometry)):
            pixels = load_rgb(path)
            for case in (case for case in cases if case.geometry == geometry):
                gaps[case][path] = measure(_native(pixels, case, tensors), theirs)
    print(_summary(gaps))
    print(f"\n{_broken(gaps)}")
    return int(not all(gap.within for one in gaps.values() for gap in one.values()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.equality", description="Does the native engine find what the reference finds?"
    )
    default = [DATA / name for name in FOLDERS]
    parser.add_argument("folders", nargs="*", type=Path, default=default, help="(default: photos, wider_val_fullres)")
    parser.add_argument("--geometry", nargs="+", choices=get_args(Geometry), default=list(get_args(Geometry)))
    sets = list(instruction_sets())
    parser.add_argument("--instruction-sets", nargs="+", choices=sets, default=sets, help="(default: all)")
    parser.add_argument("--threads", nargs="+", type=int, default=list(THREADS), help="(1 2 7)")
    parser.add_argument("--processes", type=int, default=2, help="for the reference (%(default)s)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="for its results (%(default)s)")
    parser.add_argument("--first", type=int, metavar="N", help="only the first N pictures")
    return parser.parse_args()


def measure(ours: Faces, theirs: Faces) -> Gap:
    """Pair the faces by IoU, at least .5, and measure each pair; the order of the faces does not matter."""
    pairs = match_greedily(iou(theirs.boxes, ours.boxes), least=0.5)
    rows, columns = [row for row, _ in pairs], [column for _, column in pairs]
    if len(pairs) < min(len(ours), len(theirs)):
        return Gap(len(ours), len(theirs), np.inf, np.inf, np.inf)
    mine, its = ours[columns], theirs[rows]
    points = _largest(_points(mine), _points(its))
    return Gap(len(ours), len(theirs), _largest(mine.boxes, its.boxes), _largest(mine.scores, its.scores), points)


def _points(faces: Faces) -> NDArray[np.float32]:
    if faces.landmarks is None:
        raise ValueError("expected faces with landmarks, got none")
    return faces.landmarks


def _largest(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return float(np.max(np.abs(first.astype(np.float64) - second), initial=0.0))


def _native(pixels: NDArray[np.uint8], case: Case, tensors: Mapping[str, NDArray[np.float32]]) -> Faces:
    with closing(NativeEngine(tensors, instruction_set=case.instruction_set, threads=case.threads)) as engine:
        return engine.detect([pixels], Settings(geometry=case.geometry))[0]


def _summary(gaps: Mapping[Case, Mapping[Path, Gap]]) -> str:
    header = ("geometry", "instruction set", "threads", "pictures", "faces", "box px", "score", "landmark px", "broken")
    limits = ("limits", "", "", "", "", f"{BOX_LIMIT:g}", f"{SCORE_LIMIT:.0e}", f"{LANDMARK_LIMIT:g}", "0")
    return table(header, [*(_row(case, list(one.values())) for case, one in gaps.items()), limits])


def _row(case: Case, gaps: Sequence[Gap]) -> tuple[object, ...]:
    largest = (
        f"{max(gap.box for gap in gaps):.2g}",
        f"{max(gap.score for gap in gaps):.2g}",
        f"{max(gap.landmark for gap in gaps):.2g}",
    )
    broken = sum(not gap.within for gap in gaps)
    return case.geometry, case.instruction_set, case.threads, len(gaps), sum(g.ours for g in gaps), *largest, broken


def _broken(gaps: Mapping[Case, Mapping[Path, Gap]]) -> str:
    rows = [
        (path.name, case.geometry, case.instruction_set, case.threads, f"{gap.ours} / {gap.theirs}", *_digits(gap))
        for case, one in gaps.items()
        for path, gap in one.items()
        if not gap.within
    ]
    if not rows:
        return "No picture breaks a limit."
    header = ("picture", "geometry", "set", "threads", "native / reference", "box px", "score", "landmark px")
    return table(header, rows)


def _digits(gap: Gap) -> tuple[str, ...]:
    return tuple(f"{value:.2g}" for value in (gap.box, gap.score, gap.landmark))


if __name__ == "__main__":
    sys.exit(main())

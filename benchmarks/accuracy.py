"""Average precision by the WIDER FACE protocol, in both geometries: `python -m benchmarks.accuracy`.

The data folder holds few pictures, mostly of groups: compare detectors on the same pictures, never with published
figures. Time is that of detection alone, one picture after another, with the default threads; it includes no reading.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np

from benchmarks.data import DATA, load_rgb, read_marked
from benchmarks.report import keep, table
from benchmarks.wider import SUBSETS, Curve, Marked, Subset, evaluate, hits
from facecascade import MTCNN, Faces
from facecascade.settings import Geometry

BINS: Final = ((0.0, 16.0), (16.0, 32.0), (32.0, 64.0), (64.0, math.inf))
"""Heights of faces in pixels, from and below."""
GEOMETRIES: Final[tuple[Geometry, ...]] = get_args(Geometry)


@dataclass(frozen=True, eq=False)
class Outcome:
    """One geometry on all pictures.

    Attributes:
        found: the faces of each picture.
        seconds: time to detect them all.
        curves: by the protocol.
    """

    found: Mapping[str, Faces]
    seconds: float
    curves: Mapping[Subset, Curve]

    @property
    def precisions(self) -> dict[str, float]:
        """Average precision of each subset."""
        return {subset: curve.average_precision for subset, curve in self.curves.items()}


def main() -> None:
    """Run the measurement that the command line describes."""
    args = _arguments()
    marked = read_marked(args.folder)
    outcomes = {geometry: _measure(args, marked, geometry) for geometry in args.geometry}
    print(f"{len(marked)} pictures of {args.folder.name}, {_settings(args)}\n")
    print(table(("geometry", *SUBSETS, "detections", "seconds"), [_row(g, o) for g, o in outcomes.items()]))
    recalls = {geometry: recall_by_height(outcome.found, marked) for geometry, outcome in outcomes.items()}
    print("\nFound of the faces of the hard subset, by their height in pixels, at IoU .5 and any score:\n")
    print(_bins(recalls))
    if args.json:
        print(f"\nkept in {keep(args.json, _values(args, outcomes))}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.accuracy", description="Average precision by the WIDER FACE protocol."
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=DATA / "wider_val_fullres", help="with annotations.json (%(default)s)"
    )
    parser.add_argument("--geometry", nargs="+", choices=GEOMETRIES, default=list(GEOMETRIES))
    parser.add_argument("--min-face-size", type=float, default=20, help="pixels (%(default)s)")
    parser.add_argument("--scale-factor", type=float, default=0.709, help="(%(default)s)")
    parser.add_argument("--thresholds", nargs=3, type=float, default=(0.6, 0.7, 0.7), help="(.6 .7 .7)")
    parser.add_argument("--inclusive", action="store_true", help="count each box a pixel wider, see wider.py")
    parser.add_argument("--json", metavar="NAME", help="keep the result in benchmarks/results/NAME.json")
    return parser.parse_args()


def recall_by_height(found: Mapping[str, Faces], marked: Mapping[str, Marked]) -> dict[tuple[float, float], list[int]]:
    """[found, marked] faces of the hard subset in each of `BINS`."""
    counts = {limits: [0, 0] for limits in BINS}
    for name, picture in marked.items():
        heights = picture.boxes[:, 3] - picture.boxes[:, 1]
        hit = hits(found[name], picture)
        for low, high in BINS:
            inside = picture.members["hard"] & (heights >= low) & (heights < high)
            counts[low, high][0] += int(np.count_nonzero(hit & inside))
            counts[low, high][1] += int(np.count_nonzero(inside))
    return counts


def _measure(args: argparse.Namespace, marked: Mapping[str, Marked], geometry: Geometry) -> Outcome:
    found: dict[str, Faces] = {}
    seconds = 0.0
    with _detector(args, geometry) as detector:
        for name in marked:
            pixels = load_rgb(args.folder / name)
            start = time.perf_counter()
            found[name] = detector.detect(pixels)
            seconds += time.perf_counter() - start
    return Outcome(found, seconds, evaluate(found, marked, inclusive=args.inclusive))


def _detector(args: argparse.Namespace, geometry: Geometry) -> MTCNN:
    return MTCNN(
        min_face_size=args.min_face_size,
        scale_factor=args.scale_factor,
        thresholds=args.thresholds,
        geometry=geometry,
    )


def _settings(args: argparse.Namespace) -> str:
    thresholds = " ".join(f"{value:g}" for value in args.thresholds)
    boxes = ", boxes a pixel wider" if args.inclusive else ""
    return f"min_face_size {args.min_face_size:g}, scale_factor {args.scale_factor:g}, thresholds {thresholds}{boxes}"


def _row(geometry: str, outcome: Outcome) -> tuple[str, ...]:
    precisions = [f"{value:.4f}" for value in outcome.precisions.values()]
    return geometry, *precisions, str(sum(map(len, outcome.found.values()))), f"{outcome.seconds:.2f}"


def _bins(recalls: Mapping[str, Mapping[tuple[float, float], list[int]]]) -> str:
    header = ("geometry", *(f"{low:g} up" if math.isinf(high) else f"{low:g} to {high:g}" for low, high in BINS))
    rows = [(geometry, *map(_share, counts.values())) for geometry, counts in recalls.items()]
    return table(header, rows)


def _share(counts: list[int]) -> str:
    found, marked = counts
    return f"{found}/{marked} ({found / marked:.1%})" if marked else "none marked"


def _values(args: argparse.Namespace, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    results = {
        geometry: {"average_precision": outcome.precisions, "seconds": outcome.seconds}
        for geometry, outcome in outcomes.items()
    }
    return {"folder": args.folder.name, "settings": _settings(args), "results": results}


if __name__ == "__main__":
    main()

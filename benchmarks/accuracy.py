"""Average precision by the WIDER FACE protocol, in both geometries: `python -m benchmarks.accuracy`.

The data folder holds few pictures, mostly of groups: compare detectors on the same pictures, never with published
figures. Time is that of detection alone, one picture after another, with the default threads; it includes no reading.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from benchmarks.data import DATA, load_rgb
from benchmarks.report import keep, table
from facecascade import MTCNN, AnnotationError, Faces
from facecascade.evaluate import (
    SUBSETS,
    Curve,
    Judged,
    Marked,
    SizeRecall,
    curve,
    judge,
    read_marked,
    recall_by_height,
    tally,
)
from facecascade.settings import Geometry

GEOMETRIES: Final[tuple[Geometry, ...]] = get_args(Geometry)


@dataclass(frozen=True, eq=False)
class Outcome:
    """One geometry on all pictures.

    Attributes:
        found: the faces of each picture.
        seconds: time to detect them all.
        judged: which face each detection belongs to, by the protocol.
    """

    found: Mapping[str, Faces]
    seconds: float
    judged: Mapping[str, Judged]

    @property
    def curves(self) -> dict[str, Curve]:
        """Of each subset."""
        return {subset: curve(tally(self.judged, subset)) for subset in SUBSETS}

    @property
    def precisions(self) -> dict[str, float]:
        """Average precision of each subset."""
        return {subset: curve.average_precision for subset, curve in self.curves.items()}


def main() -> None:
    """Run the measurement that the command line describes."""
    args = _arguments()
    marked = _marked(args.folder)
    outcomes = {geometry: _measure(args, marked, geometry) for geometry in args.geometry}
    print(f"{len(marked)} pictures of {args.folder.name}, {_settings(args)}\n")
    print(table(("geometry", *SUBSETS, "detections", "seconds"), [_row(g, o) for g, o in outcomes.items()]))
    recalls = {geometry: recall_by_height(outcome.judged, "hard") for geometry, outcome in outcomes.items()}
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
    parser.add_argument(
        "--inclusive", action="store_true", help="count each box a pixel wider, see facecascade.evaluate.wider"
    )
    parser.add_argument("--json", metavar="NAME", help="keep the result in benchmarks/results/NAME.json")
    return parser.parse_args()


def _marked(folder: Path) -> dict[str, Marked]:
    try:
        return read_marked(folder)
    except AnnotationError as error:
        raise SystemExit(f"{error}: name one on the command line") from None


def _measure(args: argparse.Namespace, marked: Mapping[str, Marked], geometry: Geometry) -> Outcome:
    found: dict[str, Faces] = {}
    seconds = 0.0
    with _detector(args, geometry) as detector:
        for name in marked:
            pixels = load_rgb(args.folder / name)
            start = time.perf_counter()
            found[name] = detector.detect(pixels)
            seconds += time.perf_counter() - start
    return Outcome(found, seconds, judge(found, marked, inclusive=args.inclusive))


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


def _bins(recalls: Mapping[str, Sequence[SizeRecall]]) -> str:
    header = ("geometry", *(one.label for one in next(iter(recalls.values()))))
    return table(header, [(geometry, *map(_share, bins)) for geometry, bins in recalls.items()])


def _share(size: SizeRecall) -> str:
    return "none marked" if size.share is None else f"{size.found}/{size.marked} ({size.share:.1%})"


def _values(args: argparse.Namespace, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    results = {
        geometry: {"average_precision": outcome.precisions, "seconds": outcome.seconds}
        for geometry, outcome in outcomes.items()
    }
    return {"folder": args.folder.name, "settings": _settings(args), "results": results}


if __name__ == "__main__":
    main()

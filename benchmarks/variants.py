"""What the choices of the sub-pixel geometry are worth: other windows, crops moved or grown, other filters.

    python -m benchmarks.variants

Runs the cascade from its stages in the core, with one choice changed at a time, on WIDER FACE pictures. Each picture
counts four times, see `benchmarks.jitter`. The intervals are of the difference to the default, 95 %, by bootstrap over
pictures; one that leaves out 0 would show on other pictures of this kind too. On sets with marked points it gives the
landmark error by the distance of the eyes, of each picture and its mirror image.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.cascade import Cascade, Variant
from benchmarks.data import DATA, load_rgb
from benchmarks.jitter import JITTER, Jittered
from benchmarks.report import table
from facecascade.evaluate import landmark_errors, read_marked
from facecascade.evaluate.bootstrap import difference_interval
from facecascade.evaluate.truth import Marked
from facecascade.evaluate.wider import Tally, curve, judge, tally
from facecascade.faces import MIRRORED_LANDMARKS

SETS: Final = ("wider_val_fullres", "wider_val_416")
LANDMARK_SETS: Final = ("helen348", "mtfl_80px", "dlib_faces")
SUBSETS: Final = ("easy", "medium", "hard")

VARIANTS: Final[Mapping[str, Variant]] = {
    "all as published: window 1 to 12, crops whole, no averages": Variant(
        first=1, last=12, rnet_size=1, onet_size=1, average=False, point=0
    ),
    "window 0 to 12": Variant(first=0, last=12),
    "window 1 to 12": Variant(first=1, last=12),
    "window 1 to 11.5": Variant(first=1),
    "window 1.25 to 12": Variant(last=12),
    "window 1.25 to 11": Variant(last=11),
    "window 1.5 to 11.5": Variant(first=1.5),
    "real scale": Variant(real_scale=True),
    "pyramid by Lanczos": Variant(pyramid="LANCZOS"),
    "pyramid by bicubic": Variant(pyramid="BICUBIC"),
    "R-Net's crops + .5 px": Variant(rnet_offset=0.5),
    "R-Net's crops whole": Variant(rnet_size=1),
    "R-Net's crops .94": Variant(rnet_size=0.94),
    "O-Net's crops + .5 px": Variant(onet_offset=0.5),
    "O-Net's crops whole": Variant(onet_size=1),
    "O-Net's crops .95": Variant(onet_size=0.95),
    "O-Net's crops .9": Variant(onet_size=0.9),
    "O-Net's crops by bicubic": Variant(onet_filter="BICUBIC"),
    "landmarks of the best box alone": Variant(average=False),
    "landmarks not moved to pixel centres": Variant(point=0),
}


def precision_rows(pictures: Jittered, cascade: Cascade) -> list[list[str]]:
    """A row a variant: change of average precision in each subset; first the default's own."""
    before = _tallies(pictures, cascade, Variant())
    rows = [["default", *(f"{curve(before[subset]).average_precision:.3f}" for subset in SUBSETS)]]
    for name, variant in VARIANTS.items():
        after = _tallies(pictures, cascade, variant)
        rows.append([name, *(change(before[subset], after[subset]) for subset in SUBSETS)])
    return rows


def _tallies(pictures: Jittered, cascade: Cascade, variant: Variant) -> dict[str, Tally]:
    judged = judge(pictures.detect(lambda picture: cascade.detect(picture, variant)), pictures.truth)
    return {subset: tally(judged, subset) for subset in SUBSETS}


def change(before: Tally, after: Tally) -> str:
    """Change of average precision with its 95 % interval."""
    interval = difference_interval(before, after)
    return f"{interval.value:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"


def landmark_rows(data: Path, cascade: Cascade) -> list[list[str]]:
    """A row a variant: NME of pictures / of their mirror images, and how many faces are not found."""
    variants = {"default": Variant(), **VARIANTS}
    return [[name, *(_landmarks(data / one, cascade, how) for one in LANDMARK_SETS)] for name, how in variants.items()]


def _landmarks(folder: Path, cascade: Cascade, variant: Variant) -> str:
    marked = read_marked(folder)
    pixels = {name: load_rgb(folder / name) for name in marked}
    mirrored = {name: np.ascontiguousarray(picture[:, ::-1]) for name, picture in pixels.items()}
    turned = {name: _mirrored(one, pixels[name].shape[1]) for name, one in marked.items()}
    errors = [
        landmark_errors({name: cascade.detect(picture, variant) for name, picture in pictures.items()}, truth)
        for pictures, truth in ((pixels, marked), (mirrored, turned))
    ]
    missed = sum(np.count_nonzero(~one.matched) for one in errors)
    return " / ".join(f"{one.by_eyes().mean:.4f}" for one in errors) + (f", {missed} missed" if missed else "")


def _mirrored(marked: Marked, width: int) -> Marked:
    if marked.landmarks is None:
        return marked
    points = marked.landmarks[:, MIRRORED_LANDMARKS] * [-1, 1] + [width - 1, 0]
    boxes = marked.boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [width, 0, width, 0]
    return replace(marked, boxes=boxes, landmarks=points)


def main() -> None:
    """Compare the variants, one set of pictures after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder that holds the sets (default: ../shared/data)")
    data = parser.parse_args().data
    cascade = Cascade()
    for name in SETS:
        pictures = Jittered(data / name)
        print(f"\n{name}, {len(pictures.truth)} pictures, each {len(JITTER)} times; AP and its change:\n")
        print(table(["variant", *SUBSETS], precision_rows(pictures, cascade)), flush=True)
    print("\nlandmark error by the distance of the eyes, pictures / mirror images:\n")
    print(table(["variant", *LANDMARK_SETS], landmark_rows(data, cascade)))


if __name__ == "__main__":
    main()

"""What more than one look at a picture is worth: mirror image, border, second size, box voting, soft suppression.

    python -m benchmarks.additions [--presets default thorough]

On WIDER FACE pictures, each counted four times (see `benchmarks.jitter`), the change of average precision against one
pass with 95 % intervals by bootstrap over pictures, and the expected calibration error (ECE) of the scores; on sets
with marked points the landmark error by the distance of the eyes. Time is that of detection, in plain passes; voting
and soft suppression run over the stages of the core in NumPy, and have none.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.cascade import Cascade, Variant
from benchmarks.data import DATA, Picture, load_rgb
from benchmarks.jitter import JITTER, Find, Jittered
from benchmarks.report import table
from benchmarks.variants import LANDMARK_SETS, SETS, SUBSETS, change
from facecascade import MTCNN, Faces, Settings
from facecascade.engines.reference import GEOMETRIES
from facecascade.evaluate import curve, iou, judge, judged_scores, landmark_errors, read_marked, reliability, tally
from facecascade.settings import PRESETS, Preset
from facecascade.views import merge

PLAIN: Final = Variant()
SECOND_SIZE: Final = 0.84
"""Half a level of the default pyramid, sqrt .709, so that the levels of one pass lie between those of the other."""
BORDER: Final = 0.1
VOTES: Final = 0.5
"""IoU above which a box votes."""
SIGMA: Final = 0.3
"""Of the Gaussian of soft suppression (Bodla et al., "Soft-NMS", ICCV 2017), the best of five kinds tried."""
LEAST_SCORE: Final = 0.05
"""Where soft suppression ends."""


@dataclass
class Timed:
    """A detector that counts its seconds."""

    find: Find
    seconds: float = field(default=0.0)

    def __call__(self, picture: Picture) -> Faces:
        """Faces of one picture."""
        start = time.perf_counter()
        found = self.find(picture)
        self.seconds += time.perf_counter() - start
        return found


def additions(settings: Settings) -> dict[str, Find]:
    """The plain detector first, then one for each addition."""
    plain = replace(settings, mirror=False, border=0)
    one = _detector(plain)
    cascade = Cascade(plain)
    return {
        "one pass": one,
        "mirror": _detector(replace(plain, mirror=True)),
        "border": _detector(replace(plain, border=BORDER)),
        "mirror and border": _detector(replace(plain, mirror=True, border=BORDER)),
        "second size": lambda picture: second_size(picture, one),
        "box voting": lambda picture: vote(cascade.passed(picture, PLAIN), cascade),
        "soft suppression": lambda picture: soften(cascade.passed(picture, PLAIN)),
    }


def second_size(picture: Picture, find: Find) -> Faces:
    """The mean of what is found in the picture and in a smaller copy of it, merged as mirror images are."""
    height, width = picture.shape[:2]
    size = round(width * SECOND_SIZE), round(height * SECOND_SIZE)
    found = find(np.array(Image.fromarray(picture).resize(size, Image.Resampling.BOX)))
    ratio = np.array([width / size[0], height / size[1]], np.float32)
    points = None if found.landmarks is None else found.landmarks * ratio
    back = Faces(found.boxes * np.tile(ratio, 2), found.scores, points)
    return merge(find(picture), back, geometry=GEOMETRIES["subpixel"])


def vote(passed: Faces, cascade: Cascade) -> Faces:
    """Each face as the mean, weighed by score, of all boxes of O-Net that overlap it, and of their points."""
    faces = passed[cascade.best(passed)]
    if not len(faces) or passed.landmarks is None:
        return faces
    weights = (iou(faces.boxes, passed.boxes) > VOTES) * passed.scores
    weights /= weights.sum(axis=1, keepdims=True)
    points = np.einsum("fp,pld->fld", weights, passed.landmarks)
    return Faces((weights @ passed.boxes).astype(np.float32), faces.scores, points.astype(np.float32))


def soften(passed: Faces) -> Faces:
    """Soft suppression: a box that overlaps a better one loses score, and stays."""
    scores: NDArray[np.float64] = passed.scores.astype(np.float64)
    overlap = iou(passed.boxes, passed.boxes)
    left = np.ones(len(scores), np.bool_)
    kept: list[int] = []
    while left.any() and scores[left].max() >= LEAST_SCORE:
        best = int(np.argmax(np.where(left, scores, -1)))
        left[best] = False
        kept.append(best)
        scores[left] *= np.exp(-(overlap[best, left] ** 2) / SIGMA)
    return Faces(passed.boxes, scores.astype(np.float32), passed.landmarks)[kept]


def precision_rows(pictures: Jittered, finders: Mapping[str, Find]) -> list[list[str]]:
    """A row an addition: change of AP in each subset, ECE, detections, time in plain passes."""
    rows: list[list[str]] = []
    for name, find in finders.items():
        timed = Timed(find)
        found = pictures.detect(timed)
        judged = judge(found, pictures.truth)
        tallies = {subset: tally(judged, subset) for subset in SUBSETS}
        if not rows:
            before, seconds = tallies, timed.seconds
            cells = [f"{curve(tallies[subset]).average_precision:.3f}" for subset in SUBSETS]
        else:
            cells = [change(before[subset], tallies[subset]) for subset in SUBSETS]
        error = reliability(*judged_scores(found, judged, "hard")).error
        passes = "" if name in ("box voting", "soft suppression") else f"{timed.seconds / seconds:.1f}"
        rows.append([name, *cells, f"{error:.3f}", str(sum(map(len, found.values()))), passes])
    return rows


def landmark_rows(data: Path, finders: Mapping[str, Find]) -> list[list[str]]:
    """A row an addition: NME and faces that are not found, of each set with marked points."""
    return [[name, *(_landmarks(data / folder, find) for folder in LANDMARK_SETS)] for name, find in finders.items()]


def main() -> None:
    """Compare the additions, one preset and one set of pictures after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder that holds the sets (default: ../shared/data)")
    parser.add_argument("--presets", nargs="+", choices=get_args(Preset), default=["default", "thorough"])
    args = parser.parse_args()
    for preset in args.presets:
        finders = additions(Settings(**PRESETS[preset]))
        for name in SETS:
            pictures = Jittered(args.data / name)
            print(f"\n{preset}, {name}, {len(pictures.truth)} pictures, each {len(JITTER)} times; AP and its change:\n")
            header = ["addition", *SUBSETS, "ECE", "detections", "passes"]
            print(table(header, precision_rows(pictures, finders)), flush=True)
        print(f"\n{preset}, landmark error by the distance of the eyes, and faces not found:\n")
        print(table(["addition", *LANDMARK_SETS], landmark_rows(args.data, finders)), flush=True)


def _detector(settings: Settings) -> Find:
    return MTCNN(**settings.to_dict()).detect


def _landmarks(folder: Path, find: Find) -> str:
    marked = read_marked(folder)
    errors = landmark_errors({name: find(load_rgb(folder / name)) for name in marked}, marked)
    return f"{errors.by_eyes().mean:.4f}, {np.count_nonzero(~errors.matched)}"


if __name__ == "__main__":
    main()

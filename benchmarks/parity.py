"""Does geometry="classic" find what mtcnn 0.1.1 finds? Ask `python -m benchmarks.parity`.

Both are given the same pixels. mtcnn cuts its boxes and landmarks to whole pixels, so `MTCNN.detect_faces`, which cuts
them in the same way, is compared. Faces are paired by falling IoU; a pair must reach an IoU of .5.

    --noface    the same on pictures without faces, in both geometries: what either finds there is false
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

import numpy as np

from benchmarks.data import DATA, Golden, load_rgb, read_golden, to_faces
from benchmarks.peers.mtcnn_form import common
from benchmarks.report import table, verdict
from facecascade import MTCNN, Faces
from facecascade.overlap import Floats, iou, match_greedily
from facecascade.settings import Geometry

SAME_FACE: Final = 0.5
"""Least IoU of two boxes of one face."""
DIFFERS: Final = 0.9
"""Pairs below this IoU are listed."""
LEAST_FOUND: Final = 0.99
LEAST_MEAN_IOU: Final = 0.98
MOST_LANDMARK_DISTANCE: Final = 0.01
MOST_EXTRA: Final = 0.01


@dataclass(frozen=True)
class Difference:
    """One face that is not the same in both."""

    picture: str
    kind: str
    box: tuple[float, ...]
    score: float
    overlap: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """One picture's faces, ours beside theirs.

    Attributes:
        golden: number of their faces.
        found: number of ours.
        overlaps: (n,) IoU of each pair.
        distances: (n,) mean distance of the pair's landmarks, as a share of the width of their box.
        differences: missing faces, extra faces, and pairs with an IoU below `DIFFERS`.
    """

    golden: int
    found: int
    overlaps: Floats
    distances: Floats
    differences: tuple[Difference, ...]


def main() -> int:
    """Run the comparison that the command line describes; 1 if a target is missed."""
    args = _arguments()
    pictures = args.pictures or DATA / ("photos_noface" if args.noface else "photos")
    record = "noface_mtcnn_0.1.1.json" if args.noface else "mtcnn_0.1.1.json"
    golden = read_golden(args.golden or DATA / "golden" / record)
    if args.noface:
        for geometry in get_args(Geometry):
            compared = compare_all(golden, pictures, geometry=geometry)
            print(f'## geometry="{geometry}"\n\n{_false_faces(compared)}\n\n{_listed(compared)}\n')
        return 0
    compared = compare_all(golden, pictures, geometry="classic")
    rows = _targets(compared)
    print(f"{table(('what', 'value', 'target', 'verdict'), rows)}\n\n{_listed(compared)}")
    return int("MISSED" in {row[-1] for row in rows})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.parity", description="Does the classic geometry find what mtcnn 0.1.1 finds?"
    )
    parser.add_argument("--golden", type=Path, help="mtcnn's results (default: in ../shared/data/golden)")
    parser.add_argument("--pictures", type=Path, help="folder of their pictures (default: in ../shared/data)")
    parser.add_argument("--noface", action="store_true", help="pictures without faces, both geometries")
    return parser.parse_args()


def compare_all(golden: Mapping[str, Golden], pictures: Path, *, geometry: Geometry) -> dict[str, Comparison]:
    """Detect in each picture and compare with its record.

    Raises:
        SystemExit: a picture has another size than the record says.
    """
    with MTCNN(geometry=geometry) as detector:
        return {name: _compare_one(detector, pictures / name, record) for name, record in golden.items()}


def compare(picture: str, ours: Faces, theirs: Faces) -> Comparison:
    """Pair the faces of one picture."""
    overlap = iou(theirs.boxes, ours.boxes)
    pairs = match_greedily(overlap, least=SAME_FACE)
    paired = {row for row, _ in pairs}, {column for _, column in pairs}
    differences = [_difference(picture, "missing", theirs, i, 0.0) for i in range(len(theirs)) if i not in paired[0]]
    differences += [_difference(picture, "extra", ours, i, 0.0) for i in range(len(ours)) if i not in paired[1]]
    differences += [_difference(picture, "moved", ours, j, overlap[i, j]) for i, j in pairs if overlap[i, j] < DIFFERS]
    overlaps = np.array([overlap[pair] for pair in pairs], np.float64)
    distances = np.array([_landmark_distance(ours, j, theirs, i) for i, j in pairs], np.float64)
    return Comparison(len(theirs), len(ours), overlaps, distances, tuple(differences))


def _compare_one(detector: MTCNN, path: Path, record: Golden) -> Comparison:
    pixels = load_rgb(path)
    if pixels.shape[:2] != record.size:
        raise SystemExit(f"expected {path.name} of size {record.size}, got {pixels.shape[:2]}: is it another picture?")
    return compare(path.name, to_faces(map(common, detector.detect_faces(pixels))), record.faces)


def _difference(picture: str, kind: str, faces: Faces, index: int, overlap: float) -> Difference:
    face = faces[index]
    return Difference(picture, kind, face.box, face.score, overlap)


def _landmark_distance(ours: Faces, mine: int, theirs: Faces, its: int) -> float:
    if ours.landmarks is None or theirs.landmarks is None:
        raise ValueError("expected faces with landmarks, got none")
    distance = np.linalg.norm(ours.landmarks[mine] - theirs.landmarks[its].astype(np.float64), axis=1)
    return float(distance.mean() / theirs[its].width)


def _targets(compared: Mapping[str, Comparison]) -> list[tuple[str, ...]]:
    golden = sum(one.golden for one in compared.values())
    found = sum(one.found for one in compared.values())
    overlaps = np.concatenate([one.overlaps for one in compared.values()])
    if not len(overlaps):
        raise SystemExit(f"expected some of mtcnn's {golden} faces, found none of them among {found}")
    distance = float(np.mean(np.concatenate([one.distances for one in compared.values()])))
    share, extra, mean = len(overlaps) / golden, (found - len(overlaps)) / golden, float(overlaps.mean())
    near = verdict(distance, limit=MOST_LANDMARK_DISTANCE, at_least=False)
    return [
        ("faces that mtcnn 0.1.1 finds", str(golden), "", ""),
        ("faces found", str(found), "", ""),
        ("of mtcnn's faces", f"{share:.2%}", ">= 99 %", verdict(share, limit=LEAST_FOUND, at_least=True)),
        ("mean IoU", f"{mean:.4f}", ">= .98", verdict(mean, limit=LEAST_MEAN_IOU, at_least=True)),
        ("least IoU", f"{overlaps.min():.4f}", "", ""),
        ("pairs with the very same box", f"{np.mean(overlaps == 1):.1%}", "", ""),
        ("mean landmark distance / box width", f"{distance:.3%}", "<= 1 %", near),
        ("extra faces", f"{extra:.2%}", "<= 1 %", verdict(extra, limit=MOST_EXTRA, at_least=False)),
    ]


def _false_faces(compared: Mapping[str, Comparison]) -> str:
    rows = [(name, one.golden, one.found) for name, one in compared.items()]
    rows.append(("all", sum(one.golden for one in compared.values()), sum(one.found for one in compared.values())))
    return table(("picture without faces", "mtcnn 0.1.1", "facecascade"), rows)


def _listed(compared: Mapping[str, Comparison]) -> str:
    differences = [difference for one in compared.values() for difference in one.differences]
    if not differences:
        return "No face differs."
    return table(("face that differs", "how", "box", "score", "IoU"), [_row(difference) for difference in differences])


def _row(difference: Difference) -> tuple[str, ...]:
    box = " ".join(f"{value:.0f}" for value in difference.box)
    overlap = f"{difference.overlap:.3f}" if difference.overlap else ""
    return difference.picture, difference.kind, box, f"{difference.score:.4f}", overlap


if __name__ == "__main__":
    sys.exit(main())

"""What becomes of the faces when JPEGs are decoded at a part of their size: `report`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.decoding.decoders import draft
from benchmarks.report import table
from facecascade.detector import MTCNN
from facecascade.faces import Faces
from facecascade.overlap import iou, match_greedily

PARTS: Final = {40: 2, 60: 4, 120: 8}
"""The part of its size that a picture may be decoded at, by min_face_size: P-Net's first level is smaller still."""
SAME: Final = 0.5
HEADER: Final = (
    "min_face_size",
    "decoded at",
    "faces",
    "scaled",
    "in common",
    "box, median",
    "box, 95 %",
    "score, 95 %",
)


@dataclass(frozen=True)
class Change:
    """One picture, whole and scaled.

    Attributes:
        whole: number of faces found in it.
        scaled: number of faces found in the smaller one.
        boxes: for each face in common, by how much an edge moved, at the most, as a share of the width, (n,).
        scores: for each of them, by how much its score changed, (n,).
    """

    whole: int
    scaled: int
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]


def report(paths: list[Path], *, threads: int) -> str:
    """A row for each least face that allows a smaller picture."""
    rows = []
    for least, part in PARTS.items():
        changes = list(_changes(paths, least, part, threads))
        boxes, scores = (np.concatenate([getattr(one, name) for one in changes]) for name in ("boxes", "scores"))
        counts = [sum(getattr(one, name) for one in changes) for name in ("whole", "scaled")]
        moved = [f"{np.quantile(boxes, q):.1%}" if len(boxes) else "" for q in (0.5, 0.95)]
        scored = f"{np.quantile(scores, 0.95):.3f}" if len(scores) else ""
        rows.append((str(least), f"1/{part}", *map(str, counts), str(len(boxes)), *moved, scored))
    return f"{len(paths)} JPEGs as they are\n\n{table(HEADER, rows)}\n\nbox: how far an edge moved, of the box's width"


def change(whole: Faces, scaled: Faces) -> Change:
    """What differs between two results in the same frame."""
    pairs = np.array(match_greedily(iou(whole.boxes, scaled.boxes), least=SAME), np.intp).reshape(-1, 2)
    before, after = whole[pairs[:, 0]], scaled[pairs[:, 1]]
    width = before.boxes[:, 2] - before.boxes[:, 0]
    moved = np.abs(before.boxes - after.boxes).max(1, initial=0) / width
    return Change(len(whole), len(scaled), moved.astype(float), np.abs(before.scores - after.scores).astype(float))


def _changes(paths: list[Path], least: int, part: int, threads: int) -> Iterator[Change]:
    with (
        MTCNN(min_face_size=least, threads=threads) as usual,
        MTCNN(min_face_size=least / part, threads=threads) as smaller,
    ):
        for path in paths:
            data = path.read_bytes()
            pixels, reduced = draft(data, 1), draft(data, part)
            found = smaller.detect(reduced)
            yield change(usual.detect(pixels), Faces(found.boxes * np.float32(part), found.scores))

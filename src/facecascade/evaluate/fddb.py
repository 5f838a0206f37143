"""The FDDB protocol: true positive rate against false positives, discrete and continuous.

Source: Jain and Learned-Miller, "FDDB: A Benchmark for Face Detection in Unconstrained Settings", technical report
UM-CS-2010-009, University of Massachusetts, 2010, section 5.

1. Marked faces are ellipses, detections ellipses or rectangles. Overlap is the area of the intersection over that of
   the union. It is the area itself here, where the authors' program counts pixels: an overlap that it puts within a few
   thousandths of .5 may fall on the other side here.
2. For each score of each picture, the detections with at least that score are matched with the faces, one to one, such
   that the sum of the overlaps is greatest (Hungarian method). A higher threshold is a new matching, not a part of one.
3. Discrete score: 1 for a face whose partner overlaps it by more than .5. Continuous score: the overlap of each pair.
   Both are sums over all pictures, divided by the number of marked faces.
4. False positives are the detections without such a partner: all of them less the discrete sum. Both curves are over
   this number.

An ellipse is a row of five numbers, as in the files: longer radius, shorter radius, angle of the longer one to the x
axis in radians, clockwise as seen on the screen, and the centre x, y; in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError
from facecascade.evaluate.blocks import read_blocks
from facecascade.evaluate.detections import Regions
from facecascade.extras import load

Floats = NDArray[np.float64]

LEAST_OVERLAP: Final = 0.5
"""A pair must overlap by more to be a hit of the discrete score."""
FALSE_POSITIVES: Final = (100, 500, 1000, 2000)
"""Where papers read the curves."""
LINES, WEIGHTS = np.polynomial.legendre.leggauss(128)
"""Horizontal lines, from -1 to 1 over the height of an area, that its width is summed over; exact to about 1e-5."""


@dataclass(frozen=True, eq=False)
class Roc:
    """True positive rates by falling score.

    Attributes:
        scores: (k,) distinct scores of the whole set, best first.
        false_positives: (k,) at this score and above, in all pictures.
        discrete: (k,) share of the faces that are hit, 0 to 1.
        continuous: (k,) overlap summed over pairs and divided by the number of faces, 0 to 1.
        faces: number of marked faces.
    """

    scores: Floats
    false_positives: Floats
    discrete: Floats
    continuous: Floats
    faces: int

    def discrete_at(self, false_positives: float) -> float:
        """Best discrete rate with at most so many false positives; 0 where there is none."""
        return float(np.max(self.discrete[self.false_positives <= false_positives], initial=0.0))

    def continuous_at(self, false_positives: float) -> float:
        """Best continuous rate with at most so many false positives; 0 where there is none."""
        return float(np.max(self.continuous[self.false_positives <= false_positives], initial=0.0))


def read_ellipses(path: Path) -> dict[str, Floats]:
    """The marked ellipses of each picture, (n, 5), from one `FDDB-fold-XX-ellipseList.txt` or a folder of them.

    Raises:
        AnnotationError: a file is missing or broken; the message names it.
    """
    files = sorted(path.rglob("*ellipseList.txt")) if path.is_dir() else [path]
    if not files:
        raise AnnotationError(f"{path}: expected files called FDDB-fold-XX-ellipseList.txt, got none")
    marked: dict[str, Floats] = {}
    for file in files:
        for block in read_blocks(file):
            if len(block.rows) and block.rows.shape[1] < 5:
                raise AnnotationError(f"{file}, {block.name}: expected 5 numbers a face, got {block.rows.shape[1]}")
            marked[block.name] = block.rows[:, :5] if len(block.rows) else np.zeros((0, 5))
    return marked


def roc(found: Mapping[str, Regions], marked: Mapping[str, Floats]) -> Roc:
    """Both curves.

    Args:
        found: the detections in each picture, by name.
        marked: (n, 5) ellipses of the same pictures, by the same names.

    Raises:
        AnnotationError: the two do not name the same pictures.
        MissingExtra: SciPy is not installed.
    """
    if found.keys() != marked.keys():
        differing = sorted(found.keys() ^ marked.keys())
        raise AnnotationError(
            f"expected the same pictures in both, got {len(differing)} in one, such as {differing[0]!r}"
        )
    gains = np.concatenate([np.zeros((0, 4)), *(_gains(found[name], marked[name]) for name in marked)])
    gains = gains[np.argsort(-gains[:, 0], kind="stable")]
    detections, discrete, continuous = np.cumsum(gains[:, 1:], axis=0).T
    scores = gains[:, 0]
    last = np.append(scores[1:] != scores[:-1], True)[: len(scores)]  # equal scores are one threshold
    faces = sum(len(ellipses) for ellipses in marked.values())
    rates = np.stack([discrete, continuous])[:, last] / max(faces, 1)
    return Roc(scores[last], (detections - discrete)[last], rates[0], rates[1], faces)


def hits(found: Regions, ellipses: Floats) -> NDArray[np.intp]:
    """(n,) the face that each detection hits when all detections count; -1 for none."""
    partner = np.full(len(found.scores), -1)
    if len(found.scores) and len(ellipses):
        table = overlaps(found.shapes, ellipses)
        rows, columns = match(table)
        good = table[rows, columns] > LEAST_OVERLAP
        partner[rows[good]] = columns[good]
    return partner


def match(table: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the one-to-one matching with the greatest sum of overlaps.

    Raises:
        MissingExtra: SciPy is not installed.
    """
    optimize = load("scipy.optimize", feature="the FDDB protocol", extra="evaluate")
    rows, columns = optimize.linear_sum_assignment(table, maximize=True)
    return rows, columns


def overlaps(first: Floats, second: Floats) -> Floats:
    """(n, m) intersection over union of regions: (n, 4) rectangles or (n, 5) ellipses with (m, 4) or (m, 5)."""
    tops, bottoms = (
        choose(a[:, None], b[None])
        for choose, a, b in zip((np.maximum, np.minimum), _rows(first), _rows(second), strict=True)
    )
    half = np.maximum(bottoms - tops, 0) / 2
    y = ((tops + bottoms) / 2)[..., None] + half[..., None] * LINES  # (n, m, lines)
    left_a, right_a = _chords(first[:, None, None, :], y)
    left_b, right_b = _chords(second[None, :, None, :], y)
    common = np.maximum(np.minimum(right_a, right_b) - np.maximum(left_a, left_b), 0)
    intersection = half * np.sum(common * WEIGHTS, axis=-1)
    union = _area(first)[:, None] + _area(second)[None] - intersection
    ratio: Floats = np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)
    return ratio


def bounds(shapes: Floats) -> Floats:
    """(n, 4) x1 y1 x2 y2 around each region."""
    if shapes.shape[1] == 4:
        return shapes
    tops, bottoms = _rows(shapes)
    long, short, angle, x = shapes[:, 0], shapes[:, 1], shapes[:, 2], shapes[:, 3]
    half = np.hypot(long * np.cos(angle), short * np.sin(angle))
    return np.stack([x - half, tops, x + half, bottoms], axis=1)


def _gains(found: Regions, ellipses: Floats) -> Floats:
    """(distinct scores, 4): the score, and what it adds to detections, to the discrete and to the continuous sum."""
    order = np.argsort(-found.scores, kind="stable")
    scores = found.scores[order]
    table = overlaps(found.shapes[order], ellipses)
    near = np.flatnonzero(table.any(axis=1))  # the others change no matching
    ends = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)[: len(scores)]) + 1
    sums = np.zeros((len(ends), 3))
    pairs, matched = np.zeros(0), 0
    for place, (end, count) in enumerate(zip(ends.tolist(), np.searchsorted(near, ends).tolist(), strict=True)):
        if count > matched:
            part, matched = table[near[:count]], count
            pairs = part[match(part)]
        sums[place] = end, np.count_nonzero(pairs > LEAST_OVERLAP), pairs.sum()
    return np.concatenate([scores[ends - 1][:, None], np.diff(sums, axis=0, prepend=0.0)], axis=1)


def _rows(shapes: Floats) -> tuple[Floats, Floats]:
    """Top and bottom of each region."""
    if shapes.shape[1] == 4:
        return shapes[:, 1], shapes[:, 3]
    half = np.hypot(shapes[:, 0] * np.sin(shapes[:, 2]), shapes[:, 1] * np.cos(shapes[:, 2]))
    return shapes[:, 4] - half, shapes[:, 4] + half


def _area(shapes: Floats) -> Floats:
    if shapes.shape[1] == 4:
        sides = np.maximum(shapes[:, 2:] - shapes[:, :2], 0)
        return sides[:, 0] * sides[:, 1]
    return np.pi * shapes[:, 0] * shapes[:, 1]


def _chords(shapes: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Where the line at each y enters and leaves a region that it meets."""
    if shapes.shape[-1] == 4:
        return shapes[..., 0], shapes[..., 2]
    long, short, angle, centre_x, centre_y = np.moveaxis(shapes, -1, 0)
    # The ellipse as a x^2 + b x dy + c dy^2 = 1 around its centre, solved for x.
    cos, sin = np.cos(angle), np.sin(angle)
    a = (cos / long) ** 2 + (sin / short) ** 2
    b = 2 * cos * sin * (1 / long**2 - 1 / short**2)
    c = (sin / long) ** 2 + (cos / short) ** 2
    dy = y - centre_y
    root = np.sqrt(np.maximum((b * dy) ** 2 - 4 * a * (c * dy**2 - 1), 0))
    return centre_x + (-b * dy - root) / (2 * a), centre_x + (-b * dy + root) / (2 * a)

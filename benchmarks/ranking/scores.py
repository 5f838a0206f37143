"""How right a detector is on one set of pictures: `PictureSet` and `Score`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facecascade.evaluate import (
    SUBSETS,
    Interval,
    LandmarkErrors,
    Marked,
    Rule,
    Tally,
    curve,
    judge,
    landmark_errors,
    read_marked,
    tally,
)
from facecascade.evaluate.bootstrap import mean_difference_interval
from facecascade.faces import Faces

RULES: Final[dict[str, Rule | None]] = {
    "wider_val_fullres": None,
    "wider_val_416": None,
    "dlib_faces": "overlap",
    "helen348": "centre",
    "mtfl_80px": "centre",
}
"""Which detection belongs to which face in each set of landmarks; None for WIDER FACE, which has its own protocol."""


@dataclass(frozen=True, eq=False)
class PictureSet:
    """Pictures with marked faces.

    Attributes:
        name: of the folder.
        rule: see `RULES`.
        marked: the faces of each picture, by its path in the folder.
    """

    name: str
    rule: Rule | None
    marked: Mapping[str, Marked]

    @classmethod
    def read(cls, folder: Path) -> PictureSet:
        """The set in a folder, which bears one of the names of `RULES`."""
        return cls(folder.name, RULES[folder.name], read_marked(folder))


@dataclass(frozen=True, eq=False)
class Score:
    """One detector on one set.

    Attributes:
        detections: number of faces that it returned.
        found: number of the marked faces that it found.
        marked: number of faces that recall counts: those of the hard subset, or all.
        tallies: what each subset of WIDER FACE counts; empty for the other sets.
        errors: of the landmarks; None for WIDER FACE.
    """

    detections: int
    found: int
    marked: int
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    errors: LandmarkErrors | None = None

    @property
    def recall(self) -> float:
        """Share of the marked faces that are found; 0 where none is marked."""
        return self.found / max(self.marked, 1)

    @property
    def precisions(self) -> dict[str, float]:
        """Average precision of each subset."""
        return {subset: curve(one).average_precision for subset, one in self.tallies.items()}


Scores = Mapping[str, Score]
"""By detector."""


def measure(found: Mapping[str, Faces], pictures: PictureSet) -> Score:
    """Score what a detector found in each picture of a set, by the names of the set."""
    detections = sum(map(len, found.values()))
    if pictures.rule is not None:
        errors = landmark_errors(found, pictures.marked, rule=pictures.rule)
        return Score(detections, int(errors.matched.sum()), len(errors.matched), errors=errors)
    judged = judge(found, pictures.marked)
    hard = [(one.found(), one.marked.members["hard"]) for one in judged.values()]
    hits = sum(int((hit & counted).sum()) for hit, counted in hard)
    tallies = {subset: tally(judged, subset) for subset in SUBSETS}
    return Score(detections, hits, sum(int(counted.sum()) for _, counted in hard), tallies=tallies)


def errors_of(scores: Mapping[str, Score]) -> dict[str, LandmarkErrors]:
    """The landmark errors of the detectors, by name; without those that were scored on a set without landmarks."""
    return {name: one.errors for name, one in scores.items() if one.errors is not None}


def found_by_all(errors: Iterable[LandmarkErrors]) -> NDArray[np.bool_]:
    """(n,) which of the marked faces every detector found, with eyes apart so that the error is defined."""
    found: NDArray[np.bool_] = np.logical_and.reduce([np.isfinite(one.by_eyes().faces) for one in errors])
    return found


def nme(errors: LandmarkErrors, chosen: NDArray[np.bool_]) -> float:
    """Landmark error by the distance of the eyes over the chosen faces; NaN where one of them is not found."""
    faces = errors.by_eyes().faces[chosen]
    return float(faces.mean()) if len(faces) else float("nan")


def nme_difference(first: LandmarkErrors, second: LandmarkErrors, chosen: NDArray[np.bool_]) -> Interval | None:
    """NME of `second` minus that of `first` over the chosen faces, which both found; None where there is none."""
    if not chosen.any():
        return None
    pictures = [name for name, keep in zip(first.pictures, chosen, strict=True) if keep]
    return mean_difference_interval(first.by_eyes().faces[chosen], second.by_eyes().faces[chosen], pictures)

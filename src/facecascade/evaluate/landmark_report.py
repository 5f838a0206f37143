"""Landmark error from detections to a `Result`: for one detector, or for several on the same pictures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from facecascade.evaluate import plots
from facecascade.evaluate.exhibits import missed_landmarks, worst_landmarks
from facecascade.evaluate.landmarks import Errors, LandmarkErrors, Rule, landmark_errors
from facecascade.evaluate.result import Result, Table
from facecascade.evaluate.truth import Marked
from facecascade.faces import LANDMARK_NAMES, Faces

NORMS: Final = {"eyes": "distance of the eyes", "box": "size of the box"}
"""What errors are divided by."""


def measure_landmarks(
    found: Mapping[str, Mapping[str, Faces]], marked: Mapping[str, Marked], *, rule: Rule = "centre"
) -> Result:
    """Normalised mean error, failures and cumulative error distribution of each detector.

    Args:
        found: what each detector found, by its name, then by picture; the mistakes of the first are the galleries.
        marked: the marked faces of the same pictures.
        rule: which detection belongs to which face, see `landmarks`.

    Raises:
        AnnotationError: detections and annotations do not name the same pictures, or have no landmarks.
    """
    errors = {name: landmark_errors(faces, marked, rule=rule) for name, faces in found.items()}
    base = next(iter(found))
    return Result(
        (_overview(errors), _points(errors)),
        {
            "protocol": "landmarks",
            "rule": rule,
            "pictures": len(marked),
            "detectors": {name: _values(one) for name, one in errors.items()},
        },
        {
            f"cumulative-error-{norm}": partial(
                plots.cumulative_error,
                {name: _normed(one, norm) for name, one in errors.items()},
                title="Cumulative error of the landmarks",
                by=by,
            )
            for norm, by in NORMS.items()
        },
        {
            "worst-landmarks": worst_landmarks(found[base], marked, errors[base]),
            "misses": missed_landmarks(found[base], marked, errors[base]),
        },
    )


def _normed(errors: LandmarkErrors, norm: str) -> Errors:
    return errors.by_eyes() if norm == "eyes" else errors.by_size()


def _overview(errors: Mapping[str, LandmarkErrors]) -> Table:
    header = ("detector", "by", "NME", "failures", "AUC", "failures with missed", "AUC with missed", "found")
    rows = tuple(
        (name, norm, *_cells(_normed(one, norm)), f"{np.count_nonzero(one.matched)}/{len(one.matched)}")
        for name, one in errors.items()
        for norm in NORMS
    )
    return Table("Landmark error of the faces that are found; limit .1", header, rows)


def _cells(errors: Errors) -> tuple[str, ...]:
    return (
        f"{errors.mean:.4f}",
        f"{errors.failures():.1%}",
        f"{errors.area():.4f}",
        f"{errors.failures(missed=True):.1%}",
        f"{errors.area(missed=True):.4f}",
    )


def _points(errors: Mapping[str, LandmarkErrors]) -> Table:
    rows = tuple(
        (name, norm, *(f"{value:.4f}" for value in _normed(one, norm).by_point))
        for name, one in errors.items()
        for norm in NORMS
    )
    names = (name.replace("_", " ") for name in LANDMARK_NAMES)
    return Table("Mean error of each point", ("detector", "by", *names), rows)


def _values(errors: LandmarkErrors) -> dict[str, Any]:
    return {
        "faces": len(errors.matched),
        "found": int(np.count_nonzero(errors.matched)),
        "missed": int(np.count_nonzero(~errors.matched)),
        **{norm: _numbers(_normed(errors, norm)) for norm in NORMS},
    }


def _numbers(errors: Errors) -> dict[str, Any]:
    return {
        "nme": errors.mean,
        "by_point": dict(zip(LANDMARK_NAMES, errors.by_point, strict=True)),
        "failures": errors.failures(),
        "auc": errors.area(),
        "failures_with_missed": errors.failures(missed=True),
        "auc_with_missed": errors.area(missed=True),
        "faces": errors.faces.tolist(),
    }

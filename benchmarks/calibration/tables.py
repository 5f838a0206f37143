"""The measured parts of the page, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration.recipes import Choice
from benchmarks.calibration.runs import SUBSET, Run
from benchmarks.calibration.stages import LAST, StageCost
from benchmarks.report import table
from facecascade.evaluate import OperatingPoints, Reliability, iou, reliability
from facecascade.evaluate.operating import SIZES
from facecascade.evaluate.operating_report import size_label
from facecascade.settings import Settings

RANGES: Final = (0.01, 0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Edges of scores: narrow where most faces are."""
STEPS: Final = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Thresholds of the last stage in the tables."""

USUAL: Final = Settings().thresholds[-1]
NEAR: Final = 0.2
"""Overlap from which a false face is a marked one that was badly placed, not something else."""

Array = NDArray[np.float64]


def ranges(*runs: Run) -> str:
    """Share of faces among the detections of each range of scores, and the expected calibration error."""
    found = [reliability(*run.scores, bins=RANGES) for run in runs]
    header = ["score"]
    for run in runs:
        header += [f"{run.name}: detections", "mean score", "are faces (95 %)"]
    rows = [
        [f"{low:g} to {high:g}", *(cell for one in found for cell in _range(one, place))]
        for place, (low, high) in enumerate(pairwise(RANGES))
    ]
    errors = [f"{_error(run, 0.0):.3f} at {run.name}, {_error(run, 0.7):.3f} from .7 up" for run in runs]
    return f"{table(header, rows)}\n\nExpected calibration error in ten bins: {'; '.join(errors)}."


def thresholds(*runs: Run) -> str:
    """Precision, recall and false faces of all sizes."""
    header, columns = ["threshold"], []
    for run in runs:
        header += [f"{run.name}: precision", "recall", "false per picture"]
        columns += _columns(run.points(STEPS))
    rows = ((f"{step:g}", *cells) for step, *cells in zip(STEPS, *columns, strict=True))
    sets = "; ".join(
        f"{run.name}: {len(run.found)} pictures of {run.pixels / len(run.found) / 1e6:.2f} megapixels on average, "
        f"{run.marked} marked faces"
        for run in runs
    )
    placed = "; ".join(f"{run.name}: {_misplaced(run)}" for run in runs)
    return (
        f"{table(header, rows)}\n\n{sets[0].upper()}{sets[1:]}.\n\n"
        f"False from {USUAL:g} up, and those of them that overlap a marked face by an IoU of {NEAR:g} to .5: {placed}."
    )


def sizes(run: Run) -> str:
    """Precision, recall and false faces by height: a table for each."""
    parts = []
    for label, low, high in sized_limits():
        points = run.points(STEPS, low=low, high=high)
        rows = ((f"{step:g}", *cells) for step, *cells in zip(STEPS, *_columns(points), strict=True))
        marked = f"{points.marked.sum()} marked in {np.count_nonzero(points.marked)} pictures"
        header = (f"faces {label}, {marked}", "precision", "recall", "false per picture")
        parts.append(table(header, rows))
    return "\n\n".join(parts)


def sized_limits() -> list[tuple[str, float, float]]:
    """Label, least height and height to stay below, of each size."""
    return [(size_label(low, high), low, high) for low, high in pairwise(SIZES)]


def without_faces(run: Run) -> str:
    """False faces where there are none."""
    points = run.points(STEPS)
    header = ("threshold", "false faces", "pictures with any", f"per picture, of {len(run.found)}", "per megapixel")
    wrong = points.wrong
    rows = [
        (
            f"{step:g}",
            int(wrong[:, place].sum()),
            int(np.count_nonzero(wrong[:, place])),
            f"{points.false_per_picture[place]:.2f}",
            f"{wrong[:, place].sum() / run.pixels * 1e6:.2f}",
        )
        for place, step in enumerate(STEPS)
    ]
    return table(header, rows)


def recipes(choices: Iterable[Choice]) -> str:
    """The cheapest threshold of each recipe."""
    header = ("recipe", "threshold", "in 95 % of resamples", "recall", "precision", "missed", "false", "price")
    return table(header, [_recipe(one) for one in choices])


def stages(costs: Sequence[StageCost]) -> str:
    """What the first two thresholds cost and bring."""
    header = ["P-Net", "R-Net", "smallest face", "to R-Net", "to O-Net", "time"]
    for step in LAST:
        header += [f"recall at {step:g}", "false per picture"]
    return table(header, [_stage(one) for one in costs])


def _misplaced(run: Run) -> str:
    """How many of the false faces lie on a marked one, but not well enough."""
    wrong, near = 0, 0
    for name, picture in run.judged.items():
        scores = run.found[name].scores[picture.order]
        chosen = picture.order[picture.counted(SUBSET) & ~picture.right(SUBSET) & (scores >= USUAL)]
        overlap = iou(run.found[name].boxes[chosen].astype(np.float64), picture.marked.boxes)
        wrong += len(chosen)
        near += int(np.count_nonzero(overlap.max(axis=1, initial=0.0) >= NEAR))
    return f"{wrong}, {near}"


def _error(run: Run, low: float) -> float:
    """Expected calibration error of the scores from `low` up."""
    scores, true = run.scores
    kept = scores >= low
    return reliability(scores[kept], true[kept]).error


def _range(one: Reliability, place: int) -> tuple[str, str, str]:
    if not one.count[place]:
        return "0", "", ""
    low, high = one.interval()
    share = _percent(one.share[place], (low[place], high[place]))
    return str(one.count[place]), f"{one.mean_score[place]:.3f}", share


def _columns(points: OperatingPoints) -> list[list[str]]:
    bands = points.bands()
    return [
        _cells(points.precision, bands["precision"], _percent),
        _cells(points.recall, bands["recall"], _percent),
        _cells(points.false_per_picture, bands["false_per_picture"], _number),
    ]


def _cells(values: Array, band: tuple[Array, Array], form: Any) -> list[str]:
    return [form(value, (low, high)) for value, low, high in zip(values, *band, strict=True)]


def _percent(value: float, ends: tuple[float, float]) -> str:
    return "" if math.isnan(value) else f"{value:.0%} ({ends[0]:.0%} to {ends[1]:.0%})".replace("%", " %")


def _number(value: float, ends: tuple[float, float]) -> str:
    return f"{value:.2f} ({ends[0]:.2f} to {ends[1]:.2f})"


def _recipe(one: Choice) -> tuple[str, ...]:
    recipe = one.recipe
    return (
        recipe.name,
        f"{one.threshold:g}",
        f"{one.likely[0]:g} to {one.likely[1]:g}",
        f"{one.recall:.0%}".replace("%", " %"),
        f"{one.precision:.0%}".replace("%", " %"),
        f"{one.missed:.2f}",
        f"{one.false:.2f}",
        f"{one.against:.2f}",
    )


def _stage(one: StageCost) -> tuple[str, ...]:
    cells = [*one.label, f"{one.proposals:.0f}", f"{one.refined:.0f}", f"{one.ratio:.2f}"]
    for place in range(len(LAST)):
        cells += [f"{one.points.recall[place]:.1%}".replace("%", " %"), f"{one.points.false_per_picture[place]:.2f}"]
    return tuple(cells)

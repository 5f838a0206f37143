"""What each threshold gives, as a table, as values by size, and as a plot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from facecascade.evaluate import plots
from facecascade.evaluate.operating import SIZES, Band, OperatingPoints, operating_points
from facecascade.evaluate.result import Table
from facecascade.evaluate.wider import Judged
from facecascade.faces import Faces

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALL_SIZES: Final = "all"
FINE: Final = 200
"""Steps of a plot."""


@dataclass(frozen=True, eq=False)
class Operating:
    """What each threshold gives with one detector.

    Attributes:
        sizes: by the size of the faces, all of them first.
        fine: the same of all faces, at the many thresholds of a plot.
        rounds: resamples for intervals; 0 for none.
    """

    sizes: Mapping[str, OperatingPoints]
    fine: OperatingPoints
    rounds: int

    @property
    def values(self) -> dict[str, Any]:
        """Plain numbers by size."""
        return {size: _values(points, self.rounds) for size, points in self.sizes.items()}

    def table(self, name: str) -> Table:
        """Of all faces, with intervals if they are wanted."""
        points = self.sizes[ALL_SIZES]
        bands = points.bands(rounds=self.rounds) if self.rounds else {}
        columns = [
            _cells(points.precision, bands.get("precision"), "{:.0%}"),
            _cells(points.recall, bands.get("recall"), "{:.0%}"),
            _cells(points.false_per_picture, bands.get("false_per_picture"), "{:.2f}"),
        ]
        rows = [(f"{threshold:g}", *cells) for threshold, *cells in zip(points.thresholds, *columns, strict=True)]
        title = f"What each threshold gives with {name}; in brackets 95 % intervals"
        return Table(title, ("threshold", "precision", "recall", "false per picture"), tuple(rows))


def measure_operating(
    found: Mapping[str, Faces], judged: Mapping[str, Judged], subset: str, *, rounds: int
) -> Operating:
    """What each threshold gives with one detector, for all faces of a subset and by their height in `SIZES`."""
    sizes = {ALL_SIZES: operating_points(found, judged, subset)}
    for low, high in pairwise(SIZES):
        sizes[size_label(low, high)] = operating_points(found, judged, subset, low=low, high=high)
    steps = fine_thresholds(sizes[ALL_SIZES].thresholds[0])
    return Operating(sizes, operating_points(found, judged, subset, thresholds=steps), rounds)


def size_label(low: float, high: float) -> str:
    """Such as "below 20 px", "20 to 40 px" or "40 px up"."""
    if math.isinf(high):
        return f"{low:g} px up"
    return f"{low:g} to {high:g} px" if low > 0 else f"below {high:g} px"


def fine_thresholds(low: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(201,) thresholds of a plot, from `low` to just below 1."""
    return np.linspace(low, 0.9999, FINE + 1)


def threshold_figure(points: Mapping[str, Operating]) -> Figure:
    """A column for each detector."""
    rounds = next(iter(points.values())).rounds
    return plots.operating({n: one.fine for n, one in points.items()}, title="What each threshold gives", rounds=rounds)


def _values(points: OperatingPoints, rounds: int) -> dict[str, Any]:
    names = ("precision", "recall", "false_per_picture")
    values: dict[str, Any] = {"thresholds": points.thresholds.tolist(), "marked": int(points.marked.sum())}
    values |= {name: getattr(points, name).tolist() for name in names}
    if rounds:
        bands = points.bands(rounds=rounds)
        values["interval"] = {name: [end.tolist() for end in bands[name]] for name in names}
    return values


def _cells(values: np.ndarray[Any, np.dtype[np.float64]], band: Band | None, form: str) -> list[str]:
    """Such as "84% (78% to 90%)"; empty where there is no value."""
    if band is None:
        return ["" if math.isnan(value) else form.format(value) for value in values.tolist()]
    triples = zip(values.tolist(), *(end.tolist() for end in band), strict=True)
    return ["" if math.isnan(v) else f"{form} ({form} to {form})".format(v, low, high) for v, low, high in triples]

"""One quantity that grows, and what happens to the time: `Series`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from benchmarks.report import table

CLIFF: Final = 1.3
"""A slope above it is more than noise and fixed costs explain, where the work is one with the quantity."""
SQUARE: Final = 2.1
"""The same where the work is one with its square."""


@dataclass(frozen=True)
class Series:
    """Measured points of one quantity, the least first.

    Attributes:
        title: for the table and the plot.
        quantity: what grows, with its unit.
        cliff: slope above which a step is pointed out.
        points: (quantity, milliseconds).
        columns: further columns for the table, by header, with a cell for each point.
    """

    title: str
    quantity: str
    points: list[tuple[float, float]]
    cliff: float = CLIFF
    columns: dict[str, list[str]] = field(default_factory=dict)

    def slopes(self) -> list[float]:
        """Between neighbours, the growth of the logarithm of the time by that of the quantity; NaN from zero."""
        return [_slope(*low, *high) for low, high in pairwise(self.points)]

    def cliffs(self) -> list[str]:
        """A line for each step that grows faster than it should."""
        steps = zip(pairwise(self.points), self.slopes(), strict=True)
        return [
            f"CLIFF: from {low[0]:g} to {high[0]:g} {self.quantity} the time grows with a slope of {slope:.2f}"
            for (low, high), slope in steps
            if slope > self.cliff
        ]

    def report(self) -> str:
        """A table of the points and their slopes, and the cliffs."""
        slopes = ["", *("" if math.isnan(slope) else f"{slope:.2f}" for slope in self.slopes())]
        rows = [
            (f"{x:g}", *(cells[i] for cells in self.columns.values()), f"{y:.4g}", slopes[i])
            for i, (x, y) in enumerate(self.points)
        ]
        found = self.cliffs() or [f"no step grows faster than with a slope of {self.cliff:g}"]
        return "\n".join([table((self.quantity, *self.columns, "ms", "slope"), rows), "", *found])


def _slope(x1: float, y1: float, x2: float, y2: float) -> float:
    if min(x1, y1, x2, y2) <= 0 or x1 == x2:
        return math.nan
    return math.log(y2 / y1) / math.log(x2 / x1)

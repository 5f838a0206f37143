"""All series as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.growth.series import Series

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK: Final = "#0072B2"
COLUMNS: Final = 3


def drawn(series: Sequence[Series]) -> Figure:
    """A plot for each series, time against quantity, both logarithmic; points of quantity 0 are left out.

    Raises:
        ModuleNotFoundError: there is no Matplotlib.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    rows = -(-len(series) // COLUMNS)
    figure = Figure(figsize=(4.2 * COLUMNS, 3.4 * rows), layout="constrained", facecolor="white")
    plots = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes, one in zip(plots, series, strict=False):
        x, y = zip(*((x, y) for x, y in one.points if x > 0), strict=True)
        axes.loglog(x, y, "o-", color=INK, linewidth=2, markersize=5)
        axes.set(title=one.title, xlabel=one.quantity, ylabel="ms", ylim=(0.5 * min(y), 2 * max(y)))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
            axis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.set_minor_formatter(NullFormatter())
        axes.grid(visible=True, which="major", color="#d9dce0")
    for axes in plots[len(series) :]:
        axes.set_axis_off()
    return figure


def save(series: Sequence[Series], path: Path) -> None:
    """Draw the series into a PNG file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn(series).savefig(path, format="png", dpi=120)

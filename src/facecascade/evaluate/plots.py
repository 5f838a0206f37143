"""Curves as pictures: PNG and SVG, by Matplotlib, without its global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.evaluate.bootstrap import ROUNDS
from facecascade.evaluate.calibration import Reliability
from facecascade.evaluate.fddb import Roc
from facecascade.evaluate.landmarks import FAILURE, Errors
from facecascade.evaluate.operating import Band, OperatingPoints
from facecascade.evaluate.recall import SizeRecall
from facecascade.evaluate.wider import Curve
from facecascade.extras import load
from facecascade.files import Replacement

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Corner = Literal["lower left", "lower right", "best"]

COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's colours, which the colour-blind tell apart."""
INK: Final = "#22262b"
GRID: Final = "#d9dce0"
SIZE: Final = (7.2, 5.2)
"""Inches."""
COLUMN, TALL = 4.0, 6.2
"""Inches of one column, and of the height, of plots with several of them."""
DPI: Final = 150
FORMATS: Final = (".png", ".svg")
TITLE, TEXT = 15, 12


class Line(NamedTuple):
    """One line of a plot."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    label: str


def precision_recall(curves: Mapping[str, Curve], *, title: str) -> Figure:
    """Precision against recall, a line for each name, the best average precision first in the legend."""
    ranked = sorted(curves.items(), key=lambda item: -item[1].average_precision)
    figure, axes = _figure(title, x="Recall", y="Precision")
    _lines(axes, [Line(c.recall, c.precision, f"{n}   AP {c.average_precision:.3f}") for n, c in ranked], drawn="lines")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    _legend(axes, "lower left")
    return figure


def roc(curves: Mapping[str, Roc], *, title: str, continuous: bool) -> Figure:
    """True positive rate against false positives, a line for each name."""
    figure, axes = _figure(title, x="False positives", y="True positive rate")
    lines = []
    for name, one in curves.items():
        rate, at = (one.continuous, one.continuous_at) if continuous else (one.discrete, one.discrete_at)
        lines.append(Line(one.false_positives, rate, f"{name}   {at(1000):.3f} at 1000"))
    _lines(axes, lines, drawn="steps-post")
    most = max((float(one.false_positives.max(initial=0)) for one in curves.values()), default=0.0)
    axes.set(xlim=(0, min(max(most, 10.0), 2000.0)), ylim=(0, 1.02))
    _legend(axes, "lower right")
    return figure


def cumulative_error(errors: Mapping[str, Errors], *, title: str, by: str) -> Figure:
    """The cumulative error distribution, a line for each name, up to twice the error at which a face has failed."""
    figure, axes = _figure(title, x=f"Mean error of the five points / {by}", y="Share of marked faces")
    lines = []
    for name, one in errors.items():
        x, y = one.ced()
        end, top = max(x.max(initial=0.0), 1.0), y.max(initial=0.0)
        x, y = np.concatenate([[0.0], x, [end]]), np.concatenate([[0.0], y, [top]])
        lines.append(Line(x, y, f"{name}   NME {one.mean:.4f}, AUC {one.area(missed=True):.3f}"))
    _lines(axes, lines, drawn="steps-post")
    axes.axvline(FAILURE, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.text(FAILURE + 0.002, 0.5, "failure", rotation=90, ha="left", va="center", color=INK, fontsize=TEXT - 1)
    axes.set(xlim=(0, 2 * FAILURE), ylim=(0, 1.02))
    _legend(axes, "lower right")
    return figure


def recall_by_size(recalls: Mapping[str, Sequence[SizeRecall]], *, title: str) -> Figure:
    """Share of the faces found by their height, a bar for each name, with the number of faces below."""
    figure, axes = _figure(title, x="Height of the face in pixels (number of faces)", y="Share found, at any score")
    width = 0.8 / max(len(recalls), 1)
    for place, (name, bins) in enumerate(recalls.items()):
        x = np.arange(len(bins)) - 0.4 + width * (place + 0.5)
        shares = [one.share for one in bins]
        axes.bar(x, [share or 0.0 for share in shares], width * 0.94, color=_colour(place), label=name)
        for at, share in zip(x.tolist(), shares, strict=True):
            text = "" if share is None else f"{share:.0%}"
            axes.annotate(
                text,
                (at, share or 0.0),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                color=INK,
                fontsize=TEXT - 2,
            )
    labels = [f"{one.label}\n({one.marked})" for one in next(iter(recalls.values()), ())]
    axes.set_xticks(range(len(labels)), labels)
    axes.set(ylim=(0, 1.12), yticks=np.linspace(0, 1, 6))
    axes.grid(visible=False, axis="x")
    if len(recalls) > 1:
        axes.legend(loc="upper left", frameon=False, fontsize=TEXT - 1, ncols=2, labelcolor=INK)
        axes.set(ylim=(0, 1.25))
    return figure


def calibration(tables: Mapping[str, Reliability], *, title: str) -> Figure:
    """Share of true faces with its 95 % interval against mean score, over the number of detections; a line a name."""
    figure = _empty()
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (3, 1)})
    _dress(upper, title, x="", y="Share that are faces")
    _dress(lower, "", x="Score", y="Detections")
    low = min((float(one.edges[0]) for one in tables.values()), default=0.0)
    upper.plot([low, 1], [low, 1], color=INK, linewidth=1, linestyle=(0, (4, 3)), label="perfectly calibrated")
    for place, (name, one) in enumerate(tables.items()):
        filled = one.count > 0
        low_end, high_end = (end[filled] for end in one.interval())
        x, y, colour = one.mean_score[filled], one.share[filled], _colour(place)
        upper.plot(x, y, label=f"{name}   error {one.error:.3f}", color=colour, linewidth=2, marker="o", markersize=5)
        upper.vlines(x, low_end, high_end, color=colour, linewidth=1.2, alpha=0.5)
        lower.stairs(one.count, one.edges, color=_colour(place), linewidth=1.8)
    lower.set_yscale("symlog", linthresh=1)
    lower.set(xlim=(low - 0.01, 1.01), ylim=(0, None))
    upper.set(ylim=(0, 1.03))
    _legend(upper, "best")
    return figure


def operating(points: Mapping[str, OperatingPoints], *, title: str, rounds: int = ROUNDS) -> Figure:
    """Precision and recall over false faces per picture, against the threshold; a column for each name.

    The shades are 95 % intervals by bootstrap over pictures; `rounds` of 0 leaves them out.
    """
    width = max(SIZE[0], COLUMN * len(points))
    figure = _empty(size=(width, TALL))
    figure.suptitle(title, fontsize=TITLE, color=INK, x=0.01, ha="left")
    rows = figure.subplots(2, len(points), sharex=True, sharey="row", squeeze=False, height_ratios=(2, 1))
    for place, (name, one) in enumerate(points.items()):
        upper, lower = rows[:, place]
        first = place == 0
        _dress(upper, name, x="", y="Share" if first else "")
        _dress(lower, "", x="Threshold", y="False per picture" if first else "")
        bands = one.bands(rounds=rounds) if rounds else {}
        _banded(upper, one.thresholds, one.precision, bands.get("precision"), label="precision", colour=_colour(0))
        _banded(upper, one.thresholds, one.recall, bands.get("recall"), label="recall", colour=_colour(1))
        _banded(lower, one.thresholds, one.false_per_picture, bands.get("false_per_picture"), colour=_colour(3))
        upper.set(ylim=(0, 1.03))
    # Of all columns: matplotlib would take the last one's for the axis they share.
    most = max((axes.dataLim.ymax for axes in rows[1] if np.isfinite(axes.dataLim.ymax)), default=0.0)
    rows[1, 0].set(ylim=(0, most * 1.05 or 1))
    handles, labels = rows[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper right", ncols=2, frameon=False, fontsize=TEXT, labelcolor=INK)
    return figure


def _banded(
    axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], band: Band | None, *, colour: str, label: str = ""
) -> None:
    axes.plot(x, y, color=colour, linewidth=2, label=label)
    if band is not None:
        axes.fill_between(x, *band, color=colour, alpha=0.18, linewidth=0)


def save_figure(figure: Figure, path: Path, *, formats: Sequence[str] = FORMATS) -> None:
    """Writes a figure beside its place and moves it there once it is whole.

    Args:
        figure: any.
        path: without suffix; its folder is made if it is missing.
        formats: suffixes of the files, ".png" and ".svg" by default.

    Raises:
        OSError: the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in formats:
        with Replacement(path.with_name(path.name + suffix)) as aside:
            # Without the date, so that the same numbers are the same picture.
            metadata = {"Date": None} if suffix == ".svg" else None
            figure.savefig(aside.path, format=suffix[1:], dpi=DPI, metadata=metadata)


def check_plots() -> None:
    """Raises MissingExtra where there is no Matplotlib, before any work is done for a plot."""
    _empty()


def _empty(*, size: tuple[float, float] = SIZE) -> Figure:
    module = load("matplotlib.figure", feature="plotting", extra="evaluate")
    figure: Figure = module.Figure(figsize=size, layout="constrained", facecolor="white")
    return figure


def _figure(title: str, *, x: str, y: str) -> tuple[Figure, Axes]:
    figure = _empty()
    axes = figure.subplots()
    _dress(axes, title, x=x, y=y)
    return figure, axes


def _dress(axes: Axes, title: str, *, x: str, y: str) -> None:
    axes.set_title(title, fontsize=TITLE, color=INK, loc="left", pad=10)
    axes.set_xlabel(x, fontsize=TEXT + 1, color=INK)
    axes.set_ylabel(y, fontsize=TEXT + 1, color=INK)
    axes.tick_params(labelsize=TEXT, colors=INK)
    axes.grid(visible=True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _lines(axes: Axes, lines: Sequence[Line], *, drawn: str) -> None:
    for place, line in enumerate(lines):
        style = "default" if drawn == "lines" else drawn
        axes.plot(line.x, line.y, color=_colour(place), linewidth=2, label=line.label, drawstyle=style)


def _legend(axes: Axes, place: Corner) -> None:
    axes.legend(loc=place, frameon=True, framealpha=0.9, edgecolor="none", fontsize=TEXT, labelcolor=INK)


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]

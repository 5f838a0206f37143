"""The distributions that a report shows, as figures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from facecascade.extract.charts import Bar, Tick, bar_chart, spread
from facecascade.extract.histograms import Bin, Histogram
from facecascade.extract.markup import Html, counted
from facecascade.extract.tally import PER_PICTURE, Tally

AT_LEAST: Final = 6
"""Bars of a figure, so that a single value does not fill it."""


def figures(tally: Tally) -> Iterator[Html]:
    """A figure for everything that was counted and has a value."""
    if tally.total.pictures > tally.total.errors:
        yield _per_picture(tally)
    if not tally.total.faces:
        return
    yield _logarithmic(
        tally.sizes, key="size", title="Face size", x="shorter side of the box, in pixels (logarithmic)", unit=" px"
    )
    yield _scores(tally.scores)
    if tally.sharpness.bins():
        yield _logarithmic(
            tally.sharpness, key="sharpness", title="Sharpness", x="variance of the Laplacian (logarithmic)", unit=""
        )
    if tally.yaw.bins():
        yield _angles(tally.yaw, key="yaw", title="Yaw, roughly", way="towards the right side of the picture")
    if tally.roll.bins():
        yield _angles(tally.roll, key="roll", title="Roll", way="clockwise")


def _per_picture(tally: Tally) -> Html:
    counts = list(tally.per_picture)
    while len(counts) > AT_LEAST and not counts[-1]:
        counts.pop()
    ends = [*PER_PICTURE[1:], None]
    bars, ticks = [], []
    for place, (count, first, end) in enumerate(zip(counts, PER_PICTURE, ends, strict=False)):
        short = str(first) if end == first + 1 else f"{first}+"
        label = str(first) if end == first + 1 else f"{first} to {end - 1}" if end else f"{first} and more"
        bars.append(Bar(label, count))
        ticks.append(Tick(place + 0.5, short))
    read = tally.total.pictures - tally.total.errors
    note = f"{tally.total.faces / read:.2f} a picture on average" if read else ""
    return bar_chart(
        bars, ticks, key="per-picture", title="Faces per picture", x="faces in a picture", y="pictures", note=note
    )


def _logarithmic(values: Histogram, *, key: str, title: str, x: str, unit: str) -> Html:
    bins = values.bins(at_least=AT_LEAST)
    bars = [Bar(_range(one, values, unit=unit), one.count) for one in bins]
    edges = [one.low for one in bins] + [bins[-1].high]
    # Whole octaves are written: every other edge, beginning with one of them.
    shift = round(2 * math.log2(edges[0] / (values.scale.base or 1))) % 2
    ticks = [Tick(place, _short(edge)) for place, edge in enumerate(edges) if (place + shift) % 2 == 0]
    return bar_chart(
        bars,
        spread(ticks, bars=len(bars)),
        key=key,
        title=title,
        x=x,
        y="faces",
        note=_span(values, f"{_short(values.least)} to {_short(values.most)}{unit}"),
    )


def _scores(values: Histogram) -> Html:
    bins = values.bins(at_least=AT_LEAST)
    bars = [Bar(f"{one.low:.2f} to {one.high:.2f}", one.count) for one in bins]
    edges = [one.low for one in bins] + [bins[-1].high]
    ticks = [Tick(place, f"{edge:.1f}") for place, edge in enumerate(edges) if round(edge * 100) % 10 == 0]
    if len(ticks) < 2:
        ticks = [Tick(place, f"{edge:.2f}") for place, edge in enumerate(edges)]
    return bar_chart(
        bars,
        spread(ticks, bars=len(bars)),
        key="score",
        title="Score",
        x="score, as the networks give it, 0 to 1",
        y="faces",
        note=_span(values, f"{values.least:.3f} to {values.most:.3f}"),
    )


def _angles(values: Histogram, *, key: str, title: str, way: str) -> Html:
    bins = values.bins(at_least=AT_LEAST, symmetric=True)
    bars = [Bar(f"{_signed(one.low)} to {_signed(one.high)} degrees", one.count) for one in bins]
    edges = [one.low for one in bins] + [bins[-1].high]
    step = 30 if len(bins) > 2 * AT_LEAST else 10
    ticks = [Tick(place, _signed(edge)) for place, edge in enumerate(edges) if round(edge) % step == 0]
    return bar_chart(
        bars,
        spread(ticks, bars=len(bins)),
        key=key,
        title=title,
        x="degrees",
        y="faces",
        note=_span(values, f"positive is {way}"),
    )


def _span(values: Histogram, said: str) -> str:
    return f"{said}; {counted(values.unknown, 'face')} without a value" if values.unknown else said


def _range(one: Bin, values: Histogram, *, unit: str) -> str:
    if one.low <= values.scale.low:
        return f"under {_short(one.high)}{unit}"
    if one.high >= values.scale.high:
        return f"{_short(one.low)}{unit} and more"
    return f"{_short(one.low)} to {_short(one.high)}{unit}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


def _signed(degrees: float) -> str:
    rounded = round(degrees)
    return f"\N{MINUS SIGN}{-rounded}" if rounded < 0 else str(rounded)

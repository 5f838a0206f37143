"""Bars as inline SVG, for pages that need nothing but themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from facecascade.extract.markup import Html, number, table, tag

WIDTH, HEIGHT = 400, 224
"""Units of the drawing: small, so that letters can still be read where it is as wide as a phone."""
TOP, RIGHT, BOTTOM = 32, 20, 44
LETTER: Final = 7.0
"""Width of a digit at most."""
LOGARITHMIC: Final = 200
"""How much larger the largest count is than the smallest from where on the latter would be no more than a hair."""
LEAST_ON_LOG: Final = 0.5
"""Where a logarithmic axis begins, so that a count of 1 has a height."""


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, such as "40 to 57 px", and its count."""

    label: str
    count: int


@dataclass(frozen=True)
class Tick:
    """A place on the axis below: in bars from the left, and what it says."""

    place: float
    text: str


class _Axis:
    """The axis of counts: where a count lies, and which ones are written beside it."""

    def __init__(self, counts: Sequence[int]) -> None:
        self._most = max(counts, default=0)
        least = min((count for count in counts if count), default=0)
        self.logarithmic = bool(least) and self._most > LOGARITHMIC * least
        self.ticks = self._log_ticks() if self.logarithmic else self._even_ticks()
        self._end = max(self._most, self.ticks[-1])

    def height(self, count: float) -> float:
        """Share of the height of the drawing."""
        if not self.logarithmic:
            return count / max(self._end, 1)
        if count <= 0:
            return 0.0
        return math.log(count / LEAST_ON_LOG) / math.log(self._end / LEAST_ON_LOG)

    def _even_ticks(self) -> list[int]:
        rough = max(self._most / 4, 1)
        power = 10 ** math.floor(math.log10(rough))
        step = int(next(size * power for size in (1, 2, 5, 10) if size * power >= rough))
        return list(range(0, self._most + step, step))

    def _log_ticks(self) -> list[int]:
        return [10**power for power in range(math.ceil(math.log10(self._most)) + 1)]


def bar_chart(bars: Sequence[Bar], ticks: Sequence[Tick], *, key: str, title: str, x: str, y: str, note: str) -> Html:
    """A figure: the bars, both axes, the same numbers as a table behind a fold.

    Args:
        bars: from left to right.
        ticks: of the axis below.
        key: unique on the page.
        title: what is shown.
        x: what the axis below says, with its unit.
        y: what is counted.
        note: a line below the title.
    """
    axis = _Axis([bar.count for bar in bars])
    left = LETTER * max(len(number(tick)) for tick in axis.ticks) + 10
    inner = WIDTH - left - RIGHT, HEIGHT - TOP - BOTTOM
    said = f"{title}: {len(bars)} bars, the highest is {max(bars, key=lambda bar: bar.count).label}."
    drawing = tag(
        "svg",
        tag("title", said, id=f"{key}-title"),
        *_grid(axis, left=left, inner=inner, y=f"{y} (logarithmic)" if axis.logarithmic else y),
        *_bars(bars, axis, left=left, inner=inner, y=y),
        *_below(ticks, left=left, width=inner[0] / len(bars), x=x),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{key}-title",
    )
    rows = [(bar.label, number(bar.count)) for bar in bars]
    fold = tag("details", tag("summary", "As a table"), table(title, heads=(x, y), rows=rows, wide=False))
    heading = tag("figcaption", tag("h3", title, id=key), tag("p", note))
    return tag("figure", heading, drawing, fold, class_="chart")


def _grid(axis: _Axis, *, left: float, inner: tuple[float, float], y: str) -> list[Html]:
    parts = [tag("text", y, x=0, y=11)]
    for tick in axis.ticks:
        at = round(TOP + inner[1] * (1 - axis.height(tick)), 1)
        parts.append(tag("line", x1=round(left, 1), x2=WIDTH - RIGHT, y1=at, y2=at, class_="grid"))
        parts.append(tag("text", number(tick), x=round(left - 6, 1), y=at + 4, text_anchor="end"))
    return parts


def _bars(bars: Sequence[Bar], axis: _Axis, *, left: float, inner: tuple[float, float], y: str) -> list[Html]:
    step = inner[0] / len(bars)
    parts = []
    for place, bar in enumerate(bars):
        height = inner[1] * axis.height(bar.count)
        top, begin = TOP + inner[1] - height, left + place * step
        rectangle = tag(
            "path",
            d=f"M{begin + 0.75:.1f} {top + height:.1f}v{-height:.1f}h{max(step - 1.5, 1):.1f}v{height:.1f}z",
            class_="bar",
        )
        parts.append(tag("g", tag("title", f"{bar.label}: {number(bar.count)} {y}"), rectangle))
        text = number(bar.count)
        if bar.count and LETTER * len(text) <= step:
            parts.append(tag("text", text, x=round(begin + step / 2, 1), y=round(top - 4, 1), class_="count"))
    return parts


def _below(ticks: Sequence[Tick], *, left: float, width: float, x: str) -> list[Html]:
    bottom = HEIGHT - BOTTOM
    parts = []
    for tick in ticks:
        at = round(left + tick.place * width, 1)
        parts.append(tag("line", x1=at, x2=at, y1=bottom, y2=bottom + 4, class_="tick"))
        parts.append(tag("text", tick.text, x=at, y=bottom + 17, text_anchor="middle"))
    middle = round((left + WIDTH - RIGHT) / 2, 1)
    return [*parts, tag("text", x, x=middle, y=HEIGHT - 7, text_anchor="middle")]


def spread(ticks: Sequence[Tick], *, bars: int) -> list[Tick]:
    """Those of the ticks, evenly chosen, that have room beside each other."""
    room = (WIDTH - 60) / max(bars, 1)
    widest = max((LETTER * len(tick.text) for tick in ticks), default=0) + 8
    gaps = [b.place - a.place for a, b in pairwise(ticks)]
    every = max(1, math.ceil(widest / (room * min(gaps)))) if gaps else 1
    return list(ticks[::every])

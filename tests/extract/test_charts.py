"""Bars as SVG."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from facecascade.extract.charts import HEIGHT, WIDTH, Bar, Tick, bar_chart, spread

SVG = "svg"


def chart(counts: list[int], ticks: list[Tick] | None = None) -> ElementTree.Element:
    bars = [Bar(f"{place} to {place + 1} px", count) for place, count in enumerate(counts)]
    page = bar_chart(bars, ticks or [], key="size", title="Size", x="pixels", y="faces", note="a note")
    return ElementTree.fromstring(page)


def heights(figure: ElementTree.Element) -> list[float]:
    paths = [one.attrib["d"] for one in figure.iter("path")]
    return [-float(re.findall(r"v(-?[0-9.]+)", one)[0]) for one in paths]


def texts(figure: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in figure.iter("text")]


def test_heights_are_in_proportion() -> None:
    figure = chart([10, 40, 0, 20])
    one, four, none, two = heights(figure)
    assert none == 0
    assert (four / one, two / one) == pytest.approx((4, 2), rel=0.01)
    assert "faces" in texts(figure)


def test_a_logarithmic_axis_where_bars_would_vanish() -> None:
    figure = chart([1, 1000, 0, 1_000_000])
    one, thousand, none, million = heights(figure)
    assert none == 0 < one
    assert million - thousand == pytest.approx(thousand - one, abs=0.2)
    assert "faces (logarithmic)" in texts(figure)
    assert {"1", "1,000", "1,000,000"} <= set(texts(figure))


@pytest.mark.parametrize("counts", [[0], [1], [3], [7, 0], [199, 1], [201, 1], [10**9], [123456] * 60])
def test_all_stays_within_the_drawing(counts: list[int]) -> None:
    figure = chart(counts, [Tick(0, "0"), Tick(len(counts), "5,120")])
    drawing = figure.find(SVG)
    assert drawing is not None
    assert drawing.attrib["viewBox"] == f"0 0 {WIDTH} {HEIGHT}"
    for element in drawing.iter():
        for name, value in element.attrib.items():
            if name in ("x", "y", "x1", "x2", "y1", "y2"):
                assert 0 <= float(value) <= (WIDTH if "x" in name else HEIGHT)
    for path in drawing.iter("path"):
        x, y = map(float, re.findall(r"[0-9.]+", path.attrib["d"])[:2])
        assert 0 <= x < WIDTH
        assert 0 < y < HEIGHT


def test_it_can_be_read_without_seeing_it() -> None:
    figure = chart([3, 12345])
    drawing = figure.find(SVG)
    assert drawing is not None
    assert drawing.attrib["role"] == "img"
    title = drawing.find("title")
    assert title is not None
    assert title.attrib["id"] == drawing.attrib["aria-labelledby"]
    assert title.text == "Size: 2 bars, the highest is 1 to 2 px."
    assert [cell.text for cell in figure.iter("td")] == ["3", "12,345"]
    assert [one.text for one in drawing.iter("title")][1:] == ["0 to 1 px: 3 faces", "1 to 2 px: 12,345 faces"]


def test_counts_stand_on_bars_that_are_wide_enough() -> None:
    assert "77" in texts(chart([77, 5]))
    assert "77" not in texts(chart([77] * 60))


def test_ticks_leave_each_other_room() -> None:
    ticks = [Tick(place, f"{place}") for place in range(5)]
    assert spread(ticks, bars=4) == ticks
    crowded = spread([Tick(place, "100,000") for place in range(31)], bars=30)
    places = [tick.place for tick in crowded]
    assert 3 <= len(places) < 8
    assert len({b - a for a, b in pairwise(places)}) == 1
    assert spread([], bars=0) == []

"""Running counts by bins."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facecascade.extract.histograms import AT_ONCE, Bin, Histogram, Scale
from facecascade.extract.tally import ROLL, SCORE, SHARPNESS, SIZE, YAW

EVEN = Scale(step=10, low=-90, high=90)
OCTAVES = Scale(base=10, step=0.5, low=5, high=20480)


def counts(histogram: Histogram, **options: bool) -> list[tuple[float, float, int]]:
    return [(round(one.low, 2), round(one.high, 2), one.count) for one in histogram.bins(**options)]


def test_even_bins_hold_their_lower_edge_and_ends_take_what_is_beyond() -> None:
    histogram = Histogram(EVEN)
    histogram.add([0, 9.99, 10, -0.01, 90, 400])
    assert counts(histogram)[0] == (-10, 0, 1)
    assert counts(histogram)[1:3] == [(0, 10, 2), (10, 20, 1)]
    assert counts(histogram)[-1] == (80, 90, 2)
    assert (histogram.least, histogram.most) == (-0.01, 400)


def test_logarithmic_bins_are_half_octaves() -> None:
    histogram = Histogram(OCTAVES)
    histogram.add([20, 28.2, 28.3, 39.9])
    histogram.add([0, -3, math.inf])
    found = counts(histogram)
    assert found[0] == (5, 7.07, 2)
    assert [one for one in found if one[2]][1:3] == [(20, 28.28, 2), (28.28, 40, 2)]
    assert found[-1] == (14481.55, 20480, 1)


def test_a_float32_on_an_edge_is_on_it() -> None:
    histogram = Histogram(SCORE)
    histogram.add(np.array([0.7, 0.9, 1.0], np.float32))
    assert [round(one.low, 6) for one in histogram.bins() if one.count] == [0.7, 0.9, 0.98]


def test_nan_is_no_value() -> None:
    histogram = Histogram(EVEN)
    histogram.add([math.nan, math.nan])
    assert histogram.bins() == []
    assert histogram.unknown == 2
    assert histogram.least == math.inf


def test_a_single_value_gets_neighbours_within_the_scale() -> None:
    histogram = Histogram(SCORE)
    histogram.add([0.995])
    bins = histogram.bins(at_least=6)
    assert len(bins) == 6
    assert (round(bins[0].low, 2), round(bins[-1].high, 2)) == (0.88, 1.0)
    assert [one.count for one in bins] == [0, 0, 0, 0, 0, 1]


def test_symmetric_bins() -> None:
    histogram = Histogram(EVEN)
    histogram.add([25])
    assert [(one.low, one.high) for one in histogram.bins(symmetric=True)] == [(n, n + 10) for n in range(-30, 30, 10)]


@given(st.lists(st.floats(allow_nan=True), max_size=200), st.sampled_from([SIZE, SCORE, SHARPNESS, YAW, ROLL]))
def test_every_value_is_in_one_bin_and_bins_are_few(values: list[float], scale: Scale) -> None:
    histogram = Histogram(scale)
    for value in values:
        histogram.add([value])
    bins = histogram.bins(at_least=6, symmetric=scale in (YAW, ROLL))
    assert sum(one.count for one in bins) + histogram.unknown == len(values)
    assert len(bins) <= 64
    assert all(math.isclose(one.high, after.low) for one, after in pairwise(bins))


def test_many_values_are_counted_as_numpy_counts_them() -> None:
    values = np.random.default_rng(3).uniform(-90, 90, 3 * AT_ONCE + 7)
    histogram = Histogram(EVEN)
    for part in np.array_split(values, 1000):
        histogram.add(part)
    expected, edges = np.histogram(values, bins=18, range=(-90, 90))
    assert histogram.bins() == [
        Bin(low, high, count)
        for low, high, count in zip(edges[:-1].tolist(), edges[1:].tolist(), expected.tolist(), strict=True)
    ]

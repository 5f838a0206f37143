"""Counts of values by bins, kept while values come: `Histogram`."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

AT_ONCE: Final = 8192
"""Values that wait until they are counted together, which is faster than one by one."""
EDGE: Final = 1e-5
"""A value this share of a bin below an edge lies on it: .7 in float32 is a little less."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How values are put into bins.

    Attributes:
        step: width of a bin; of a logarithmic scale in octaves.
        low: smaller values count in the bin that begins here.
        high: larger values, and this one, count in the bin that ends here.
        base: an edge between two bins of a logarithmic scale; None for an even one.
    """

    step: float
    low: float
    high: float
    base: float | None = None

    def keys(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The bin of each value, by its number."""
        inside = np.clip(values, self.low, self.high)
        places = inside if self.base is None else np.log2(inside / self.base)
        keys = np.floor(places / self.step + EDGE).astype(np.int64)
        return np.minimum(keys, self._last)

    def edge(self, key: int) -> float:
        """Where the bin of this number begins."""
        return key * self.step if self.base is None else self.base * float(2 ** (key * self.step))

    @property
    def _last(self) -> int:
        end = self.high if self.base is None else math.log2(self.high / self.base)
        return math.ceil(end / self.step - EDGE) - 1


@dataclass(frozen=True)
class Bin:
    """How many values lie from `low` up to `high`."""

    low: float
    high: float
    count: int


class Histogram:
    """Running counts.

    Attributes:
        scale: how values are put into bins.
        unknown: values that are NaN.
        least: the smallest value; infinite before there is one.
        most: the largest value.
    """

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.unknown = 0
        self.least, self.most = math.inf, -math.inf
        self._counts: Counter[int] = Counter()
        self._waiting: list[NDArray[np.float64]] = []
        self._waiting_values = 0

    def add(self, values: ArrayLike) -> None:
        """Counts these values, (n,)."""
        array = np.array(values, np.float64)
        self._waiting.append(array)
        self._waiting_values += len(array)
        if self._waiting_values >= AT_ONCE:
            self.count()

    def count(self) -> None:
        """Counts those that wait; for those who ask for an attribute."""
        if not self._waiting:
            return
        values = np.concatenate(self._waiting)
        self._waiting, self._waiting_values = [], 0
        known = values[~np.isnan(values)]
        self.unknown += len(values) - len(known)
        if len(known):
            self.least, self.most = min(self.least, float(known.min())), max(self.most, float(known.max()))
            keys, counts = np.unique(self.scale.keys(known), return_counts=True)
            self._counts.update(dict(zip(keys.tolist(), counts.tolist(), strict=True)))

    def bins(self, *, at_least: int = 1, symmetric: bool = False) -> list[Bin]:
        """All bins from the first to the last that has a value; none where there is no value.

        Args:
            at_least: bins; empty ones are added on both sides where the scale goes on there.
            symmetric: whether as many are shown on both sides of 0.
        """
        self.count()
        if not self._counts:
            return []
        first, last = min(self._counts), max(self._counts)
        if symmetric:
            reach = max(-first - 1, last)
            first, last = -reach - 1, reach
        lowest, highest = self.scale.keys(np.array([self.scale.low, self.scale.high])).tolist()
        while last - first + 1 < at_least and (first > lowest or last < highest):
            first, last = max(first - 1, lowest), min(last + 1, highest)
        edge = self.scale.edge
        return [Bin(edge(key), edge(key + 1), self._counts[key]) for key in range(first, last + 1)]

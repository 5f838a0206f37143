"""Which faces are found, by their size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from facecascade.evaluate.wider import Judged

HEIGHTS: Final = (0.0, 16.0, 32.0, 64.0, 128.0, math.inf)
"""Limits in pixels; WIDER FACE itself parts its faces by height."""


@dataclass(frozen=True)
class SizeRecall:
    """Faces of one size.

    Attributes:
        low: least height in pixels.
        high: height in pixels that they stay below.
        found: those that a detection of any score belongs to.
        marked: all of them.
    """

    low: float
    high: float
    found: int
    marked: int

    @property
    def share(self) -> float | None:
        """Of the marked faces that are found, 0 to 1; None where there are none."""
        return self.found / self.marked if self.marked else None

    @property
    def label(self) -> str:
        """Such as "16 to 32" or "128 up"."""
        return f"{self.low:g} up" if math.isinf(self.high) else f"{self.low:g} to {self.high:g}"


def recall_by_height(
    judged: Mapping[str, Judged], subset: str, *, limits: Sequence[float] = HEIGHTS
) -> tuple[SizeRecall, ...]:
    """How many faces of a subset are found, at any score, between each two of `limits` (heights in pixels)."""
    chosen = [picture.marked.members[subset] for picture in judged.values()]
    heights = [picture.marked.boxes[:, 3] - picture.marked.boxes[:, 1] for picture in judged.values()]
    found = [picture.found() for picture in judged.values()]
    nothing = np.zeros(0)
    height = np.concatenate([nothing, *(h[mask] for h, mask in zip(heights, chosen, strict=True))])
    hit = np.concatenate([nothing, *(f[mask] for f, mask in zip(found, chosen, strict=True))])
    marked, _ = np.histogram(height, np.array(limits))
    hits, _ = np.histogram(height, np.array(limits), weights=hit)
    bins = zip(limits[:-1], limits[1:], hits.tolist(), marked.tolist(), strict=True)
    return tuple(SizeRecall(low, high, int(hits), marked) for low, high, hits, marked in bins)

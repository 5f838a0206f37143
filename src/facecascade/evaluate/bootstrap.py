"""How much average precision owes to chance: the bootstrap over pictures.

Source: Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7(1), 1979. Pictures are drawn
with replacement, as many as there are, since faces of one picture are not independent. Detections are matched once; a
resample only weighs the pictures anew, and keeps the scale of the scores that the whole set gave. Resamples without a
face of the subset have no average precision and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError
from facecascade.evaluate.wider import THRESHOLDS, Tally, area_under, curve

ROUNDS: Final = 1000
"""Resamples: enough for the ends of a 95 % interval to hold to about a tenth of its width."""
LEVEL: Final = 0.95
ROUNDS_AT_ONCE: Final = 250
"""Bounds the memory for sets of many pictures."""


@dataclass(frozen=True)
class Interval:
    """A value measured on all pictures, and where resampled pictures put it.

    Attributes:
        value: on all pictures.
        low: lower end of the percentile interval.
        high: its upper end.
        level: share of the resamples between the two.
    """

    value: float
    low: float
    high: float
    level: float


def precision_interval(tally: Tally, *, rounds: int = ROUNDS, level: float = LEVEL, seed: int = 0) -> Interval:
    """Average precision of one subset with its confidence interval.

    Raises:
        AnnotationError: the subset has no faces.
    """
    return _interval(_precision(tally), resampled(tally, rounds=rounds, seed=seed), level)


def difference_interval(
    first: Tally, second: Tally, *, rounds: int = ROUNDS, level: float = LEVEL, seed: int = 0
) -> Interval:
    """Average precision of `second` minus that of `first` on the same resampled pictures.

    Paired, so that pictures that are hard for both detectors do not blur the difference: an interval that leaves out 0
    is a difference that other pictures of this kind would show too.

    Raises:
        AnnotationError: the two tallies are not of the same pictures and faces, or the subset has no faces.
    """
    if first.pictures != second.pictures or not np.array_equal(first.faces, second.faces):
        raise AnnotationError("expected two tallies of the same pictures and faces, got different ones")
    values = resampled(second, rounds=rounds, seed=seed) - resampled(first, rounds=rounds, seed=seed)
    return _interval(_precision(second) - _precision(first), values, level)


def mean_difference_interval(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    pictures: Sequence[str],
    *,
    rounds: int = ROUNDS,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """Mean of `second` minus mean of `first` on the same resampled pictures, paired as in `difference_interval`.

    Args:
        first: (n,) one detector's value of each face, such as its landmark error.
        second: (n,) the other's, of the same faces.
        pictures: (n,) the picture of each face; faces of one picture are drawn together.
        rounds: number of resamples.
        level: share of the resamples inside the interval.
        seed: one seed, one choice of pictures.

    Raises:
        AnnotationError: there is no face, or the three differ in length, or a value is not finite.
    """
    if not len(first) == len(second) == len(pictures) or not len(first):
        raise AnnotationError(f"expected values of the same faces, got {len(first)}, {len(second)}, {len(pictures)}")
    differences = second - first
    if not np.isfinite(differences).all():
        raise AnnotationError("expected a value for each face, got some that are not finite: leave those faces out")
    _, place = np.unique(pictures, return_inverse=True)
    faces = np.bincount(place)
    totals = np.bincount(place, weights=differences)
    random = np.random.default_rng(seed)
    weights = (picture_weights(random, n, len(faces)).astype(np.float64) for n in _parts(rounds))
    values = np.concatenate([np.zeros(0), *(drawn @ totals / (drawn @ faces) for drawn in weights)])
    return _interval(float(differences.mean()), values, level)


def resampled(tally: Tally, *, rounds: int = ROUNDS, seed: int = 0) -> NDArray[np.float64]:
    """(rounds,) average precision of each resample; NaN where it holds no face. One seed, one choice of pictures.

    Raises:
        AnnotationError: the subset has no faces.
    """
    if not tally.faces.sum():
        raise AnnotationError("expected a subset with faces, got one without any: it has no average precision")
    random = np.random.default_rng(seed)
    counted, right = _table(tally, tally.counted), _table(tally, tally.right)
    weights = (picture_weights(random, n, len(tally.faces)) for n in _parts(rounds))
    return np.concatenate([np.zeros(0), *(_resample(tally, counted, right, drawn) for drawn in weights)])


def _parts(rounds: int) -> list[int]:
    return [min(ROUNDS_AT_ONCE, rounds - start) for start in range(0, rounds, ROUNDS_AT_ONCE)]


def picture_weights(random: np.random.Generator, rounds: int, pictures: int) -> NDArray[np.float32]:
    """(rounds, pictures): how often each picture is drawn, as many draws as there are pictures."""
    drawn = random.integers(pictures, size=(rounds, pictures)) + pictures * np.arange(rounds)[:, None]
    return np.bincount(drawn.ravel(), minlength=rounds * pictures).reshape(rounds, pictures).astype(np.float32)


def _table(tally: Tally, steps: NDArray[np.int64]) -> NDArray[np.float32]:
    """(pictures, 1000): number of detections at each step; float32, exact up to 2 ** 24, for a fast product."""
    places = steps[:, 0] * THRESHOLDS + steps[:, 1]
    counts = np.bincount(places, minlength=len(tally.faces) * THRESHOLDS)
    return counts.reshape(-1, THRESHOLDS).astype(np.float32)


def _resample(
    tally: Tally, counted: NDArray[np.float32], right: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float64]:
    judgements = np.cumsum(weights @ counted, axis=1, dtype=np.float64)
    successes = np.cumsum(weights @ right, axis=1, dtype=np.float64)
    precision = np.divide(successes, judgements, out=np.zeros_like(successes), where=judgements > 0)
    faces = (weights.astype(np.float64) @ tally.faces)[:, None]
    recall = np.divide(successes, faces, out=np.full_like(successes, np.nan), where=faces > 0)
    return area_under(precision, recall)


def _precision(tally: Tally) -> float:
    return curve(tally).average_precision


def _interval(value: float, values: NDArray[np.float64], level: float) -> Interval:
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(value, low, high, level)

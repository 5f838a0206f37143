"""Thresholds for three purposes: the cheapest, once a miss and a false face have a price."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibration.runs import Run
from facecascade.evaluate import OperatingPoints
from facecascade.evaluate.bootstrap import LEVEL, ROUNDS, picture_weights
from facecascade.settings import Preset, Settings

STEPS: Final = np.round(np.concatenate([np.arange(0.02, 0.99, 0.02), [0.99, 0.995, 0.998]]), 3)
"""Thresholds that are tried."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A purpose.

    Attributes:
        name: what for.
        preset: settings to start from.
        miss: price of a face that is not found.
        false: price of a false face.
        least: height in pixels of the smallest face whose miss counts.
    """

    name: str
    preset: Preset
    miss: float
    false: float
    least: float = 0.0


RECIPES: Final = (
    Recipe(name="blurring every face", preset="thorough", miss=20, false=1),
    Recipe(name="group photographs", preset="default", miss=1, false=1, least=20),
    Recipe(name="building a data set", preset="fast", miss=1, false=20, least=40),
)


@dataclass(frozen=True, eq=False)
class Choice:
    """The cheapest threshold of a recipe.

    Attributes:
        recipe: the purpose.
        threshold: the cheapest one on these pictures.
        likely: where the cheapest one lies in 95 % of the resampled pictures.
        missed: faces missed per picture.
        recall: share of the faces found.
        precision: share of the detections that are faces.
        false: false faces per picture.
        against: its price, in that of the default settings; NaN where those cost nothing.
    """

    recipe: Recipe
    threshold: float
    likely: tuple[float, float]
    missed: float
    recall: float
    precision: float
    false: float
    against: float


def choose(run: Run, recipe: Recipe, *, usual: Run, rounds: int = ROUNDS) -> Choice:
    """The cheapest threshold: false faces of any size count, misses only from the height that matters.

    Args:
        run: the recipe's preset on some pictures.
        recipe: the purpose.
        usual: the default preset on the same pictures.
        rounds: resamples.
    """
    every, wanted = run.points(STEPS), run.points(STEPS, low=recipe.least)
    price = prices(every, wanted, recipe)
    weights = picture_weights(np.random.default_rng(0), rounds, len(every.marked))
    cheapest = every.thresholds[np.argmin(weights @ price, axis=1)]
    low, high = np.quantile(cheapest, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], method="nearest").tolist()
    best = int(np.argmin(price.sum(axis=0)))
    return Choice(
        recipe,
        float(every.thresholds[best]),
        (low, high),
        float((wanted.marked[:, None] - wanted.found).mean(axis=0)[best]),
        float(wanted.recall[best]),
        float(every.precision[best]),
        float(every.false_per_picture[best]),
        float(price[:, best].sum()) / (_price_of_default(usual, recipe) or math.nan),
    )


def _price_of_default(usual: Run, recipe: Recipe) -> float:
    last = Settings().thresholds[-1:]
    return float(prices(usual.points(last), usual.points(last, low=recipe.least), recipe).sum())


def prices(every: OperatingPoints, wanted: OperatingPoints, recipe: Recipe) -> NDArray[np.float64]:
    """(pictures, t) price of each picture at each threshold."""
    missed = wanted.marked[:, None] - wanted.found
    return np.asarray(recipe.miss * missed + recipe.false * every.wrong, np.float64)

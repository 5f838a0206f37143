"""What this package must reach beside the best of others: `targets`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.ranking.scores import Score, Scores, errors_of, found_by_all, nme, nme_difference
from benchmarks.report import verdict
from facecascade.evaluate import SUBSETS, Interval, LandmarkErrors, difference_interval

LEADS: Final = {"easy": 0.0, "medium": 0.0, "hard": 0.05}
"""By how much average precision must exceed the best, at least."""


@dataclass(frozen=True)
class Target:
    """One figure beside the best of others.

    Attributes:
        pictures: name of the set.
        what: name of the figure.
        ours: this package's value.
        best: name of the detector whose value is best.
        theirs: that value.
        lead: by how much ours must be better.
        rising: whether more is better.
        difference: ours minus theirs with its interval; None where there is none.
    """

    pictures: str
    what: str
    ours: float
    best: str
    theirs: float
    lead: float = 0.0
    rising: bool = True
    difference: Interval | None = None

    @property
    def limit(self) -> float:
        """The value that ours must reach, or stay below."""
        return self.theirs + self.lead if self.rising else self.theirs - self.lead

    @property
    def missed(self) -> bool:
        """Whether ours does not reach the limit, or exceeds it."""
        return verdict(self.ours, limit=self.limit, at_least=self.rising) == "MISSED"


def targets(pictures: str, ours: Score, others: Scores) -> Iterator[Target]:
    """The targets of one set; none where there is nobody to compare with.

    Args:
        pictures: name of the set.
        ours: the score to be judged.
        others: those of other detectors, by name.
    """
    if not others:
        return
    if ours.errors is None:
        for subset in SUBSETS:
            yield _precision(pictures, subset, ours, others)
    best, recall = _best({name: one.recall for name, one in others.items()}, max)
    yield Target(pictures, "recall", ours.recall, best, recall)
    if ours.errors is not None:
        yield from _landmarks(pictures, ours.errors, errors_of(others))


def _precision(pictures: str, subset: str, ours: Score, others: Scores) -> Target:
    best, value = _best({name: one.precisions[subset] for name, one in others.items()}, max)
    difference = difference_interval(others[best].tallies[subset], ours.tallies[subset])
    mine = ours.precisions[subset]
    return Target(pictures, f"AP {subset}", mine, best, value, lead=LEADS[subset], difference=difference)


def _landmarks(pictures: str, ours: LandmarkErrors, others: Mapping[str, LandmarkErrors]) -> Iterator[Target]:
    """Over the faces that all found; nothing where there is no such face."""
    chosen = found_by_all([ours, *others.values()])
    if chosen.any():
        best, value = _best({name: nme(one, chosen) for name, one in others.items()}, min)
        difference = nme_difference(others[best], ours, chosen)
        what = f"NME of {np.count_nonzero(chosen)} faces"
        yield Target(pictures, what, nme(ours, chosen), best, value, rising=False, difference=difference)


def _best(values: Mapping[str, float], choose: Callable[[Iterable[float]], float]) -> tuple[str, float]:
    value = choose(values.values())
    return next(name for name, one in values.items() if one == value), value

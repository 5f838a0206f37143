"""Taking turns, and what to make of the times: `alternate`, `Turn` and `Timing`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Protocol

QUIET: Final = 0.03
"""A turn is quiet if its threads waited for a core for less than this share of it: other programs hardly ran."""
TRIES: Final = 3
"""How many times the wanted rounds are run at most to get as many quiet ones."""


@dataclass(frozen=True)
class Turn:
    """One detection, or the same one several times in a row if it is short.

    Attributes:
        seconds: what it took, in the median.
        waited: time that its threads were ready to run and got no core, as a share of the turn; may exceed 1.
        faces: number of faces found.
    """

    seconds: float
    waited: float
    faces: int


class Runner(Protocol):
    """Something that can be timed."""

    def detect(self) -> Turn:
        """Take a turn."""
        ...


Round = dict[str, Turn]


@dataclass(frozen=True)
class Timing:
    """The times of one package on one picture, round by round.

    Attributes:
        seconds: one time a round; the n-th times of all packages are neighbours.
        waited: median of the turns' `Turn.waited`.
        faces: number of faces found.
    """

    seconds: tuple[float, ...]
    waited: float
    faces: int

    @property
    def milliseconds(self) -> tuple[float, float, float]:
        """Median, least and greatest time in milliseconds."""
        values = [1000 * value for value in self.seconds]
        return median(values), min(values), max(values)

    def ratio_of_medians(self, other: Timing) -> float:
        """How many times longer this took than another, by the medians."""
        return median(self.seconds) / median(other.seconds)

    def paired_ratios(self, other: Timing) -> tuple[float, float, float]:
        """How many times longer this took than another in each round: median, least and greatest."""
        ratios = [mine / its for mine, its in zip(self.seconds, other.seconds, strict=True)]
        return median(ratios), min(ratios), max(ratios)


def alternate(runners: Mapping[str, Runner], *, rounds: int, warm_up: int, rest: float) -> dict[str, Timing]:
    """Let each detect in turn, round after round, A B A B, until enough rounds were quiet.

    Rounds in which other programs took cores away are run again, up to `TRIES` times as many in all; then the least
    disturbed ones are kept. A round is judged by how long threads waited, never by how long it took.

    Args:
        runners: by name; the order of the turns.
        rounds: number of rounds to keep.
        warm_up: rounds before those, not counted.
        rest: seconds of quiet before each turn.

    Raises:
        ValueError: a detector does not find the same number of faces each time.
    """
    for _ in range(warm_up):
        _round(runners, rest)
    done: list[Round] = []
    while len(done) < TRIES * rounds and sum(_disturbance(turns) <= QUIET for turns in done) < rounds:
        done.append(_round(runners, rest))
    kept = least_disturbed(done, rounds)
    return {name: _timing(name, [turns[name] for turns in kept]) for name in runners}


def least_disturbed(done: Sequence[Round], count: int) -> list[Round]:
    """The rounds in which threads waited least, in the order in which they were run."""
    order = sorted(range(len(done)), key=lambda number: _disturbance(done[number]))
    return [done[number] for number in sorted(order[:count])]


def _round(runners: Mapping[str, Runner], rest: float) -> Round:
    turns: Round = {}
    for name, runner in runners.items():
        time.sleep(rest)
        turns[name] = runner.detect()
    return turns


def _disturbance(turns: Round) -> float:
    return max(turn.waited for turn in turns.values())


def _timing(name: str, turns: Sequence[Turn]) -> Timing:
    counts = {turn.faces for turn in turns}
    if len(counts) != 1:
        raise ValueError(f"expected {name} to find the same number of faces each time, got {sorted(counts)}")
    return Timing(tuple(turn.seconds for turn in turns), median(turn.waited for turn in turns), counts.pop())

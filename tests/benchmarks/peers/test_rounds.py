"""Turns, and the figures made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from benchmarks.peers.rounds import QUIET, TRIES, Timing, Turn, alternate, least_disturbed


@dataclass
class Fake:
    """A detector whose turns are told in advance."""

    name: str
    log: list[str]
    turns: Iterator[Turn]
    faces: int = field(default=3)

    def detect(self) -> Turn:
        self.log.append(self.name)
        return next(self.turns)


def steady(seconds: float, *, waited: float = 0.0, faces: int = 3) -> Iterator[Turn]:
    while True:
        yield Turn(seconds, waited, faces)


def test_packages_take_turns_and_warm_up_does_not_count() -> None:
    log: list[str] = []
    first = Fake("a", log, iter([Turn(9.0, 0.0, 3), *(Turn(float(i), 0.0, 3) for i in range(1, 8))]))
    timings = alternate({"a": first, "b": Fake("b", log, steady(4.0))}, rounds=7, warm_up=1, rest=0)
    assert log == ["a", "b"] * 8
    assert timings["a"].seconds == (1, 2, 3, 4, 5, 6, 7)
    assert timings["a"].milliseconds == (4000, 1000, 7000)


def test_disturbed_rounds_are_run_again() -> None:
    """The second round of b was disturbed, so both packages' second round is dropped and an eighth is run."""
    turns = iter([Turn(1.0, 0.0, 3), Turn(50.0, 2 * QUIET, 3), *(Turn(1.0, 0.0, 3) for _ in range(6))])
    log: list[str] = []
    counted = iter(Turn(float(i), 0.0, 3) for i in range(8))
    timings = alternate({"a": Fake("a", log, counted), "b": Fake("b", log, turns)}, rounds=7, warm_up=0, rest=0)
    assert timings["b"].seconds == (1.0,) * 7
    assert timings["a"].seconds == (0, 2, 3, 4, 5, 6, 7)
    assert timings["b"].waited == 0.0


def test_slow_rounds_are_kept_as_long_as_they_are_quiet() -> None:
    turns = iter([Turn(1.0, 0.0, 3), Turn(50.0, 0.0, 3), Turn(1.0, 0.0, 3)])
    assert alternate({"a": Fake("a", [], turns)}, rounds=3, warm_up=0, rest=0)["a"].seconds == (1.0, 50.0, 1.0)


def test_a_machine_that_never_rests_ends_the_tries_and_shows() -> None:
    log: list[str] = []
    timing = alternate({"a": Fake("a", log, steady(1.0, waited=0.5))}, rounds=7, warm_up=0, rest=0)["a"]
    assert len(log) == 7 * TRIES
    assert len(timing.seconds) == 7
    assert timing.waited == 0.5


def test_the_least_disturbed_rounds_stay_in_order() -> None:
    waits = [0.5, 0.1, 0.4, 0.0, 0.2]
    done = [{"a": Turn(float(i), wait, 1)} for i, wait in enumerate(waits)]
    assert [turns["a"].seconds for turns in least_disturbed(done, 3)] == [1, 3, 4]


def test_a_detector_must_find_the_same_number_of_faces() -> None:
    turns = iter([Turn(1.0, 0.0, 3), Turn(1.0, 0.0, 4)])
    with pytest.raises(ValueError, match=r"expected a to find the same number of faces each time, got \[3, 4\]"):
        alternate({"a": Fake("a", [], turns)}, rounds=2, warm_up=0, rest=0)


def test_ratios() -> None:
    ours = Timing((1.0, 2.0, 4.0), 0.0, 3)
    theirs = Timing((10.0, 30.0, 24.0), 0.0, 3)
    assert theirs.ratio_of_medians(ours) == 12.0
    assert theirs.paired_ratios(ours) == (10.0, 6.0, 15.0)
    assert ours.paired_ratios(ours) == (1.0, 1.0, 1.0)

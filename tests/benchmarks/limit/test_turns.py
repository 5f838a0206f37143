"""Programs in turns."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from benchmarks.limit import turns


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rests, a turn is one call, and nobody else on the machine."""
    monkeypatch.setattr(turns, "REST", 0.0)
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(turns, "seconds_waited", lambda: 0.0)


def program(name: str, seconds: Iterator[float], log: list[str]) -> turns.Program:
    def laps() -> turns.Laps:
        log.append(name)
        return {name: next(seconds), f"{name} half": 0.5}

    return laps


def test_programs_take_turns_and_the_warm_up_does_not_count() -> None:
    log: list[str] = []
    first, second = iter([9.0, 1.0, 2.0, 3.0]), iter([8.0, 4.0, 4.0, 4.0])
    timings = turns.measure([program("a", first, log), program("b", second, log)], rounds=3)
    assert log == ["a", "b"] * 4
    assert list(timings) == ["a", "a half", "b", "b half"]
    assert timings["a"].seconds == (1, 2, 3)
    assert timings["b half"].milliseconds == (500, 500, 500)


def test_disturbed_rounds_are_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of waiting jumps in the second round, by an hour, so a fourth is run."""
    clock = iter([0.0, 0.0, 0.0, 3600.0, 3600.0, 3600.0, 3600.0, 3600.0])
    monkeypatch.setattr(turns, "seconds_waited", lambda: next(clock))
    timings = turns.measure([program("a", iter([1.0, 50.0, 3.0, 4.0]), [])], rounds=3, warm_up=0)
    assert timings["a"].seconds == (1, 3, 4)


def test_a_turn_is_the_median_of_its_calls_without_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_SECONDS", 1.0)
    # Started, after the first call, started again, then after each call; the end of the turn.
    clock = iter([0.0, 0.1, 0.1, 0.5, 0.9, 1.2, 1.2])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    timings = turns.measure([program("a", iter([100.0, 1.0, 7.0, 2.0]), [])], rounds=1, warm_up=0)
    assert timings["a"].seconds == (2.0,)


def test_timed_gives_the_time_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 12.5])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    called: list[int] = []
    assert turns.timed("work", lambda: called.append(1))() == {"work": 2.5}
    assert called == [1]

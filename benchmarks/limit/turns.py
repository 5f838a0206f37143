"""Programs that take turns on one machine: `measure`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Final

from benchmarks.peers.machine import seconds_waited
from benchmarks.peers.rounds import QUIET, TRIES, Timing, Turn, least_disturbed

TURN_SECONDS: Final = 0.05
"""A turn repeats its call until this much time has passed; its first call counts only if it takes that long alone."""
REST: Final = 0.03
"""Seconds before each turn, for the threads of the one before to go to sleep."""

Laps = Mapping[str, float]
Program = Callable[[], Laps]
"""One call; returns what it took, in seconds, in all or by parts, under names that no other program uses."""


def timed(name: str, call: Callable[[], object]) -> Program:
    """A program that is `call`, timed as a whole."""

    def laps() -> Laps:
        started = time.perf_counter()
        call()
        return {name: time.perf_counter() - started}

    return laps


def measure(programs: Sequence[Program], *, rounds: int, warm_up: int = 1) -> dict[str, Timing]:
    """Let each program take its turn, round after round, until enough rounds were quiet, and time them.

    Rounds in which other programs took cores away are run again, as in `benchmarks.peers.rounds`.

    Returns:
        By the programs' names, the time of one call in each of the `rounds` rounds kept.
    """
    for _ in range(warm_up):
        _round(programs)
    done: list[dict[str, Turn]] = []
    while len(done) < TRIES * rounds and sum(_quiet(turns) for turns in done) < rounds:
        done.append(_round(programs))
    kept = least_disturbed(done, rounds)
    return {name: _timing([turns[name] for turns in kept]) for name in kept[0]}


def _round(programs: Sequence[Program]) -> dict[str, Turn]:
    turns: dict[str, Turn] = {}
    for program in programs:
        time.sleep(REST)
        laps, waited = _turn(program)
        turns |= {name: Turn(seconds, waited, 0) for name, seconds in laps.items()}
    return turns


def _turn(program: Program) -> tuple[Laps, float]:
    """Medians of calls in a row, and the share of the turn that threads waited for a core."""
    waited, started = seconds_waited(), time.perf_counter()
    calls = [program()]
    if time.perf_counter() - started < TURN_SECONDS:
        waited, started, calls = seconds_waited(), time.perf_counter(), []
        while not calls or time.perf_counter() - started < TURN_SECONDS:
            calls.append(program())
    share = (seconds_waited() - waited) / (time.perf_counter() - started)
    return {name: median(call[name] for call in calls) for name in calls[0]}, share


def _quiet(turns: Mapping[str, Turn]) -> bool:
    return all(turn.waited <= QUIET for turn in turns.values())


def _timing(turns: Sequence[Turn]) -> Timing:
    return Timing(tuple(turn.seconds for turn in turns), median(turn.waited for turn in turns), 0)

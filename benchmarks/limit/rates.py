"""The limit itself: multiply-adds of each instruction set, and what NumPy's matrix product makes of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import closing
from typing import Final

from benchmarks.limit.bench import GIGA, Bench, disturbance
from benchmarks.limit.peak import Peak, sgemm_rate
from benchmarks.limit.turns import Program, measure
from benchmarks.peers.rounds import Timing
from benchmarks.report import table
from facecascade.engines import _native

HEADER: Final = ("what", "threads", "GFLOP/s", "least", "greatest", "vector operations a nanosecond")
RATE: Final = "rate"
PLAUSIBLE: Final = (0.5, 12.0)
"""Vector multiply-adds a nanosecond of one core: one or two a cycle, at 0.5 to 6 GHz."""


def report(bench: Bench) -> str:
    """A table of the rates, whether they are plausible, and how quiet it was."""
    lanes = dict(_native.instruction_sets())
    rows, everything, doubts = [], [], []
    for name, threads in itertools.product(lanes, dict.fromkeys((1, bench.threads))):
        with closing(Peak(name, threads=threads)) as peak:
            timing = measure([_inverse(peak.rate)], rounds=bench.rounds)[RATE]
        everything.append(timing)
        vectors = _gigaflops(timing)[0] / (2 * lanes[name])
        rows.append((f"multiply-adds, {name}", str(threads), *_cells(timing), f"{vectors:.3g}"))
        if not plausible(vectors / threads):
            doubts.append(f"NOT PLAUSIBLE: {name} does {vectors:.3g} vector operations a nanosecond")
    product = measure([_inverse(sgemm_rate)], rounds=bench.rounds)[RATE]
    rows.append(("NumPy's sgemm", "its own", *_cells(product), ""))
    if _gigaflops(product)[0] > 1.05 * max(_gigaflops(timing)[0] for timing in everything):
        doubts.append("NOT PLAUSIBLE: NumPy's matrix product is faster than the limit")
    return "\n".join([table(HEADER, rows), "", *doubts, disturbance([*everything, product])])


def plausible(vectors: float) -> bool:
    """Whether a core may do so many vector multiply-adds a nanosecond."""
    return PLAUSIBLE[0] <= vectors <= PLAUSIBLE[1]


def _inverse(rate: Callable[[], float]) -> Program:
    """A program whose time is what a billion operations take."""
    return lambda: {RATE: GIGA / rate()}


def _gigaflops(timing: Timing) -> tuple[float, float, float]:
    """Median, least and greatest."""
    middle, least, greatest = (1000 / value for value in timing.milliseconds)
    return middle, greatest, least


def _cells(timing: Timing) -> tuple[str, ...]:
    return tuple(f"{value:.0f}" for value in _gigaflops(timing))

"""What all sections of the program work with: `Bench`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import Picture
from benchmarks.limit import prototype
from benchmarks.limit.peak import Peak
from benchmarks.limit.turns import Program
from benchmarks.peers.rounds import QUIET, Timing
from facecascade.engines.native import NativeEngine, instruction_sets
from facecascade.settings import Settings
from facecascade.weights import Weights

GIGA: Final = 1e9
STEADY: Final = 1.05
"""By how much the median time of the limit may exceed the least."""


@dataclass
class Bench:
    """What is measured, and how.

    Attributes:
        picture: (h, w, 3) uint8 RGB, with faces.
        settings: how the cascade searches.
        threads: of the core, the peak and the prototype.
        rounds: kept of each measurement.
        instruction_set: by the core's name.
    """

    picture: Picture
    settings: Settings
    threads: int
    rounds: int
    instruction_set: str

    def engine(self, *, threads: int | None = None, instruction_set: str | None = None) -> NativeEngine:
        """The native engine, with this number of threads and instruction set or the usual ones."""
        tensors = Weights.load().tensors
        chosen = instruction_set or self.instruction_set
        return NativeEngine(tensors, instruction_set=chosen, threads=threads or self.threads)

    def limit(self, *, threads: int | None = None) -> Program:
        """A program that measures the peak; its time, "limit", is what a billion operations take at that rate."""
        peak = Peak(self.instruction_set, threads=threads or self.threads)
        return lambda: {"limit": GIGA / peak.rate()}

    @cached_property
    def prototype(self) -> prototype.Prototype | None:
        """The prototype; None where it is missing or cannot run."""
        if self.without_prototype:
            return None
        lanes = 16 if "avx512" in instruction_sets() else 8
        return prototype.Prototype(Weights.load().tensors, lanes=lanes)

    @cached_property
    def without_prototype(self) -> str | None:
        """Why there is no prototype to compare with; None if there is."""
        if "avx2" not in instruction_sets():
            return "the prototype needs AVX2"
        return prototype.missing()


def share(flops: float, timing: Timing, limit: Timing) -> float:
    """Operations over the median time they took, as a share of the greatest limit measured in the same rounds.

    The greatest, because whatever disturbs the measure of the limit would otherwise flatter what is held against it.
    """
    milliseconds = timing.milliseconds[0]
    return flops / GIGA * limit.milliseconds[1] / milliseconds if milliseconds else 0.0


def rate(limit: Timing) -> str:
    """The limit in GFLOP/s: the greatest that was measured."""
    return f"{1000 / limit.milliseconds[1]:.0f}"


def shown(timing: Timing | None) -> str:
    """Median milliseconds, three digits; empty where nothing was measured."""
    return "" if timing is None else f"{timing.milliseconds[0]:.3g}"


def disturbance(timings: Sequence[Timing], limit: Timing | None = None) -> str:
    """A line about other programs, for the end of a table.

    Waiting for a core is known from the system; a host that takes the core away unseen shows in a limit that varies.
    """
    most = max(timing.waited for timing in timings)
    if limit is not None and limit.milliseconds[0] > STEADY * limit.milliseconds[1]:
        usual = 1000 / limit.milliseconds[0]
        rates = f"{usual:.0f} GFLOP/s in half of the rounds, {rate(limit)} at the most"
        return f"DISTURBED: the limit was {rates}; run it again"
    if most <= QUIET:
        return f"quiet: threads waited for a core for at most {most:.1%} of a turn"
    return f"DISTURBED: threads waited for a core for up to {most:.0%} of a turn; run it again on a quiet machine"


def outside(count: int) -> NDArray[np.float64]:
    """Boxes outside any picture, whose crops are black and cost no sampling, (count, 4)."""
    return np.tile(np.array([-200.0, -200.0, -150.0, -150.0]), (count, 1))

"""The whole cascade by instruction set."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Final

from benchmarks.limit.bench import Bench, disturbance, shown
from benchmarks.limit.turns import Laps, Program, measure
from benchmarks.report import table
from facecascade.engines import _native
from facecascade.engines.native import NativeEngine

HEADER: Final = ("instruction set", "lanes", "whole ms", "times the best", "P-Net ms", "R-Net ms", "O-Net ms")


def report(bench: Bench) -> str:
    """A table of all sets that this machine runs, and how quiet it was."""
    lanes = dict(_native.instruction_sets())
    with ExitStack() as stack:
        engines = {name: stack.enter_context(closing(bench.engine(instruction_set=name))) for name in lanes}
        timings = measure([_stages(bench, name, engine) for name, engine in engines.items()], rounds=bench.rounds)
    best = timings[f"{bench.instruction_set} whole"]
    rows = []
    for name, width in lanes.items():
        whole, *stages = (timings[f"{name} {part}"] for part in ("whole", "pnet", "rnet", "onet"))
        ratio = f"{whole.paired_ratios(best)[0]:.2f}"
        rows.append((name, str(width), shown(whole), ratio, *(shown(stage) for stage in stages)))
    return "\n".join([table(HEADER, rows), "", disturbance(list(timings.values()))])


def _stages(bench: Bench, name: str, engine: NativeEngine) -> Program:
    return _named(name, lambda: engine.stage_seconds(bench.picture, bench.settings))


def _named(name: str, stages: Callable[[], Laps]) -> Program:
    def laps() -> Laps:
        seconds = stages()
        return {f"{name} {stage}": value for stage, value in seconds.items()} | {f"{name} whole": sum(seconds.values())}

    return laps

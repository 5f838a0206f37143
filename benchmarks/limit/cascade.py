"""The whole cascade on one picture: what each stage takes, and which share of the limit it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Final

from benchmarks.limit.bench import Bench, disturbance, outside, rate, share, shown
from benchmarks.limit.flops import onet_flops, pyramid_flops, rnet_flops
from benchmarks.limit.turns import Program, measure, timed
from benchmarks.report import table, verdict
from facecascade.engines.native import NativeEngine
from facecascade.trace import Trace

TARGET: Final = 0.90
"""Share of the limit, of the whole detection."""
HEADER: Final = ("stage", "what", "ms", "of the time", "GFLOP", "share of the limit")


def report(bench: Bench) -> str:
    """A table of the stages, the total with its target, and how quiet it was."""
    with closing(bench.engine()) as engine:
        trace = engine.trace(bench.picture, bench.settings)
        timings = measure(list(_programs(bench, engine, trace)), rounds=bench.rounds)
    limit, whole = timings["limit"], timings["whole"]
    total = whole.milliseconds[0]
    rows = []
    for name, what, flops in _stages(bench, trace):
        timing = timings[name]
        reached = f"{share(flops, timing, limit):.0%}" if flops else ""
        work = f"{flops / 1e9:.3g}" if flops else ""
        rows.append((name, what, shown(timing), f"{timing.milliseconds[0] / total:.1%}", work, reached))
    done = share(sum(flops for _, _, flops in _stages(bench, trace)), whole, limit)
    lines = [
        f"whole detection: {total:.4g} ms, {done:.0%} of {rate(limit)} GFLOP/s; target {TARGET:.0%}: "
        f"{verdict(done, limit=TARGET, at_least=True)}",
        *(_sampling(timings["rnet"].milliseconds[0], timings["rnet, black"].milliseconds[0], "R-Net")),
        *(_sampling(timings["onet"].milliseconds[0], timings["onet, black"].milliseconds[0], "O-Net")),
        disturbance(list(timings.values()), limit),
    ]
    return "\n".join([table(HEADER, rows), "", *lines])


def _programs(bench: Bench, engine: NativeEngine, trace: Trace) -> Iterator[Program]:
    picture, settings = bench.picture, bench.settings
    classic = settings.geometry == "classic"
    crops, faces = outside(len(trace.proposals)), outside(len(trace.refined))
    yield bench.limit()
    yield lambda: engine.stage_seconds(picture, settings)
    yield timed("whole", lambda: engine.detect([picture], settings))
    yield timed("rnet, black", lambda: engine.core.rnet(picture, crops, classic))
    yield timed("onet, black", lambda: engine.core.onet(picture, faces, classic))


def _stages(bench: Bench, trace: Trace) -> list[tuple[str, str, int]]:
    """Name of each stage as the core has it, what it worked on, and its operations where there are any to count."""
    height, width = bench.picture.shape[:2]
    crops, faces = len(trace.proposals), len(trace.refined)
    return [
        ("pyramid", f"{width} x {height}, {len(trace.scales)} levels", 0),
        ("pnet", f"{sum(trace.candidates)} windows pass", pyramid_flops(height, width, bench.settings)),
        ("proposals", f"{crops} stay", 0),
        ("rnet", f"{crops} crops, sampled and run", crops * rnet_flops()),
        ("refined", f"{faces} stay", 0),
        ("onet", f"{faces} crops, sampled and run", faces * onet_flops()),
        ("faces", f"{len(trace.faces)} stay", 0),
    ]


def _sampling(whole: float, black: float, name: str) -> list[str]:
    return [f"{name}: {black:.3g} ms of it with black crops, so that sampling takes about {whole - black:.2g} ms"]

"""P-Net over the pyramid at the usual sizes of pictures, as a share of the limit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image

from benchmarks.data import Picture
from benchmarks.limit.bench import Bench, disturbance, rate, share, shown
from benchmarks.limit.flops import pyramid_flops
from benchmarks.limit.turns import Program, measure, timed
from benchmarks.report import table, verdict
from facecascade.engines.native import NativeEngine
from facecascade.settings import level_size

SIZES: Final = {"VGA": (480, 640), "720p": (720, 1280), "1080p": (1080, 1920), "4K": (2160, 3840)}
"""(height, width) in pixels."""
TARGETS: Final = {"VGA": 0.95, "720p": 1.15, "1080p": 1.15, "4K": 1.15}
"""Shares of the limit; Winograd's transform multiplies less than is counted."""
HEADER: Final = ("picture", "GFLOP", "core ms", "limit GFLOP/s", "share", "target", "", "prototype ms", "its share")


def report(bench: Bench) -> str:
    """A table of all sizes, and how quiet it was."""
    lines: list[str] = []
    with closing(bench.engine()) as engine:
        rows = [_row(bench, engine, name, lines) for name in SIZES]
    notes = [f"prototype skipped: {bench.without_prototype}"] if bench.without_prototype else []
    return "\n".join([table(HEADER, rows), "", *lines, *notes])


def stretched(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture at this (height, width), by Lanczos, whatever becomes of its proportions."""
    height, width = size
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def _row(bench: Bench, engine: NativeEngine, name: str, lines: list[str]) -> tuple[str, ...]:
    picture = stretched(bench.picture, SIZES[name])
    timings = measure(list(_programs(bench, engine, picture)), rounds=bench.rounds)
    height, width = SIZES[name]
    flops = pyramid_flops(height, width, bench.settings)
    core, limit, other = timings["core"], timings["limit"], timings.get("prototype")
    reached = share(flops, core, limit)
    lines.append(f"{name}: {disturbance(list(timings.values()), limit)}")
    ours = (f"{reached:.0%}", f"{TARGETS[name]:.0%}", verdict(reached, limit=TARGETS[name], at_least=True))
    theirs = (shown(other), "" if other is None else f"{share(flops, other, limit):.0%}")
    return name, f"{flops / 1e9:.3g}", shown(core), rate(limit), *ours, *theirs


def _programs(bench: Bench, engine: NativeEngine, picture: Picture) -> Iterator[Program]:
    two_stages = replace(bench.settings, stages=2)
    yield bench.limit()
    yield lambda: {"core": engine.stage_seconds(picture, two_stages)["pnet"]}
    rival = bench.prototype
    if rival is not None:
        height, width = picture.shape[:2]
        sizes = (level_size(height, width, scale) for scale in bench.settings.scales(height, width))
        levels = [engine.core.level(picture, *size) for size in sizes]
        first = bench.settings.thresholds[0]
        logit = math.log(first / (1 - first))
        yield timed("prototype", lambda: rival.pnet(levels, logit=logit, threads=bench.threads))

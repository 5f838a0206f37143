"""How it grows: one and two actors, and the memory of the driver with names alone."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Final

from benchmarks.distributed import overhead
from benchmarks.distributed.processes import measured
from benchmarks.report import table

A_FOLDER: Final = 1000


def report(pictures: Path, work: Path, *, runs: int, names: list[int]) -> str:
    """Both tables."""
    return f"{_actors(pictures, work, runs)}\n\n{_memory(work, names)}"


def _actors(pictures: Path, work: Path, runs: int) -> str:
    count = sum(1 for _ in pictures.rglob("*.jpg"))
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(runs):
        for actors, some in rates.items():
            usage = overhead._usage(f"cluster:{actors}", pictures, work)
            some.append(count / float(usage.output.split()[-1]))
    middle = {actors: statistics.median(some) for actors, some in rates.items()}
    rows = [[actors, f"{rate:.1f}", f"{rate / middle[1]:.2f}"] for actors, rate in middle.items()]
    return f"{count} pictures, medians of {runs} runs in turn:\n\n{table(['actors', 'pictures/s', 'times'], rows)}"


def _memory(work: Path, names: list[int]) -> str:
    """Names of files that are empty; no file is opened, a constant stands for reading and detecting."""
    rows = []
    for count in names:
        folder = work / f"names-{count}"
        for number in range(count):
            path = folder / f"{number // A_FOLDER:04d}" / f"{number:07d}.jpg"
            if number % A_FOLDER == 0:
                path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        command = [sys.executable, "-m", "benchmarks.distributed.names", str(folder), str(work / f"out-{count}")]
        usage = measured(command, log=work / "log.txt")
        rows.append([f"{count:,}", f"{usage.peak:.0f}", f"{usage.seconds:.0f}"])
    return "Names alone: no picture is read, each has one face that is a constant, without a crop:\n\n" + table(
        ["pictures", "most MB of the driver", "seconds"], rows
    )

"""How it grows with its actors: pictures a second, and processor seconds, of one and of two."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.distributed import overhead
from benchmarks.distributed.processes import Usage
from benchmarks.report import table


def report(pictures: Path, work: Path, *, runs: int) -> str:
    """Runs both in turn."""
    count = overhead.count_of(pictures)
    usages: dict[int, list[Usage]] = {1: [], 2: []}
    for _ in range(runs):
        for actors, some in usages.items():
            some.append(overhead.usage_of(f"cluster:{actors}", pictures, work))
    rates = {actors: statistics.median(overhead.rates(some, count)) for actors, some in usages.items()}
    rows = [
        [
            actors,
            f"{rates[actors]:.1f}",
            f"{rates[actors] / rates[1]:.2f}",
            f"{statistics.median(usage.cpu_seconds for usage in some) / count * 1000:.1f}",
        ]
        for actors, some in usages.items()
    ]
    header = ["actors", "pictures/s", "times", "CPU ms/picture"]
    return f"{count} pictures, medians of {runs} runs in turn:\n\n{table(header, rows)}"

"""Any pictures, any packages: a table of all times, without targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.peers.measured import Result, disturbance
from benchmarks.peers.peer import find_peer
from benchmarks.report import table

HEADER: Final = (
    "picture",
    "detector",
    "faces, in common",
    "median ms",
    "min",
    "max",
    "waited",
    "of medians",
    "paired",
    "its range",
)
RATIOS: Final = (
    "of medians, paired: how many times as long as {base} it took, by the medians, and as the median of the ratios of "
    "neighbouring turns. waited: median share of a turn that threads were kept from running by other programs."
)


def times(results: Sequence[Result]) -> str:
    """A row for each picture and package, and how quiet it was."""
    rows = [row for result in results for row in _rows(result)]
    ratios = RATIOS.format(base=find_peer(results[0].base).title)
    return f"{table(HEADER, rows)}\n\n{ratios}\n\n{disturbance(results)}"


def _rows(result: Result) -> Iterator[tuple[str, ...]]:
    base = result.timings[result.base]
    for name, timing in result.timings.items():
        values = [f"{value:.3g}" for value in timing.milliseconds]
        paired, least, greatest = timing.paired_ratios(base)
        ratios = (f"{result.ratio(name):.2f}", f"{paired:.2f}", f"{least:.2f} to {greatest:.2f}")
        size = f"{result.picture}, {result.width} x {result.height}"
        yield size, find_peer(name).title, result.faces(name), *values, f"{timing.waited:.1%}", *ratios

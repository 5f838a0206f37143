"""Measure the series that the command line asks for; print their tables and draw them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.growth import measured, plot
from benchmarks.growth.series import Series
from benchmarks.peers import machine
from benchmarks.report import RESULTS
from benchmarks.sections import parsed

SERIES: Final[dict[str, Callable[[int, int], list[Series]]]] = {
    "pixels": measured.by_pixels,
    "faces": measured.by_faces,
    "proposals": measured.by_proposals,
    "boxes": measured.by_boxes,
    "threads": measured.by_threads,
}


def main() -> None:
    """Run the series that the command line names."""
    args = _arguments()
    facts = machine.describe() | {"threads": str(args.threads)}
    print(*(f"- {key}: {value}" for key, value in facts.items()), sep="\n")
    found: list[Series] = []
    for name in args.series:
        for series in SERIES[name](args.threads, args.rounds):
            print(f"\n## {series.title}\n\n{series.report()}", flush=True)
            found.append(series)
    if find_spec("matplotlib") is None:
        print("\nnot drawn: Matplotlib is missing; the extra `evaluate` brings it")
    else:
        plot.save(found, args.plot)
        print(f"\ndrawn in {args.plot}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description="How time grows with the work.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds kept of each measurement (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="(%(default)s)")
    parser.add_argument("--plot", type=Path, default=RESULTS / "growth.png", help="PNG file (%(default)s)")
    return parsed(parser, SERIES, kind="series")


if __name__ == "__main__":
    main()

"""Measure what the command line asks for and print tables; see the package's docstring for how and why."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.data import DATA
from benchmarks.distributed import cost, driver, faults, growth, large, overhead, same, store
from benchmarks.distributed.made import write_parts
from benchmarks.distributed.pair import quiet
from benchmarks.jobs.pictures import SIZE, write_pictures
from benchmarks.peers import machine
from benchmarks.sections import parsed
from scripts.sample_pictures import sample_pictures

SMALL: Final = (640, 480)


def main() -> None:
    """Run the sections that the command line names."""
    args = _arguments()
    print(*(f"- {key}: {value}" for key, value in machine.describe().items()), sep="\n")
    for name in args.sections:
        with tempfile.TemporaryDirectory(dir=args.work) as folder, quiet():
            print(f"\n## {name.capitalize()}\n\n{SECTIONS[name](args, Path(folder))}", flush=True)


def _made(folder: Path, count: int, size: tuple[int, int]) -> Path:
    return write_pictures(sorted(sample_pictures().values()), folder / "pictures", count=count, size=size)


def _same(args: argparse.Namespace, folder: Path) -> str:
    made = write_parts(sorted(sample_pictures().values()), folder / "pictures", count=args.same)
    sets = {"made": made}
    if (args.data / "photos").is_dir():
        sets["photos"] = args.data / "photos"
    return same.report(sets, folder)


def _faults(args: argparse.Namespace, folder: Path) -> str:
    return faults.report(_made(folder, args.faults, SMALL), folder, kills=args.kills)


def _overhead(args: argparse.Namespace, folder: Path) -> str:
    return overhead.report(_made(folder, args.pictures, SIZE), folder, runs=args.runs)


def _growth(args: argparse.Namespace, folder: Path) -> str:
    return growth.report(_made(folder, args.pictures, SIZE), folder, runs=args.runs)


def _driver(args: argparse.Namespace, folder: Path) -> str:
    return driver.report(folder, names=args.names)


def _large(args: argparse.Namespace, folder: Path) -> str:
    return large.report(_made(folder, args.small, SMALL), folder)


def _store(args: argparse.Namespace, folder: Path) -> str:
    return store.report(_made(folder, args.small, SMALL), folder)


def _cost(args: argparse.Namespace, folder: Path) -> str:
    return cost.report(_made(folder, args.pictures, SIZE), folder)


SECTIONS: Final[dict[str, Callable[[argparse.Namespace, Path], str]]] = {
    "same": _same,
    "faults": _faults,
    "store": _store,
    "large": _large,
    "overhead": _overhead,
    "growth": _growth,
    "driver": _driver,
    "cost": _cost,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distributed", description="Extraction on a cluster.")
    parser.add_argument("--data", type=Path, default=DATA, help="data folder (%(default)s)")
    parser.add_argument("--work", type=Path, help="where to make files, 3 GB (default: where the system does)")
    parser.add_argument("--pictures", type=int, default=5000, help="JPEGs of 2 megapixels (%(default)s)")
    parser.add_argument("--same", type=int, default=2000, help="made pictures that are compared (%(default)s)")
    parser.add_argument("--faults", type=int, default=1000, help="made pictures for faults (%(default)s)")
    parser.add_argument("--small", type=int, default=300, help="made pictures for store and large (%(default)s)")
    parser.add_argument("--kills", type=int, default=10, help="processes to kill (%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="of each way in turn (%(default)s)")
    parser.add_argument("--names", type=int, nargs="+", default=[10_000, 1_000_000], help="listed (%(default)s)")
    return parsed(parser, SECTIONS)


if __name__ == "__main__":
    main()

"""Measure what the command line asks for and print tables; see the package's docstring for how and why."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.data import DATA, list_pictures
from benchmarks.jobs import crash, memory, resume, throughput
from benchmarks.jobs.pictures import SIZE, write_pictures
from benchmarks.peers import machine
from benchmarks.sections import parsed

SMALL: Final = (640, 480)


def main() -> None:
    """Run the sections that the command line names."""
    args = _arguments()
    print(*(f"- {key}: {value}" for key, value in machine.describe().items()), sep="\n")
    for name in args.sections:
        with tempfile.TemporaryDirectory(dir=args.work) as folder:
            print(f"\n## {name.capitalize()}\n\n{SECTIONS[name](args, Path(folder))}", flush=True)


def _pictures(args: argparse.Namespace, folder: Path, count: int, size: tuple[int, int] = SIZE) -> Path:
    return write_pictures(list_pictures(args.data / "photos"), folder / "pictures", count=count, size=size)


def _throughput(args: argparse.Namespace, folder: Path) -> str:
    pictures = _pictures(args, folder, args.pictures)
    return throughput.report(pictures, folder, runs=args.runs, peer_pictures=args.peer_pictures)


def _memory(args: argparse.Namespace, folder: Path) -> str:
    return memory.report(_pictures(args, folder, min(args.pictures, 500)), folder)


def _resume(args: argparse.Namespace, folder: Path) -> str:
    return resume.report(folder, count=args.files)


def _crash(args: argparse.Namespace, folder: Path) -> str:
    return crash.report(_pictures(args, folder, 500, SMALL), folder, kills=args.kills)


SECTIONS: Final[dict[str, Callable[[argparse.Namespace, Path], str]]] = {
    "throughput": _throughput,
    "memory": _memory,
    "resume": _resume,
    "crash": _crash,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jobs", description="The extraction job as a whole.")
    parser.add_argument("--data", type=Path, default=DATA, help="data folder (%(default)s)")
    parser.add_argument("--work", type=Path, help="where to make files, 3 GB (default: where the system does)")
    parser.add_argument("--pictures", type=int, default=2000, help="JPEGs of 2 megapixels (%(default)s)")
    parser.add_argument("--peer-pictures", type=int, default=100, help="of these for facenet-pytorch (%(default)s)")
    parser.add_argument("--runs", type=int, default=3, help="of each way in turn (%(default)s)")
    parser.add_argument("--files", type=int, default=100_000, help="pictures that are done (%(default)s)")
    parser.add_argument("--kills", type=int, default=200, help="(%(default)s)")
    return parsed(parser, SECTIONS)


if __name__ == "__main__":
    main()

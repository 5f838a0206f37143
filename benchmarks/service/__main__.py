"""Measure what the command line asks for and print tables; see the package's docstring for how and why."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.data import DATA
from benchmarks.peers import machine
from benchmarks.sections import parsed
from benchmarks.service import hostile, throughput
from benchmarks.service.pictures import vga_jpegs


def main() -> None:
    """Run the sections that the command line names."""
    args = _arguments()
    print(*(f"- {key}: {value}" for key, value in machine.describe().items()), sep="\n")
    for name in args.sections:
        print(f"\n## {name.capitalize()}\n\n{SECTIONS[name](args)}", flush=True)


def _throughput(args: argparse.Namespace) -> str:
    pictures = vga_jpegs(args.data / "photos")
    options = args.options.split()
    return throughput.report(pictures, clients=args.clients, seconds=args.seconds, turns=args.turns, options=options)


def _hostile(args: argparse.Namespace) -> str:
    return hostile.report(count=args.requests)


SECTIONS: Final[dict[str, Callable[[argparse.Namespace], str]]] = {"throughput": _throughput, "hostile": _hostile}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description="The web service under load.")
    parser.add_argument("--data", type=Path, default=DATA, help="data folder (%(default)s)")
    parser.add_argument("--clients", type=int, default=32, help="that ask at one time (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="of load in all (%(default)s)")
    parser.add_argument("--turns", type=int, default=6, help="in so many pieces (%(default)s)")
    parser.add_argument("--requests", type=int, default=10_000, help="that are hostile (%(default)s)")
    parser.add_argument("--options", default="", help="of facecascade serve, in one argument")
    return parsed(parser, SECTIONS)


if __name__ == "__main__":
    main()

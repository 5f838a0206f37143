"""Measure what the command line asks for and print tables; see the package's docstring for how and why."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.data import DATA, GROUP_PHOTO, load_rgb, resized
from benchmarks.limit import batch, cascade, memory, networks, pnet, rates, sets, small
from benchmarks.limit.bench import Bench
from benchmarks.peers import machine
from benchmarks.sections import parsed
from facecascade.engines.native import instruction_sets
from facecascade.settings import Settings

SECTIONS: Final[dict[str, tuple[str, Callable[[Bench], str]]]] = {
    "rates": ("The limit", rates.report),
    "pnet": ("P-Net over the pyramid", pnet.report),
    "cascade": ("The whole cascade", cascade.report),
    "networks": ("R-Net and O-Net", networks.report),
    "sets": ("Instruction sets", sets.report),
    "batch": ("The second thread", batch.report),
    "small": ("Small work", small.report),
    "memory": ("Memory", memory.report),
}


def main() -> None:
    """Run the sections that the command line names."""
    args = _arguments()
    bench = Bench(
        picture=resized(load_rgb(args.picture), args.height),
        settings=Settings(min_face_size=args.min_face_size),
        threads=args.threads,
        rounds=args.rounds,
        instruction_set=args.instruction_set,
    )
    facts = machine.describe() | {"instruction set": bench.instruction_set, "threads": str(bench.threads)}
    print(*(f"- {key}: {value}" for key, value in facts.items()), sep="\n")
    for name in args.sections:
        title, report = SECTIONS[name]
        print(f"\n## {title}\n\n{report(bench)}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.limit", description="Speed against the machine's limit."
    )
    parser.add_argument("--picture", type=Path, default=DATA / "photos" / GROUP_PHOTO, help="(default: a group photo)")
    parser.add_argument("--height", type=int, default=1080, help="resize it to this height by Lanczos (%(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds kept of each measurement (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="(%(default)s)")
    parser.add_argument("--min-face-size", type=int, default=20, help="pixels (%(default)s)")
    sets = instruction_sets()
    parser.add_argument("--instruction-set", choices=sets, default=sets[0], help="(default: the best)")
    return parsed(parser, SECTIONS)


if __name__ == "__main__":
    main()

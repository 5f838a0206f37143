"""Measure what the command line asks for and print tables; see the package's docstring for how and why."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.data import DATA, list_pictures
from benchmarks.decoding import decoders, overlap, scaled
from benchmarks.decoding.pictures import write_pictures
from benchmarks.peers import machine
from benchmarks.sections import parsed

TITLES: Final = {
    "decoders": "Decoders",
    "overlap": "Decoding and detecting at once",
    "scaled": "Decoding at a part of the size",
}


def main() -> None:
    """Run the sections that the command line names."""
    args = _arguments()
    print(*(f"- {key}: {value}" for key, value in machine.describe().items()), sep="\n")
    sources = list_pictures(args.data / "photos")
    with tempfile.TemporaryDirectory() as folder:
        paths = write_pictures(sources, Path(folder), count=args.pictures if "overlap" in args.sections else 1)
        for name in args.sections:
            print(f"\n## {TITLES[name]}\n\n{_section(name, args, paths, sources)}", flush=True)


def _section(name: str, args: argparse.Namespace, paths: list[Path], sources: list[Path]) -> str:
    if name == "decoders":
        return decoders.report(paths, rounds=max(args.rounds, 7))
    if name == "overlap":
        return overlap.report(paths, rounds=args.rounds, threads=args.threads)
    photos = [path for path in sources if path.suffix.lower() in (".jpg", ".jpeg")]
    return scaled.report(photos, threads=args.threads)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.decoding", description="From a folder of camera pictures to boxes."
    )
    parser.add_argument("--data", type=Path, default=DATA, help="data folder (%(default)s)")
    parser.add_argument("--pictures", type=int, default=50, help="JPEGs of 12 megapixels (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of the folder as a whole (%(default)s)")
    parser.add_argument("--threads", type=int, default=2, help="of the detector (%(default)s)")
    return parsed(parser, TITLES)


if __name__ == "__main__":
    main()

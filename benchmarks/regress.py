"""Counted instructions of the core against those that are written down: `python -m benchmarks.regress`.

Time is never the same twice; the number of instructions is. `native_work` (native/tests/work.cpp) does one fixed piece
of work on generated pictures, weights and boxes, on one thread, with AVX2; valgrind's callgrind counts what that piece
takes. AVX-512, which valgrind does not know, comes from the same sources.

The figures belong to a compiler, so regress.json has a set for each that somebody has run: another compiler's work is
counted and shown, and judged by nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.data import ROOT
from benchmarks.report import table

FIGURES: Final = Path(__file__).with_name("regress.json")
BUILD: Final = ROOT / "build" / "regress"
TARGET: Final = "native_work"
TOLERANCE: Final = 0.02
"""Share by which a count may differ from the one written down, either way: what is faster wants to be written down."""
WORKS: Final = ("pyramid", "pnet", "rnet", "rnet_with_crops", "onet", "nms", "cascade")
SAMPLED: Final = ("crops", "rnet_with_crops", "rnet")
"""The crops of R-Net are no work of their own: they are what it takes more than with black ones."""

Counts = Mapping[str, int]


class Run(NamedTuple):
    """What one piece of work took, and what it ran on: instruction set and compiler."""

    instructions: int
    built: str


def main() -> int:
    """Count, compare, print; 1 if a count differs by more than the tolerance."""
    args = _arguments()
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed")
        return 0
    program = build(args.build)
    runs = {name: count(program, name) for name in WORKS}
    (built,) = {run.built for run in runs.values()}
    counts = with_crops({name: run.instructions for name, run in runs.items()})
    known = read(args.figures)
    print(f"{built}\n\n{_comparison(counts, known.get(built, {}))}\n")
    if args.update:
        write(args.figures, {**known, built: counts})
        print(f"written down in {args.figures.name}")
        return 0
    if built not in known:
        print(f"not judged: {args.figures.name} has no figures for {built}; --update writes them")
        return 0
    wrong = differing(counts, known[built])
    print(_verdict(wrong))
    return int(bool(wrong))


def build(folder: Path) -> Path:
    """The program that does the work, built where it is out of date.

    Raises:
        SystemExit: no CMake, or the build failed.
    """
    cmake = shutil.which("cmake", path=str(Path(sys.executable).parent)) or shutil.which("cmake")
    if cmake is None:
        raise SystemExit("expected cmake beside this Python or on the path, found none: pip install cmake")
    options = ["-DFACECASCADE_TESTS=ON", "-DCMAKE_BUILD_TYPE=Release"]
    commands = [
        [cmake, "-S", str(ROOT), "-B", str(folder), *options],
        [cmake, "--build", str(folder), "--target", TARGET, "--parallel", "2"],
    ]
    for command in commands:
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise SystemExit(f"expected {' '.join(command)} to succeed, got:\n{done.stdout}")
    return folder / "native" / "tests" / TARGET


def count(program: Path, work: str) -> Run:
    """Instructions of one piece of work."""
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=counted_work"]
    done = subprocess.run([*tool, str(program), work], check=True, capture_output=True, text=True)
    return Run(collected(done.stderr), done.stdout.strip())


def collected(log: str) -> int:
    """The number of instructions in callgrind's last words.

    Raises:
        ValueError: there is none, or it is 0.
    """
    found = re.search(r"Collected : (\d+)", log)
    if found is None or not int(found[1]):
        raise ValueError(f"expected callgrind to have collected instructions, got:\n{log}")
    return int(found[1])


def with_crops(counts: Counts) -> dict[str, int]:
    """The counts with that of the crops alone in place of R-Net with them."""
    name, whole, rest = SAMPLED
    return {key: value for key, value in counts.items() if key != whole} | {name: counts[whole] - counts[rest]}


def differing(counts: Counts, known: Counts) -> list[str]:
    """A line for each count that is not the one written down, within the tolerance, and for each that is missing."""
    lines = [f"{name}: counted, but not written down" for name in counts.keys() - known.keys()]
    lines += [f"{name}: written down, but not counted" for name in known.keys() - counts.keys()]
    for name in counts.keys() & known.keys():
        if abs(counts[name] - known[name]) > TOLERANCE * known[name]:
            lines.append(f"{name}: {counts[name] / known[name] - 1:+.1%}")
    return sorted(lines)


def read(path: Path) -> dict[str, dict[str, int]]:
    """The figures written down, by what they were built with; none if there is no file."""
    if not path.is_file():
        return {}
    figures: dict[str, dict[str, int]] = json.loads(path.read_text(encoding="utf-8"))
    return figures


def write(path: Path, figures: Mapping[str, Counts]) -> None:
    """Write the figures down."""
    path.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _comparison(counts: Counts, known: Counts) -> str:
    rows = [
        (name, f"{value:,}", *((f"{known[name]:,}", f"{value / known[name] - 1:+.2%}") if name in known else ("", "")))
        for name, value in counts.items()
    ]
    return table(("work", "instructions", "written down", "change"), rows)


def _verdict(wrong: list[str]) -> str:
    if not wrong:
        return f"No count differs by more than {TOLERANCE:.0%}."
    lines = "\n".join(f"- {line}" for line in wrong)
    return f"Counts differ by more than {TOLERANCE:.0%}:\n{lines}\nIf that is meant, --update writes them down."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.regress", description="Counted instructions of the core against those written down."
    )
    parser.add_argument("--update", action="store_true", help="write the new figures down")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="(default: regress.json beside the program)")
    parser.add_argument("--build", type=Path, default=BUILD, help="folder to build in (default: build/regress)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

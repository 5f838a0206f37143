"""Measure the parts that the command line names, and put all of them into the page if asked to."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from benchmarks.data import ROOT
from benchmarks.page import fill
from benchmarks.performance.parts import PARTS, kept, measured

PAGE: Final = ROOT / "docs" / "performance.md"


def main() -> None:
    """Run the programs and write the page."""
    args = _arguments()
    for name in args.parts:
        print(f"== {name}\n\n{measured(name)}\n", flush=True)
    if args.write:
        write(PAGE)
        print(f"written: {PAGE.relative_to(ROOT)}")


def write(page: Path) -> None:
    """Put what was measured last into the page.

    Raises:
        SystemExit: a part was never measured.
    """
    page.write_text(fill(page.read_text(encoding="utf-8"), {name: kept(name) for name in PARTS}), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.performance", description="The page on speed.")
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)} ; none for no more (default: all)")
    parser.add_argument("--write", action="store_true", help="put the figures kept into docs/performance.md")
    args = parser.parse_args()
    unknown = [name for name in args.parts if name not in PARTS and name != "none"]
    if unknown:
        parser.error(f"expected parts out of {', '.join(PARTS)}, got {', '.join(unknown)}")
    args.parts = [name for name in args.parts if name != "none"] if args.parts else list(PARTS)
    return args


if __name__ == "__main__":
    main()

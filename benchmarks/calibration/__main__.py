"""`python -m benchmarks.calibration`; the package says what it measures."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.calibration import tables
from benchmarks.calibration.recipes import RECIPES, choose
from benchmarks.calibration.runs import LOWEST, Run, run_marked, run_without_faces
from benchmarks.calibration.stages import ROUNDS, measure_stages
from benchmarks.data import DATA, ROOT
from benchmarks.page import fill
from facecascade.evaluate import plots, reliability
from facecascade.evaluate.operating_report import fine_thresholds
from facecascade.settings import Preset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE: Final = ROOT / "docs" / "calibration.md"
IMAGES: Final = ROOT / "docs" / "images"


def main() -> None:
    """Measure, and show the result or put it into the page."""
    args = _arguments()
    full = _preset(args.data, "default")
    small = run_marked(args.data / "wider_val_416", "416 px")
    empty = run_without_faces(args.data / "photos_noface", "no faces")
    choices = [choose(_preset(args.data, recipe.preset), recipe, usual=full) for recipe in RECIPES]
    parts = {
        "ranges": tables.ranges(full, small),
        "thresholds": tables.thresholds(full, small),
        "sizes": tables.sizes(full),
        "without faces": tables.without_faces(empty),
        "recipes": tables.recipes(choices),
        "stages": tables.stages(measure_stages(args.data / "wider_val_fullres", rounds=args.rounds)),
    }
    for name, part in parts.items():
        print(f"== {name}\n\n{part}\n")
    if args.write:
        PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
        for name, make in _figures(full, small).items():
            plots.save_figure(make(), IMAGES / name, formats=(".png",))
        print(f"written: {PAGE.relative_to(ROOT)}, and its plots in {IMAGES.relative_to(ROOT)}")


def _preset(data: Path, preset: Preset) -> Run:
    return run_marked(data / "wider_val_fullres", "full size", preset=preset)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.calibration", description="What a score means, and what each threshold gives."
    )
    parser.add_argument("data", nargs="?", type=Path, default=DATA, help="folder of the data sets (%(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="for times: the best of so many (%(default)s)")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/calibration.md, and the plots")
    return parser.parse_args()


def _figures(full: Run, small: Run) -> dict[str, Callable[[], Figure]]:
    both = {f"{run.name}, {len(run.found)} pictures": run for run in (full, small)}
    steps = fine_thresholds(LOWEST)
    sized = {label: full.points(steps, low=low, high=high) for label, low, high in tables.sized_limits()}
    return {
        "calibration": lambda: plots.calibration(
            {name: reliability(*run.scores) for name, run in both.items()}, title="What a score means"
        ),
        "thresholds": lambda: plots.operating(
            {name: run.points(steps) for name, run in both.items()}, title="What each threshold gives"
        ),
        "thresholds-by-size": lambda: plots.operating(sized, title="What each threshold gives, by height of the face"),
    }


if __name__ == "__main__":
    main()

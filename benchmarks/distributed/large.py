"""One picture of 100 megapixels among small ones: does it do harm, and what memory does its actor take?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image

from benchmarks.distributed import overhead
from benchmarks.distributed.pair import differences, on_one_machine
from benchmarks.distributed.processes import ACTORS, JOB
from benchmarks.report import table

SIDE: Final = 10_000
"""Of the large picture, in pixels."""


def report(pictures: Path, work: Path) -> str:
    """One job on two actors without it and one with it, each beside the job on one machine."""
    rows = [_row("small ones", pictures, work)]
    large = min(pictures.rglob("*.jpg")).parent / "000000-large.jpg"
    write_large(min(pictures.rglob("*.jpg")), large)
    rows.append(_row(f"with one of {SIDE**2 / 1e6:.0f} megapixels", pictures, work))
    header = ["pictures", "MB of an actor", "of the driver", "CPU s", "crops that differ", "rows", "errors"]
    return table(header, rows)


def write_large(source: Path, file: Path) -> None:
    """A JPEG of the same picture again and again, in squares."""
    with Image.open(source) as picture:
        tile = picture.convert("RGB")
    whole = Image.new("RGB", (SIDE, SIDE))
    for top in range(0, SIDE, tile.height):
        for left in range(0, SIDE, tile.width):
            whole.paste(tile, (left, top))
    whole.save(file, quality=90)


def _row(name: str, pictures: Path, work: Path) -> list[object]:
    usage = overhead.usage_of("cluster:2", pictures, work)
    one = work / f"one {name}"
    on_one_machine(pictures, one)
    return [
        name,
        *(f"{usage.peak_of(kind):.0f}" for kind in (ACTORS, JOB)),
        f"{usage.cpu_seconds:.0f}",
        *differences(one, work / "out"),
    ]

"""The most memory that the job has, whatever it works on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from benchmarks.report import table, verdict

MOST: Final = 400.0
GIANT: Final = (11_584, 8_688)
"""(width, height): 100.6 megapixels."""
SIDE: Final = 7
"""Pictures in a row and in a column of it."""
MEASURE: Final = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def report(pictures: Path, work: Path) -> str:
    """Extracts from the pictures alone, and with one of 100 megapixels among them, in processes of their own.

    The large one is put together from the others, so that its file is as large as a camera's and it is full of faces;
    pictures come before and behind it.
    """
    paths = sorted(pictures.rglob("*.jpg"))
    giant = paths[len(paths) // 2].with_suffix(".giant.jpg")
    rows = []
    for name in ("the pictures", "and one of 100 megapixels"):
        megabytes = _peak(pictures, work / "memory")
        rows.append([name, f"{megabytes:.0f}", verdict(megabytes, limit=MOST, at_least=False)])
        _mosaic(paths, giant)
    size = giant.stat().st_size / 1e6
    giant.unlink()
    return (
        f"{len(paths)} pictures, a file of {size:.0f} MB for the large one; at most {MOST:g} MB:\n\n"
        f"{table(['inputs', 'most MB', ''], rows)}"
    )


def _mosaic(paths: list[Path], to: Path) -> None:
    """As many of the pictures as fit, side by side."""
    whole = Image.new("RGB", GIANT)
    width, height = GIANT[0] // SIDE, GIANT[1] // SIDE
    for place in range(SIDE * SIDE):
        with Image.open(paths[place % len(paths)]) as picture:
            part = ImageOps.fit(picture, (width, height), Image.Resampling.BICUBIC)
        whole.paste(part, (width * (place % SIDE), height * (place // SIDE)))
    whole.save(to, quality=90)


def _peak(pictures: Path, output: Path) -> float:
    shutil.rmtree(output, ignore_errors=True)
    job = [sys.executable, "-m", "facecascade.cli", "extract", str(pictures), "-o", str(output)]
    options = ["--crop", "aligned", "--min-face-size", "40", "--threads", "2", "--manifest", "csv", "--sheet"]
    command = [sys.executable, "-c", MEASURE, *job, *options]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    if told[0] != "0":
        raise SystemExit(f"expected the job to end well, got exit code {told[0]}")
    return int(told[1]) * 1024 / 1e6

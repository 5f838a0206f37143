"""The most memory that the job has, whatever it works on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from PIL import Image

from benchmarks.report import table, verdict

MOST: Final = 400.0
GIANT: Final = (11_584, 8_688)
"""(width, height): 100.6 megapixels."""
MEASURE: Final = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def report(pictures: Path, work: Path) -> str:
    """Extracts from the pictures alone, and with one of 100 megapixels among them, in processes of their own."""
    giant = work / "giant.jpg"
    if not giant.exists():
        source = next(pictures.rglob("*.jpg"))
        with Image.open(source) as picture:
            picture.resize(GIANT, Image.Resampling.BICUBIC).save(giant, quality=90)
    rows = []
    for name, inputs in (("the pictures", [pictures]), ("and one of 100 megapixels", [giant, pictures])):
        megabytes = _peak(inputs, work / "memory")
        rows.append([name, f"{megabytes:.0f}", verdict(megabytes, limit=MOST, at_least=False)])
    count = sum(1 for _ in pictures.rglob("*.jpg"))
    return f"{count} pictures; at most {MOST:g} MB:\n\n{table(['inputs', 'most MB', ''], rows)}"


def _peak(inputs: list[Path], output: Path) -> float:
    shutil.rmtree(output, ignore_errors=True)
    job = [sys.executable, "-m", "facecascade.cli", "extract", *map(str, inputs), "-o", str(output)]
    options = ["--crop", "aligned", "--min-face-size", "40", "--threads", "2", "--manifest", "csv", "--sheet"]
    command = [sys.executable, "-c", MEASURE, *job, *options]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    if told[0] != "0":
        raise SystemExit(f"expected the job to end well, got exit code {told[0]}")
    return int(told[1]) / 1000

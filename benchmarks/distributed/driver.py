"""The memory of the driver with names alone: no picture is read, a constant stands for reading and detecting."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

from benchmarks.distributed.processes import ACTORS, JOB, measured
from benchmarks.report import table

A_FOLDER: Final = 1000


def report(work: Path, *, names: list[int]) -> str:
    """One job for each number of names."""
    rows = []
    for count in names:
        pictures, output = write_names(work / f"names-{count}", count), work / f"out-{count}"
        command = [sys.executable, "-m", "benchmarks.distributed.names", str(pictures), str(output)]
        usage = measured(command, log=work / "log.txt")
        listed = int(usage.output.split("pictures=")[1].partition(",")[0])
        if listed != count:
            raise SystemExit(f"expected {count} pictures in the lists, got {listed}")
        cpu = [f"{usage.cpu_of(kind):.0f}" for kind in (JOB, ACTORS)]
        rows.append(
            [f"{count:,}", *usage.output.split()[:2], f"{usage.peak_of(JOB):.0f}", *cpu, f"{usage.seconds:.0f}"]
        )
        for folder in (pictures, output):
            shutil.rmtree(folder)
    header = ["pictures", "MB listed", "MB worked on", "MB at most", "CPU s of the driver", "of the actor", "seconds"]
    return (
        "Names alone: no picture is read, each has one face that is a constant but for its hash, without a crop:\n\n"
        f"{table(header, rows)}"
    )


def write_names(folder: Path, count: int) -> Path:
    """Files that are empty, a thousand a folder."""
    for number in range(count):
        path = folder / f"{number // A_FOLDER:04d}" / f"{number:07d}.jpg"
        if number % A_FOLDER == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder

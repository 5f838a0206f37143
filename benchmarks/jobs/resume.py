"""A folder of pictures that are all done: what does it cost to find that out?"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.report import table, verdict

MOST_TIMES: Final = 3.0
WALK: Final = """
import os, sys
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        os.stat(os.path.join(folder, name))
"""


def report(work: Path, *, count: int, runs: int = 5) -> str:
    """Makes the folder and its journal, and times both walks in processes of their own, in turn.

    The files are empty: neither walk opens them, and the job finds them unreadable once, when it makes its journal.
    Seconds of the processor are given too: other programs on the machine disturb them less.
    """
    pictures = work / "many"
    for number in range(count):
        path = pictures / f"{number // 1000:04d}" / f"{number:07d}.jpg"
        if number % 1000 == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    job = [sys.executable, "-m", "facecascade.cli", "extract", str(pictures), "-o", str(work / "many-faces")]
    _seconds(job, work, code=1)
    walk = [sys.executable, "-c", WALK, str(pictures)]
    taken: dict[str, list[tuple[float, float]]] = {"walk and stat": [], "resume": []}
    for _ in range(runs):
        for name, command in (("walk and stat", walk), ("resume", job)):
            taken[name].append(_seconds(command, work))
    middle = {name: [statistics.median(some) for some in zip(*runs, strict=True)] for name, runs in taken.items()}
    times, of_processor = (one / base for one, base in zip(middle["resume"], middle["walk and stat"], strict=True))
    rows = [[name, *(f"{value:.2f}" for value in values)] for name, values in middle.items()]
    return (
        f"{count} pictures, medians of {runs} runs:\n\n{table(['what', 'seconds', 'of the processor'], rows)}\n\n"
        f"{times:.2f} times ({of_processor:.2f} of the processor's), at most {MOST_TIMES:g}: "
        f"{verdict(times, limit=MOST_TIMES, at_least=False)}"
    )


def _seconds(command: list[str], work: Path, *, code: int = 0) -> tuple[float, float]:
    """What a process takes, on the clock and of the processor; its modules are compiled once, as installed ones are."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(work / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    started, before = time.perf_counter(), os.times()
    ended = subprocess.run(command, stderr=subprocess.DEVNULL, check=False, env=environment).returncode
    seconds, after = time.perf_counter() - started, os.times()
    if ended != code:
        raise SystemExit(f"expected {command[1:4]} to end with exit code {code}, got {ended}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, spent

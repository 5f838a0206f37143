"""A folder of pictures that are all done: what does it cost to find that out?"""

from __future__ import annotations

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
    """
    pictures = work / "many"
    for number in range(count):
        path = pictures / f"{number // 1000:04d}" / f"{number:07d}.jpg"
        if number % 1000 == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    job = [sys.executable, "-m", "facecascade.cli", "extract", str(pictures), "-o", str(work / "many-faces")]
    subprocess.run(job, stderr=subprocess.DEVNULL, check=False)
    walk = [sys.executable, "-c", WALK, str(pictures)]
    seconds: dict[str, list[float]] = {"walk and stat": [], "resume": []}
    for _ in range(runs):
        for name, command in (("walk and stat", walk), ("resume", job)):
            started = time.perf_counter()
            subprocess.run(command, stderr=subprocess.DEVNULL, check=True)
            seconds[name].append(time.perf_counter() - started)
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    times = middle["resume"] / middle["walk and stat"]
    rows = [[name, f"{value:.2f}"] for name, value in middle.items()]
    return (
        f"{count} pictures, medians of {runs} runs:\n\n{table(['what', 'seconds'], rows)}\n\n"
        f"{times:.2f} times, at most {MOST_TIMES:g}: {verdict(times, limit=MOST_TIMES, at_least=False)}"
    )

"""The job, killed at random moments: does it lose anything, or do anything twice?"""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Final

from facecascade.extract import Journal

ARGUMENTS = ("--crop", "aligned", "--min-face-size", "40", "--manifest", "csv", "--manifest", "jsonl", "--threads", "2")
LONGEST: Final = 4.0
"""What a run lives at most, beside what it takes to start: many must end early in their work, on a busy machine too."""


def report(pictures: Path, work: Path, *, kills: int, seed: int = 7) -> str:
    """Runs the job once without and once with being killed, and compares every file of both.

    Args:
        pictures: to extract from.
        work: an empty folder for both outputs.
        kills: how often the second is killed, with SIGKILL, before it may end.
        seed: of the moments.
    """
    started = time.perf_counter()
    whole = _run(pictures, work / "whole").wait()
    seconds = time.perf_counter() - started
    _run(pictures, work / "whole").wait()  # which has nothing to do
    longest = LONGEST * (time.perf_counter() - started - seconds)
    chance = random.Random(seed)
    killed, runs, differ, done = 0, 0, 0, []
    while killed < kills:
        runs += 1
        process = _run(pictures, work / "killed")
        try:
            process.wait(chance.uniform(0.0, longest))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
            done.append(_done(work / "killed"))
        else:
            differ += compare(work / "whole", work / "killed")
            shutil.rmtree(work / "killed")  # through before the last kill: once more, from nothing
    last = _run(pictures, work / "killed").wait()
    differ += compare(work / "whole", work / "killed")
    rising = sum(after > before for before, after in pairwise(done))
    count, files = sum(1 for _ in pictures.rglob("*.jpg")), len(digests(work / "whole"))
    lines = [
        f"- {count} pictures, {files} files; undisturbed: {seconds:.1f} s, exit code {whole}",
        f"- killed {killed} times, each within {longest:.1f} s, in {runs} runs",
        f"- {rising} times it was further than the time before",
        f"- last exit code {last}",
        f"- files that differ, are missing or too many: {differ}",
    ]
    return "\n".join(lines)


def compare(first: Path, second: Path) -> int:
    """How many files differ between two outputs, the journals aside."""
    one, other = digests(first), digests(second)
    return sum(one.get(name) != other.get(name) for name in one.keys() | other.keys())


def digests(folder: Path) -> dict[str, str]:
    """Every file but the journal, by path; what was left half written would be among them."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("journal.sqlite"))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _run(pictures: Path, output: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "facecascade.cli", "extract", str(pictures), "-o", str(output), *ARGUMENTS]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _done(output: Path) -> int:
    if not (output / "journal.sqlite").exists():
        return 0
    with Journal(output) as journal:
        return journal.counts().pictures

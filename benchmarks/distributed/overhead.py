"""What the cluster costs: pictures a second and processor seconds beside the one-machine job, on as many cores."""

from __future__ import annotations

import shutil
import statistics
import sys
from pathlib import Path
from typing import Final

from benchmarks.distributed.processes import Usage, measured
from benchmarks.report import table, verdict

SHARE: Final = 0.85
WAYS: Final = ("one machine, 2 threads", "cluster, 2 actors")


def report(pictures: Path, work: Path, *, runs: int) -> str:
    """Runs both in turn, in processes of their own."""
    count = sum(1 for _ in pictures.rglob("*.jpg"))
    usages: dict[str, list[Usage]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way, argument in zip(WAYS, ("one:2", "cluster:2"), strict=True):
            usages[way].append(_usage(argument, pictures, work))
    rates = {way: [count / float(usage.output.split()[-1]) for usage in some] for way, some in usages.items()}
    whole = {way: [count / usage.seconds for usage in some] for way, some in usages.items()}
    rows = [
        [
            way,
            f"{statistics.median(rates[way]):.1f}",
            f"{statistics.median(whole[way]):.1f}",
            f"{statistics.median(usage.cpu_seconds for usage in usages[way]) / count * 1000:.1f}",
        ]
        for way in WAYS
    ]
    shares = [many / one for one, many in zip(*(rates[way] for way in WAYS), strict=True)]
    share = statistics.median(shares)
    return "\n".join(
        [
            f"{count} pictures, medians of {runs} runs in turn:\n",
            table(["job", "pictures/s", "with the start", "CPU ms/picture"], rows),
            "",
            f"- pictures/s beside the one-machine job, run by run: {', '.join(f'{one:.0%}' for one in shares)}",
            f"- median {share:.0%}, at least {SHARE:.0%}: {verdict(share, limit=SHARE, at_least=True)}",
        ]
    )


def _usage(way: str, pictures: Path, work: Path) -> Usage:
    output = work / "out"
    shutil.rmtree(output, ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks.distributed.run", way, str(pictures), str(output)]
    return measured(command, log=work / "log.txt")

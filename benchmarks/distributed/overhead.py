"""What the cluster costs: pictures a second and processor seconds beside the one-machine job, on as many cores.

Pictures a second are true of cores that have nothing else to do. Processor seconds, of all processes together, are
little changed by what others do; they are measured over all pictures and over the first folder of them, so that what
is paid once is told apart from what is paid for each picture.
"""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.distributed import processes
from benchmarks.distributed.processes import ACTORS, JOB, RAY, Usage
from benchmarks.report import table, verdict

SHARE: Final = 0.85
PICTURES: Final = 5000
"""For which the share is asked."""
WAYS: Final = {"one machine, 2 threads": "one:2", "cluster, 2 actors": "cluster:2"}

Usages = Mapping[str, Sequence[Usage]]


def report(pictures: Path, work: Path, *, runs: int) -> str:
    """Runs both in turn, in processes of their own."""
    count, few = count_of(pictures), count_of(first_folder(pictures))
    usages: dict[str, list[Usage]] = {way: [] for way in WAYS}
    short: dict[str, list[Usage]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way, argument in WAYS.items():
            usages[way].append(usage_of(argument, pictures, work))
            if few < count:
                short[way].append(usage_of(argument, first_folder(pictures), work))
    parts = [
        f"{count} pictures, medians of {runs} runs in turn:\n",
        _rates(usages, count),
        "\nProcessor seconds; those of Ray itself, and of a driver that waits, grow with the seconds:\n",
        _processes({few: short, count: usages} if few < count else {count: usages}),
    ]
    if few < count:
        parts += ["", _apart(usages, short, count, few)]
    return "\n".join(parts)


def usage_of(way: str, pictures: Path, work: Path) -> Usage:
    """Of one job in a process of its own, into a new folder."""
    output = work / "out"
    shutil.rmtree(output, ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks.distributed.run", way, str(pictures), str(output)]
    return processes.measured(command, log=work / "log.txt")


def count_of(pictures: Path) -> int:
    """How many pictures there are."""
    return sum(1 for _ in pictures.rglob("*.jpg"))


def rates(usages: Sequence[Usage], count: int) -> list[float]:
    """Pictures a second of jobs over so many, as they tell them: without the start."""
    return [count / float(usage.output.split()[-1]) for usage in usages]


def first_folder(pictures: Path) -> Path:
    """The first folder of them: a job over few."""
    return min(path for path in pictures.iterdir() if path.is_dir())


def _rates(usages: Usages, count: int) -> str:
    by_way = {way: rates(some, count) for way, some in usages.items()}
    rows = [
        [
            way,
            f"{statistics.median(by_way[way]):.1f}",
            f"{count / statistics.median(usage.seconds for usage in some):.1f}",
            f"{_cpu(some) / count * 1000:.1f}",
        ]
        for way, some in usages.items()
    ]
    shares = [many / one for one, many in zip(*by_way.values(), strict=True)]
    share = statistics.median(shares)
    return "\n".join(
        [
            table(["job", "pictures/s", "with the start", "CPU ms/picture"], rows),
            "",
            f"- pictures/s beside the one-machine job, run by run: {', '.join(f'{one:.0%}' for one in shares)}",
            f"- median {share:.0%}, at least {SHARE:.0%}: {verdict(share, limit=SHARE, at_least=True)}",
        ]
    )


def _processes(measured: Mapping[int, Usages]) -> str:
    kinds = (JOB, ACTORS, RAY)
    rows = [
        [
            way,
            count,
            f"{statistics.median(usage.seconds for usage in some):.0f}",
            *(f"{statistics.median(usage.cpu_of(kind) for usage in some):.1f}" for kind in kinds),
        ]
        for count, usages in measured.items()
        for way, some in usages.items()
    ]
    return table(["job", "pictures", "seconds", *kinds], rows)


def _apart(usages: Usages, short: Usages, count: int, few: int) -> str:
    """What is paid once, what for each picture, and the share that follows for `PICTURES`."""
    paid = {way: once_and_each(usages[way], short[way], count, few) for way in WAYS}
    rows = [[way, f"{once:.1f}", f"{each * 1000:.1f}"] for way, (once, each) in paid.items()]
    one, many = (once + PICTURES * each for once, each in paid.values())
    return (
        f"{table(['job', 'CPU seconds once', 'CPU ms/picture'], rows)}\n\n"
        f"- share by processor seconds at {PICTURES:,} pictures: {one / many:.0%}, at least {SHARE:.0%}: "
        f"{verdict(one / many, limit=SHARE, at_least=True)}"
    )


def once_and_each(usages: Sequence[Usage], short: Sequence[Usage], count: int, few: int) -> tuple[float, float]:
    """Processor seconds that a job takes once, and those of each picture, from jobs over many and over few."""
    each = (_cpu(usages) - _cpu(short)) / (count - few)
    return _cpu(short) - few * each, each


def _cpu(some: Sequence[Usage]) -> float:
    return statistics.median(usage.cpu_seconds for usage in some)

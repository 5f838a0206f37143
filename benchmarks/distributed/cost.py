"""What a picture costs, and what follows for many: machines, hours, money, and what limits first."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.distributed import overhead
from benchmarks.report import table

HOURS: Final = (1, 24)
"""Within which a million and a billion pictures are to be done."""
CORES: Final = 16
"""Of a machine of the plan."""
CORE_HOUR: Final = 0.02
"""Dollars for an hour of a virtual core without a promise to keep it, about: put in your own."""


class Costs(NamedTuple):
    """Of a picture."""

    cpu: float
    """Seconds, less what a job takes once."""
    read: float
    """Bytes."""
    crops: float
    """Bytes."""
    rows: float
    """Bytes of records and lists."""
    files: float
    """Crops."""


def report(pictures: Path, work: Path) -> str:
    """Measures two jobs on two actors, over all pictures and over few, and tells what follows."""
    costs = _measured(pictures, work)
    rows = [
        ["processor seconds", f"{costs.cpu:.3f}"],
        ["bytes read", f"{costs.read:,.0f}"],
        ["bytes of crops", f"{costs.crops:,.0f} in {costs.files:.1f} files"],
        ["bytes of records and lists", f"{costs.rows:,.0f}"],
    ]
    return f"{table(['a picture', ''], rows)}\n\n{plan(costs)}"


def _measured(pictures: Path, work: Path) -> Costs:
    paths = list(pictures.rglob("*.jpg"))
    first = overhead.first_folder(pictures)
    few = overhead.count_of(first)
    if few == len(paths):
        raise SystemExit(
            f"expected more than the {few} pictures of one folder, got as many: what a job takes once shows"
        )
    short = overhead.usage_of("cluster:2", first, work)
    usage = overhead.usage_of("cluster:2", pictures, work)
    _, cpu = overhead.once_and_each([usage], [short], len(paths), few)
    crops = [path.stat().st_size for path in (work / "out").rglob("*.jpg")]
    lists = [path.stat().st_size for path in (work / "out").rglob("*.parquet") if path.is_file()]
    read, count = sum(path.stat().st_size for path in paths), len(paths)
    return Costs(cpu, read / count, sum(crops) / count, sum(lists) / count, len(crops) / count)


def plan(costs: Costs) -> str:
    """Machines, hours and money for a million and a billion pictures that cost as much each."""
    rows = []
    for count, hours in zip((10**6, 10**9), HOURS, strict=True):
        core_hours = count * costs.cpu / 3600
        machines = -(-core_hours // (hours * CORES))
        network = count * (costs.read + costs.crops) * 8 / (machines * hours * 3600) / 1e9
        rows.append(
            [
                f"{count:,}",
                f"{core_hours:,.0f}",
                f"{machines:,.0f} in {hours} h",
                f"{core_hours * CORE_HOUR:,.0f}",
                f"{count * costs.read / 1e12:,.1f} TB",
                f"{count * (costs.crops + costs.rows) / 1e12:,.2f} TB",
                f"{network:.2f} Gbit/s",
            ]
        )
    header = ["pictures", "core hours", f"machines of {CORES} cores", "dollars", "read", "written", "of each machine"]
    return f"{table(header, rows)}\n\nAt {CORE_HOUR} dollars for an hour of a core."

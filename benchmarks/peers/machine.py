"""What the figures were measured on, and how much of it other programs took."""

from __future__ import annotations

import contextlib
import os
import platform
from pathlib import Path
from typing import Final

TASKS: Final = Path("/proc/self/task")
"""Linux's folder of this process's threads; each has a file of what it ran, waited and how often, in nanoseconds."""
SETS: Final = ("avx512f", "avx2", "fma", "avx", "sse4_2", "asimd")
"""Instruction sets that matter here, by the names that Linux gives them."""


def describe() -> dict[str, str]:
    """The machine in words: processor, cores, instruction sets, system, Python, load."""
    lines = _cpu_lines()
    flags = (lines.get("flags") or lines.get("Features") or "").split()
    return {
        "processor": lines.get("model name") or platform.processor() or platform.machine(),
        "cores": str(_cores()),
        "instruction sets": " ".join(name for name in SETS if name in flags) or "unknown",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load before": _load(),
    }


def seconds_waited(tasks: Path = TASKS) -> float:
    """Time that this process's threads have been ready to run without a core to run on, all together.

    Linux tells it exactly; elsewhere it is 0.
    """
    nanoseconds = 0
    for path in tasks.glob("*/schedstat"):
        with contextlib.suppress(FileNotFoundError):  # a thread that has just ended
            nanoseconds += int(path.read_text(encoding="ascii").split()[1])
    return nanoseconds / 1e9


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load() -> str:
    return f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"


def _cpu_lines() -> dict[str, str]:
    """The first processor's lines of /proc/cpuinfo, by key; empty where there is no such file."""
    path = Path("/proc/cpuinfo")
    if not path.is_file():
        return {}
    first = path.read_text(encoding="utf-8").split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}

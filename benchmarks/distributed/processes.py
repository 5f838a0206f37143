"""What a process and all that it begins have used: `Usage`."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
A_LOOK: Final = 0.25
"""Seconds between two looks at the processes."""
TOLD: Final = 2000
"""Characters of what a command that failed wrote last."""
JOB: Final = "job or driver"
ACTORS: Final = "actors"
RAY: Final = "Ray"
"""What a process is: the command itself, one of the actors that do units, or one of Ray's own."""
ACTOR_NAME: Final = "ray::MapWorker"
"""How the processes of a pool of actors are called."""


@dataclass
class Usage:
    """Of a command and the processes below it.

    Attributes:
        seconds: from its beginning to its end.
        cpu: processor seconds of each process, by its number; what one did since the last look before its end is lost.
        peaks: most memory of each, in MB.
        kinds: the job, ACTORS or RAY.
        output: what it wrote.
    """

    seconds: float = 0
    cpu: dict[int, float] = field(default_factory=dict)
    peaks: dict[int, float] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    output: str = ""

    @property
    def cpu_seconds(self) -> float:
        """Of all together."""
        return sum(self.cpu.values())

    def cpu_of(self, kind: str) -> float:
        """Processor seconds of the processes of a kind."""
        return sum(seconds for pid, seconds in self.cpu.items() if self.kinds[pid] == kind)

    def peak_of(self, kind: str) -> float:
        """Most memory of the largest of them, in MB."""
        return max((peak for pid, peak in self.peaks.items() if self.kinds[pid] == kind), default=0)


def measured(command: Sequence[str], *, log: Path, environment: dict[str, str] | None = None) -> Usage:
    """Run a command to its end and look at it meanwhile.

    Args:
        command: program and arguments.
        log: a file for what it writes to standard error.
        environment: variables beside those of this process.

    Raises:
        SystemExit: it failed.
    """
    usage, started = Usage(), time.perf_counter()
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **(environment or {})}
        )
        while process.poll() is None:
            for pid in descendants(process.pid):
                _look(pid, usage, JOB if pid == process.pid else kind_of(pid))
            time.sleep(A_LOOK)
    usage.seconds = time.perf_counter() - started
    usage.output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        told = log.read_text(errors="replace")[-TOLD:]
        raise SystemExit(f"expected {' '.join(command[:4])} to end well, got exit code {process.returncode}:\n{told}")
    return usage


def _look(pid: int, usage: Usage, kind: str) -> None:
    usage.cpu[pid] = max(usage.cpu.get(pid, 0), cpu_seconds(pid))
    usage.peaks[pid] = max(usage.peaks.get(pid, 0), peak_megabytes(pid))
    usage.kinds[pid] = ACTORS if usage.kinds.get(pid) == ACTORS else kind


def kind_of(pid: int) -> str:
    """Whether a process is one of the actors, or Ray's own."""
    try:
        name = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return RAY
    return ACTORS if name.startswith(ACTOR_NAME.encode()) else RAY


def descendants(pid: int) -> set[int]:
    """A process and all below it."""
    parents = dict(_parents())
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far; 0 if it has ended."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def peak_megabytes(pid: int) -> float:
    """Most memory that a process has had; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(folder.name)):
            yield int(folder.name), int(fields[1])


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []

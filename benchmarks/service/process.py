"""The service as a process of its own: `Served`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

COMMAND: Final = (sys.executable, "-m", "facecascade.cli", "serve", "--port", "0", "--quiet")
TICKS: Final = os.sysconf("SC_CLK_TCK")


class Served:
    """A service while the block lasts; it ends by SIGTERM.

    Args:
        options: of `facecascade serve`.

    Attributes:
        port: where it listens, on 127.0.0.1.
    """

    def __init__(self, *options: str) -> None:
        self._process = subprocess.Popen([*COMMAND, *options], stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        line = self._process.stderr.readline()
        if "serving at" not in line:
            raise SystemExit(f"expected a service, got: {line}{self._process.stderr.read()}")
        self.port = int(line.partition(";")[0].rpartition(":")[2])

    @property
    def megabytes(self) -> float:
        """Memory that it has in RAM."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def most_megabytes(self) -> float:
        """The most that it has had."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024 / 1e6

    @property
    def files(self) -> int:
        """Files and sockets that it has open."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    @property
    def cpu_seconds(self) -> float:
        """What it has taken of the processors."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def seconds_without_core(self) -> float:
        """For which the thread that answers was ready to work, and had no core."""
        told = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/schedstat").read_text(encoding="ascii")
        return int(told.split()[1]) / 1e9

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.alive:
            self._process.send_signal(signal.SIGTERM)
        _, told = self._process.communicate(timeout=180)
        if told.strip():
            sys.stderr.write(f"the service said:\n{told[-4000:]}\n")

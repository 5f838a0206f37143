"""A process that is told by lines what to do: `Worker`."""

from __future__ import annotations

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self


class Worker:
    """A module of this package as a process, while the block lasts.

    Args:
        module: its name.
        arguments: on its command line.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._module = module
        command = [sys.executable, "-m", f"benchmarks.service.{module}", *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def turn(self, seconds: float) -> dict[str, Any]:
        """Work for so many seconds, and what came of it."""
        return self.told(seconds=seconds)

    def told(self, **order: Any) -> dict[str, Any]:
        """What came of an order."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        told = self._process.stdout.readline()
        if not told:
            raise SystemExit(f"expected a result, got none: {self._module} has ended")
        result: dict[str, Any] = json.loads(told)
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

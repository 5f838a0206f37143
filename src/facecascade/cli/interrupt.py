"""Ctrl-C, in two steps: finish what is begun, or stop at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Final, Self, TypeVar

Item = TypeVar("Item")

STANDARD_ERROR: Final = 2
STOPPING: Final = b"\nfacecascade: finishing the pictures in work; Ctrl-C again to stop at once\n"


class Interrupt:
    """While it is entered, the first Ctrl-C sets `asked`, and the second is the usual KeyboardInterrupt.

    Attributes:
        asked: whether somebody wants the work to end.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def until(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, until somebody asks to stop: later ones are never begun, and all before are finished."""
        for item in items:
            if self.asked:
                return
            yield item

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        with suppress(OSError):  # nobody may be there to read it
            os.write(STANDARD_ERROR, STOPPING)  # sys.stderr may be busy: it is the interrupted code that writes to it

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # Python sets signal handlers nowhere else
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

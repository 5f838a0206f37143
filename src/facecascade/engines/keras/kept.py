"""Things that are made once for each key and kept while they are used: `Kept`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by key, those used last; two threads that ask for one at the same time get the same one.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of this key; `make` makes it if there is none."""
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
                while len(self._values) > self._most:
                    self._values.popitem(last=False)
            self._values.move_to_end(key)
            return self._values[key]

    def values(self) -> list[T]:
        """All that are kept."""
        with self._lock:
            return list(self._values.values())

    def clear(self) -> None:
        """Let go of all of them."""
        with self._lock:
            self._values.clear()

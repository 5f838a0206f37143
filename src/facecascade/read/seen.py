"""What has come before, in few bytes: `Seen`."""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import Final

import numpy as np

DIGEST_BYTES: Final = 16
"""Of a text: two different ones of a million million agree with a probability below 1e-14."""
RECENT: Final = 1 << 14
"""Digests that wait in a set, which is quick and large, before they join the sorted array, which is small."""


class Seen:
    """A set of texts that only grows, in 16 bytes each."""

    def __init__(self) -> None:
        self._recent: set[bytes] = set()
        self._sorted = np.empty(0, f"S{DIGEST_BYTES}")

    def add(self, text: str) -> bool:
        """Adds a text, and says whether it is new."""
        digest = blake2b(os.fsencode(text), digest_size=DIGEST_BYTES).digest()
        if digest in self._recent or self._is_sorted_in(digest):
            return False
        self._recent.add(digest)
        if len(self._recent) == RECENT:
            self._sorted = np.sort(np.concatenate([self._sorted, np.array(list(self._recent), self._sorted.dtype)]))
            self._recent.clear()
        return True

    def _is_sorted_in(self, digest: bytes) -> bool:
        if not len(self._sorted):
            return False
        # All digests have one length, so NumPy's blindness for zeros at the end of a text makes no two of them equal.
        place = int(self._sorted.searchsorted(np.array(digest, self._sorted.dtype)))
        return place < len(self._sorted) and self._sorted.item(place) == digest.rstrip(b"\0")

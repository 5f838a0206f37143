"""The machine's rate of arithmetic in float32: of plain multiply-adds, and of NumPy's matrix product."""

from __future__ import annotations

import ctypes
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.limit.compiled import compiled

SOURCE: Final = Path(__file__).with_name("peak.cpp")
FLAGS: Final = {
    "avx512": ("-DLANES=16", "-mavx512f", "-mfma", "-mprefer-vector-width=512"),
    "avx2": ("-DLANES=8", "-mavx2", "-mfma"),
    "sse2": ("-DLANES=4", "-msse2"),
    "neon": ("-DLANES=4",),
    "generic": ("-DLANES=4",),
}
"""The compiler's options for each instruction set that the core knows. SSE2 and generic have no fused multiply-add."""
FACTOR: Final = 0.999
ADDEND: Final = 0.5
"""The sums go to 500, so they never leave the numbers that every processor handles at full speed."""


class Peak:
    """The rate of fused multiply-adds of one instruction set, on threads of its own.

    Args:
        instruction_set: by the core's name.
        threads: how many run the loop at the same time.
    """

    def __init__(self, instruction_set: str, *, threads: int) -> None:
        library = compiled(SOURCE, flags=("-O3", "-ffp-contract=fast", *FLAGS[instruction_set]))
        self._run = library.peak_run
        self._run.argtypes = (ctypes.c_long, ctypes.c_float, ctypes.c_float)
        self._run.restype = ctypes.c_float
        self._flops: int = library.peak_flops_a_round()
        self._pool = ThreadPoolExecutor(threads)
        self._threads = threads
        self._rounds = 1000
        while self._timed() < 0.01:
            self._rounds *= 2

    def rate(self) -> float:
        """Operations a second of all threads together, measured over some hundredths of a second."""
        done = [self._pool.submit(self._timed) for _ in range(self._threads)]
        return sum(self._rounds * self._flops / one.result() for one in done)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def _timed(self) -> float:
        started = time.perf_counter()
        self._run(self._rounds, FACTOR, ADDEND)  # without the GIL, as ctypes calls
        return time.perf_counter() - started


def sgemm_rate(size: int = 1536) -> float:
    """Operations a second of NumPy's float32 matrix product, of square matrices, on as many threads as it takes."""
    random = np.random.default_rng(0)
    left, right = (random.random((size, size), np.float32) for _ in range(2))
    started = time.perf_counter()
    left @ right
    return 2 * size**3 / (time.perf_counter() - started)

"""One function, several makers of it: pictures and settings in, `Faces` of each out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import EngineError
from facecascade.faces import Faces
from facecascade.settings import Settings
from facecascade.trace import Trace

NAMES = ("native", "reference", "keras")
"""Engines by name, the default first."""
MAX_THREADS = 1024


class Engine(Protocol):
    """What every engine can do. It holds no state but the weights: any thread may call it at any time."""

    @property
    def name(self) -> str:
        """Its name in `NAMES`."""

    @property
    def description(self) -> str:
        """One line for people: the name and what it runs on."""

    def detect(self, pictures: Sequence[NDArray[np.uint8]], settings: Settings) -> list[Faces]:
        """Faces of each picture, (h, w, 3) uint8 RGB, C-contiguous; best score first.

        One pass: `settings.mirror` and `settings.border` are for `facecascade.views`, which calls this for each view.
        """

    def trace(self, picture: NDArray[np.uint8], settings: Settings) -> Trace:
        """Faces of one picture, with what each stage let through."""

    def close(self) -> None:
        """Give back threads and memory; later calls raise `EngineError`. May be called twice."""


def make_engine(
    name: str, tensors: Mapping[str, NDArray[np.float32]], *, threads: int | None = None, device: str | None = None
) -> Engine:
    """The engine of this name with these weights.

    Args:
        name: one of `NAMES`.
        tensors: weights by name, as `facecascade.weights.Weights.tensors` has them.
        threads: how many threads work on one call, the caller included; None for as many as this process may use.
        device: where it runs: "cpu" for every engine; "gpu", "gpu:1" or "tpu" for "keras"; None for what it prefers.

    Raises:
        EngineError: there is no engine of this name, or it cannot run here, or not on this device.
        MissingExtra: the engine needs a library that is not installed.
    """
    if name == "keras":
        from facecascade.engines.keras import KerasEngine

        if threads is not None:
            raise EngineError(f"expected no threads for the keras engine, whose backend has its own, got {threads!r}")
        return KerasEngine(tensors, device=device)
    if device not in (None, "cpu"):
        raise EngineError(f'expected device="cpu" for engine {name!r}, got {device!r}; engine="keras" has others')
    if name == "native":
        from facecascade.engines.native import NativeEngine

        return NativeEngine(tensors, threads=threads)
    if name == "reference":
        from facecascade.engines.reference import ReferenceEngine

        thread_count(threads)  # it uses one whatever is asked for, but nonsense is nonsense
        return ReferenceEngine(tensors)
    raise EngineError(f"expected engine to be one of {', '.join(NAMES)}, got {name!r}")


def available() -> list[str]:
    """Names of the engines that this installation has, the default first."""
    return [name for name in NAMES if name != "keras" or find_spec("keras") is not None]


def thread_count(threads: int | None) -> int:
    """How many threads to work with: as asked for, or one for each core that this process may use.

    Raises:
        EngineError: no whole number from 1 to `MAX_THREADS`.
    """
    if threads is None:
        return usable_cores()
    if isinstance(threads, bool) or not isinstance(threads, int) or not 1 <= threads <= MAX_THREADS:
        raise EngineError(f"expected threads to be a whole number from 1 to {MAX_THREADS}, got {threads!r}")
    return threads


def usable_cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

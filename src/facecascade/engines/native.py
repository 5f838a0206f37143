"""The C++ core as an engine: the default."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecascade.engines import thread_count
from facecascade.engines.core import native as core
from facecascade.errors import EngineError
from facecascade.faces import Faces
from facecascade.settings import Settings
from facecascade.trace import Trace


def instruction_sets() -> tuple[str, ...]:
    """Instruction sets that this machine can run, best first; the first one is the default."""
    return tuple(name for name, _ in core.instruction_sets())


class NativeEngine:
    """The whole cascade in C++, on a pool of threads of its own; the GIL is released while it works.

    Results do not depend on the number of threads, on the other pictures of a call, or on other callers.

    Args:
        tensors: weights by name, as `facecascade.weights.Weights.tensors` has them.
        instruction_set: one of `instruction_sets()`; None for the best. Sets differ in the last digits alone.
        threads: how many threads work on one call, the caller included; None for as many as this process may use.

    Raises:
        EngineError: the machine cannot run this instruction set, or `threads` is no positive whole number.
    """

    name = "native"

    def __init__(
        self,
        tensors: Mapping[str, NDArray[np.float32]],
        *,
        instruction_set: str | None = None,
        threads: int | None = None,
    ) -> None:
        runnable = instruction_sets()
        self.instruction_set = runnable[0] if instruction_set is None else instruction_set
        if self.instruction_set not in runnable:
            raise EngineError(f"expected instruction_set to be one of {', '.join(runnable)}, got {instruction_set!r}")
        self.threads = thread_count(threads)
        contiguous = {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}
        try:
            self._cascade: core.Cascade | None = core.Cascade(contiguous, self.instruction_set, self.threads)
        except RuntimeError as error:
            raise EngineError(f"the system did not give {self.threads} threads: {error}; ask for fewer") from error

    @property
    def description(self) -> str:
        """One line for people."""
        lanes = dict(core.instruction_sets())[self.instruction_set]
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return f"native, {self.instruction_set} ({lanes} lanes), {threads}"

    @property
    def core(self) -> core.Cascade:
        """The C++ object, with the stages one by one, for tests and studies."""
        cascade = self._cascade
        if cascade is None:
            raise EngineError("this detector is closed; make a new one")
        return cascade

    def detect(self, pictures: Sequence[NDArray[np.uint8]], settings: Settings) -> list[Faces]:
        """Faces of each picture, (h, w, 3) uint8 RGB, C-contiguous; threads share pictures and parts of them."""
        return [_faces(*found) for found in self._run(pictures, settings, trace=False)]

    def trace(self, picture: NDArray[np.uint8], settings: Settings) -> Trace:
        """Faces of one picture, with what each stage let through."""
        faces, landmarks, proposals, refined, candidates, _ = self._run([picture], settings, trace=True)[0]
        return Trace(
            scales=tuple(settings.scales(*picture.shape[:2])),
            candidates=tuple(candidates),
            proposals=_faces(proposals, None),
            refined=_faces(refined, None),
            faces=_faces(faces, landmarks),
        )

    def stage_seconds(self, picture: NDArray[np.uint8], settings: Settings) -> dict[str, float]:
        """What each stage of one detection took, in seconds, for studies of its speed.

        The stages in order: pyramid, pnet, proposals (NMS and all else between the networks), rnet with its crops,
        refined, onet with its crops, faces.
        """
        seconds: dict[str, float] = self._run([picture], settings, trace=True)[0][5]
        return seconds

    def close(self) -> None:
        """End the threads, once the calls that run have ended; later calls raise `EngineError`."""
        self._cascade = None

    def _run(self, pictures: Sequence[NDArray[np.uint8]], settings: Settings, *, trace: bool) -> list[Any]:
        scales = [settings.scales(*picture.shape[:2]) for picture in pictures]
        first, second, third = (_logit(threshold) for threshold in settings.thresholds)
        classic = settings.geometry == "classic"
        return self.core.detect(list(pictures), scales, (first, second, third), classic, settings.stages, trace)


def _faces(table: tuple[NDArray[np.float32], NDArray[np.float32]], landmarks: NDArray[np.float32] | None) -> Faces:
    return Faces(*table, landmarks)


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability)) if probability > 0 else -math.inf

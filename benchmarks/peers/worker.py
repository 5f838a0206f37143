"""The process that a package runs in: `python -m benchmarks.peers.worker NAME`, started by `client.py`.

It reads one JSON request a line and answers each with one line; a package that prints does so on standard error.

    {"do": "load", "options": {...}}    -> {"versions": {...}, "seconds": s}
    {"do": "picture", "path": ".npy"}   -> {"shape": [height, width, 3]}
    {"do": "detect"}                    -> {"seconds": s, "waited": share, "faces": n}, a turn, see `rounds.Turn`
    {"do": "faces"}                     -> {"faces": [...]}, of the last detection

A request that fails is answered with {"error": traceback}. The process ends with its input.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from statistics import median
from typing import Any, Final, TextIO

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.machine import seconds_waited
from benchmarks.peers.peer import Detector, Options, load_detector

TURN_SECONDS: Final = 0.1
"""A turn repeats its call until this much time has passed; its first call counts only if it takes that long alone."""


class Worker:
    """One package, one picture at a time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._detector: Detector | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._result: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what one request asks for."""
        handlers = {"load": self._load, "picture": self._picture, "detect": self._detect, "faces": self._faces}
        return handlers[request["do"]](request)

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        start = time.perf_counter()
        self._detector = load_detector(self._name, Options(**request["options"]))
        return {"versions": self._detector.versions(), "seconds": time.perf_counter() - start}

    def _picture(self, request: dict[str, Any]) -> dict[str, Any]:
        self._pixels = np.load(request["path"])
        return {"shape": list(self._pixels.shape)}

    def _detect(self, _: dict[str, Any]) -> dict[str, Any]:
        if self._detector is None:
            raise RuntimeError('expected "load" and "picture" before "detect"')
        calls, waited = self._timed()
        if sum(calls) < TURN_SECONDS:
            calls, waited = self._timed(TURN_SECONDS)
        return {"seconds": median(calls), "waited": waited, "faces": len(self._detector.faces(self._result))}

    def _timed(self, least: float = 0.0) -> tuple[list[float], float]:
        """Seconds of each of one or more calls that take `least` together; share that threads waited for a core."""
        if self._detector is None or self._pixels is None:
            raise RuntimeError('expected "load" and "picture" before "detect"')
        calls: list[float] = []
        waited = seconds_waited()
        while not calls or sum(calls) < least:
            start = time.perf_counter()
            self._result = self._detector.detect(self._pixels)
            calls.append(time.perf_counter() - start)
        return calls, (seconds_waited() - waited) / sum(calls)

    def _faces(self, _: dict[str, Any]) -> dict[str, Any]:
        if self._detector is None or self._result is None:
            raise RuntimeError('expected "detect" before "faces"')
        return {"faces": self._detector.faces(self._result)}


def serve(worker: Worker, requests: TextIO, answers: TextIO) -> None:
    """Answer each line until there are no more."""
    for line in requests:
        try:
            answer = worker.answer(json.loads(line))
        except Exception:  # noqa: BLE001  # the client raises it again
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def main() -> None:
    """Serve on standard input and output, and keep whatever else is printed off the latter."""
    parser = argparse.ArgumentParser(description="The process that one package runs in; started by the benchmark.")
    parser.add_argument("name", help="file in benchmarks/peers/detectors/")
    name = parser.parse_args().name
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        serve(Worker(name), sys.stdin, answers)


if __name__ == "__main__":
    main()

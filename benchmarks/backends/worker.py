"""One backend measured in this process, which has KERAS_BACKEND in its environment: prints one line of JSON."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.backends.pictures import BATCH, FULL_HD, VGA, photographs
from facecascade.settings import Settings
from facecascade.weights import Weights


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--shrink", type=int, default=1)
    options = parser.parse_args()
    print(json.dumps(measured(options.data, device=options.device, calls=options.calls, shrink=options.shrink)))


def measured(data: Path, *, device: str, calls: int, shrink: int) -> dict[str, Any]:
    """Times in seconds, memory in bytes, and the faces of the first picture of each size."""
    import_seconds, engine = seconds(lambda: _engine(device))
    settings = Settings()
    small, large = photographs(data, VGA, BATCH, shrink=shrink), photographs(data, FULL_HD, 1, shrink=shrink)
    result: dict[str, Any] = {"engine": engine.description, "import": import_seconds}
    for name, pictures in (("vga", small[:1]), ("full_hd", large), ("batch", small)):
        first, found = seconds(lambda pictures=pictures: engine.detect(pictures, settings))  # type: ignore[misc]
        result[f"{name}_first"] = first
        result[name] = steady(lambda pictures=pictures: engine.detect(pictures, settings), calls)  # type: ignore[misc]
        result[f"{name}_faces"] = [
            [faces.boxes.tolist(), faces.scores.tolist(), faces.landmarks.tolist()] for faces in found[:1]
        ]
    unit = 1 if sys.platform == "darwin" else 1024
    result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return result


def seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    """What a call takes, and what it returns."""
    started = time.perf_counter()
    returned = call()
    return time.perf_counter() - started, returned


def steady(call: Callable[[], Any], calls: int) -> float:
    """Median of calls in a row."""
    return median(seconds(call)[0] for _ in range(calls))


def _engine(device: str) -> Any:
    from facecascade.engines.keras import KerasEngine

    return KerasEngine(Weights.load().tensors, device=device)


if __name__ == "__main__":
    main()

"""Table of the backends of Keras: first call, steady times, throughput, memory, differences to the reference."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.backends.pictures import BATCH, FULL_HD, VGA, photographs
from benchmarks.data import DATA, ROOT, Picture
from benchmarks.peers.machine import describe
from benchmarks.report import table
from facecascade.engines.native import NativeEngine
from facecascade.engines.reference import ReferenceEngine
from facecascade.faces import Faces
from facecascade.settings import Settings
from facecascade.weights import Weights

BACKENDS: Final = ("tensorflow", "jax", "torch")
HEADER: Final = (
    "engine", "import s", "first VGA s", "VGA ms", "first 1080p s", "1080p ms", "batch of 8 VGA, pictures/s",
    "peak memory MB", "boxes px", "scores", "landmarks px",
)  # fmt: skip


def main() -> None:
    """Measure each backend that is installed, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backends", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with a folder photos")
    parser.add_argument("--device", default="cpu", help="cpu, gpu, gpu:1")
    parser.add_argument("--calls", type=int, default=5, help="calls of which the median counts")
    parser.add_argument("--shrink", type=int, default=1, help="divides the sides, to see that the program works")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=BACKENDS)
    options = parser.parse_args()
    first = [photographs(options.data, sides, 1, shrink=options.shrink)[0] for sides in (VGA, FULL_HD)]
    print(*(f"{name}: {value}" for name, value in describe().items()), sep="\n")
    expected = ReferenceEngine(Weights.load().tensors).detect(first, Settings())
    print(f"faces: {len(expected[0])} of VGA, {len(expected[1])} of 1080p, by the reference", flush=True)
    rows = [_native(first, options.calls, photographs(options.data, VGA, BATCH, shrink=options.shrink), expected)]
    for name in options.backends:
        if find_spec(name) is None:
            print(f"{name} is not installed, so it is left out: pip install {name}")
            continue
        rows.append(_row(_measured(name, options), expected))
    print(table(HEADER, rows))


def _measured(backend: str, options: argparse.Namespace) -> dict[str, Any]:
    """What the worker of a backend says.

    Raises:
        SystemExit: it failed.
    """
    command = [sys.executable, "-m", "benchmarks.backends.worker", str(options.data)]
    command += ["--device", options.device, "--calls", str(options.calls), "--shrink", str(options.shrink)]
    environment = os.environ | {"KERAS_BACKEND": backend}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"expected success, got exit code {done.returncode} from {backend} on {options.device}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _native(first: list[Picture], calls: int, batch: list[Picture], expected: list[Faces]) -> list[str]:
    from benchmarks.backends.worker import seconds, steady

    engine = NativeEngine(Weights.load().tensors)
    result: dict[str, Any] = {"engine": engine.description, "import": 0.0, "memory": float("nan")}
    for name, pictures in (("vga", first[:1]), ("full_hd", first[1:]), ("batch", batch)):
        result[f"{name}_first"], found = seconds(lambda pictures=pictures: engine.detect(pictures, Settings()))  # type: ignore[misc]
        result[name] = steady(lambda pictures=pictures: engine.detect(pictures, Settings()), calls)  # type: ignore[misc]
        result[f"{name}_faces"] = [(found[0].boxes, found[0].scores, found[0].landmarks)]
    return _row(result, expected)


def _row(result: dict[str, Any], expected: list[Faces]) -> list[str]:
    found = [Faces(*map(np.array, result[f"{name}_faces"][0])) for name in ("vga", "full_hd")]
    differences = np.max([_differences(one, truth) for one, truth in zip(found, expected, strict=True)], axis=0)
    return [
        result["engine"],
        f"{result['import']:.1f}",
        f"{result['vga_first']:.1f}",
        f"{result['vga'] * 1e3:.0f}",
        f"{result['full_hd_first']:.1f}",
        f"{result['full_hd'] * 1e3:.0f}",
        f"{BATCH / result['batch']:.1f}",
        "" if np.isnan(result["memory"]) else f"{result['memory'] / 1e6:.0f}",
        *(f"{value:.1e}" for value in differences),
    ]


def _differences(found: Faces, expected: Faces) -> tuple[float, float, float]:
    """Largest difference of boxes, scores and landmarks, each face with the nearest; infinite if one is missing."""
    if len(found) != len(expected):
        return float("inf"), float("inf"), float("inf")
    if not len(found):
        return 0.0, 0.0, 0.0
    apart = np.abs(found.boxes[None] - expected.boxes[:, None]).max(axis=2)
    partner = apart.argmin(axis=1)
    assert found.landmarks is not None
    assert expected.landmarks is not None
    return (
        float(apart.min(axis=1).max()),
        float(np.abs(found.scores[partner] - expected.scores).max()),
        float(np.abs(found.landmarks[partner] - expected.landmarks).max()),
    )


if __name__ == "__main__":
    main()

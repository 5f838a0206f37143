"""One backend of Keras measured on a device, in this process: prints one line of JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.backends.worker import seconds, steady
from benchmarks.data import Picture
from benchmarks.gpu.profile import profiled
from facecascade.errors import FacecascadeError
from facecascade.settings import Settings
from facecascade.weights import Weights

NO_DEVICE: Final = 3
"""Exit code where the device is missing."""
SIDE: Final = 8192
"""Of the matrices whose product is the limit of arithmetic; much less on a CPU."""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, nargs="+", help="arrays (n, h, w, 3), .npy")
    parser.add_argument("--device", required=True)
    parser.add_argument("--batch", type=int, required=True)
    options = parser.parse_args()
    try:
        engine = _engine(options.device)
    except FacecascadeError as error:
        print(error, file=sys.stderr)
        sys.exit(NO_DEVICE)
    result = {"engine": engine.description, "limits": limits(engine)}
    for path in options.pictures:
        result[path.stem] = measured(engine, list(np.load(path, mmap_mode="r")), options.batch)
    print(json.dumps(result))


def measured(engine: Any, pictures: list[Picture], batch: int) -> dict[str, Any]:
    """Times in seconds of all pictures and of parts of the work."""
    settings = Settings()
    pictures = [np.array(picture) for picture in pictures]  # in memory, not on disk
    groups = [pictures[start : start + batch] for start in range(0, len(pictures), batch)]
    first = seconds(lambda: engine.detect(groups[0], settings))[0]
    for group in groups:  # all shapes that come are compiled
        engine.detect(group, settings)
    whole, found = seconds(lambda: [faces for group in groups for faces in engine.detect(group, settings)])
    one = steady(lambda: engine.detect(groups[0][:1], settings), 10)
    full = steady(lambda: engine.detect(groups[0], settings), 5)
    size = len(groups[0])
    return {
        "pictures": len(pictures),
        "faces": sum(map(len, found)),
        "first": first,
        "seconds": whole,
        "each": (full - one) / (size - 1) if size > 1 else full,
        "fixed": max(one - (full - one) / (size - 1), 0.0) if size > 1 else 0.0,
        "profile": profiled(engine, groups, settings),
    }


def limits(engine: Any) -> dict[str, float]:
    """Operations a second of a matrix product on the device: in full float32, and as the backend does it by itself."""
    from facecascade.backend import keras

    backend = engine.backend
    side = SIDE if backend.kind != "cpu" else SIDE // 8
    ops = keras.ops

    def product() -> None:
        ops.convert_to_numpy(ops.matmul(matrix, matrix)[0, 0])

    rates = {}
    for name, scope in (("float32", backend.scope), ("default", lambda: keras.device(backend.device))):
        with scope():
            matrix = ops.ones((side, side), "float32")
            product()
            rates[name] = 2 * side**3 / steady(product, 5)
    return rates


def _engine(device: str) -> Any:
    from facecascade.engines.keras import KerasEngine

    return KerasEngine(Weights.load().tensors, device=device)


if __name__ == "__main__":
    main()

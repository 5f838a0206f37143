"""Where the time of a batch goes, stage by stage: `profiled`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from benchmarks.data import Picture
from benchmarks.limit.flops import onet_flops, pyramid_flops, rnet_flops
from facecascade.settings import Settings

STAGES: Final = {
    "scan": "pyramid and P-Net",
    "propose": "NMS over levels",
    "look_rnet": "crops and R-Net",
    "refine": "NMS after R-Net",
    "look_onet": "crops and O-Net",
    "output": "last NMS, landmarks",
}
"""Names of the compiled stages, and what they are."""


def profiled(engine: Any, groups: Sequence[Sequence[Picture]], settings: Settings) -> dict[str, Any]:
    """Seconds of each stage over all batches, waiting for the device after each; crops; operations.

    "copies" is what it takes to copy all pictures to the device, alone; "host" what is in none of the others.
    """
    laps = dict.fromkeys(STAGES.values(), 0.0)
    crops = dict.fromkeys(("look_rnet", "look_onet"), 0)
    with _waiting(engine.cascade(settings), laps, crops):
        started = time.perf_counter()
        for group in groups:
            engine.detect(group, settings)
        whole = time.perf_counter() - started
    copies = _copies(engine, groups)
    pictures = [picture for group in groups for picture in group]
    scanned = sum(pyramid_flops(picture.shape[0], picture.shape[1], settings) for picture in pictures)
    looked = crops["look_rnet"] * rnet_flops() + crops["look_onet"] * onet_flops()
    host = max(whole - sum(laps.values()) - copies, 0.0)
    return {"seconds": laps | {"copies": copies, "host": host}, "crops": crops, "flops": scanned + looked}


@contextmanager
def _waiting(cascade: Any, laps: dict[str, float], crops: dict[str, int]) -> Iterator[None]:
    """The stages of a cascade, each waited for and timed."""
    originals = {name: getattr(cascade, name) for name in STAGES}
    for name, stage in originals.items():
        setattr(cascade, name, _timed(name, stage, laps, crops))
    try:
        yield
    finally:
        for name, stage in originals.items():
            setattr(cascade, name, stage)


def _timed(name: str, stage: Callable[..., Any], laps: dict[str, float], crops: dict[str, int]) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        started = time.perf_counter()
        result = stage(*arguments)
        _wait(result)
        laps[STAGES[name]] += time.perf_counter() - started
        if name in crops:
            crops[name] += int(arguments[-1].shape[0])
        return result

    return timed


def _wait(arrays: Any) -> None:
    """Until the device has all of them: its work is in order, so the last one's first number will do."""
    from facecascade.backend import keras

    last = arrays[-1]
    keras.ops.convert_to_numpy(keras.ops.reshape(last, (-1,))[:1])


def _copies(engine: Any, groups: Sequence[Sequence[Picture]]) -> float:
    import numpy as np

    from facecascade.backend import keras

    total = 0.0
    with engine.backend.scope():
        for group in groups:
            together = np.stack(group)
            started = time.perf_counter()
            _wait([keras.ops.convert_to_tensor(together)])
            total += time.perf_counter() - started
    return total

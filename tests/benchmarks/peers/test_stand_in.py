"""The stand-in for torchvision: its suppression beside the plainest one there is. torch is not needed for it."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.peers.detectors.facenet_pytorch_torch2_13 import STAND_IN


@pytest.fixture
def boxes_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The stand-in's `ops/boxes.py`."""
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())
    spec = importlib.util.spec_from_file_location("stand_in_boxes", STAND_IN / "torchvision" / "ops" / "boxes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plainly(boxes: NDArray[np.float32], threshold: float) -> list[int]:
    """One box after the other against all that stay, in float32."""
    stays: list[int] = []
    for place, box in enumerate(boxes):
        if all(overlap(boxes[other], box) <= threshold for other in stays):
            stays.append(place)
    return stays


def overlap(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    width = max(np.float32(0), min(one[2], other[2]) - max(one[0], other[0]))
    height = max(np.float32(0), min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(width * height / (areas[0] + areas[1] - width * height))


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 300])
@pytest.mark.parametrize("threshold", [0.5, 0.7])
def test_the_boxes_that_stay(boxes_module: Any, count: int, threshold: float) -> None:
    random = np.random.default_rng(count)
    corners = random.integers(0, 60, (count, 2)).astype(np.float32)
    boxes = np.concatenate((corners, corners + random.integers(10, 30, (count, 2))), axis=1).astype(np.float32)
    stays = boxes_module._stay(boxes, threshold)
    assert stays.dtype == np.int64
    assert stays.tolist() == plainly(boxes, threshold)
    assert count < 63 or 10 < len(stays) < count


def test_an_overlap_at_the_threshold_stays(boxes_module: Any) -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 10, 7]], np.float32)
    assert boxes_module._stay(boxes, 0.5).tolist() == [0, 1]
    # .7 is a little more than the nearest float32: an overlap of that float32 stays too
    assert boxes_module._stay(boxes[[0, 2]], 0.7).tolist() == [0, 1]

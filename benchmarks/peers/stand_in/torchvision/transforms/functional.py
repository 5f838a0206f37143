"""What facenet-pytorch's crops call, which no detection does: `to_tensor`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_tensor(pixels: NDArray[Any]) -> Any:
    """A picture (h, w, c) as a float32 tensor (c, h, w): uint8 as 0 to 1, floats as they are."""
    moved = np.ascontiguousarray(np.moveaxis(pixels, 2, 0))
    tensor = import_module("torch").from_numpy(moved)
    return tensor.float() / 255 if pixels.dtype == np.uint8 else tensor

"""Weights of the image pyramid, computed in whole numbers here and used on the device: `Axis`, `axis`.

An axis of a level is cut into blocks of `BLOCK` cells. A block sees the few pixels under it, so a level is a batch of
small matrix products and not one that is mostly zeros.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facecascade.engines.reference import level_weights

BLOCK: Final = 16
"""Cells of one block."""


@dataclass(frozen=True)
class Axis:
    """How the cells of one axis of a level weigh the pixels of the picture.

    Attributes:
        starts: (blocks,) int32, the first pixel that a block sees.
        weights: (blocks, BLOCK, taps) float32, whole numbers that sum to 2 ** 16 for each cell; 0 for cells that the
            level of this picture lacks.
    """

    starts: NDArray[np.int32]
    weights: NDArray[np.float32]


def blocks_and_taps(size: int, cells: int, scale: float) -> tuple[int, int]:
    """Number of blocks, and of pixels that each of them sees, for all pictures of a bucket.

    Args:
        size: side of the bucket in pixels.
        cells: side of its level.
        scale: that of the level; a cell is at most 1 / scale pixels wide.
    """
    step = 1 / scale
    widest = BLOCK * step if step > 1 else (BLOCK - 1) * step + 1
    return -(-cells // BLOCK), min(math.ceil(widest) + 2, size)


@lru_cache(maxsize=512)
def axis(size: int, *, bucket: int, scale: float) -> Axis:
    """The axis of a picture with a side of `size` pixels, in a bucket with a side of `bucket`."""
    cells = math.ceil(size * scale)
    blocks, taps = blocks_and_taps(bucket, math.ceil(bucket * scale), scale)
    starts = np.zeros(blocks, np.int32)
    weights = np.zeros((blocks, BLOCK, taps), np.float32)
    dense = level_weights(size, cells)
    for block in range(-(-cells // BLOCK)):
        rows = dense[block * BLOCK : (block + 1) * BLOCK]
        first = int(np.flatnonzero(rows.any(axis=0))[0])
        starts[block] = min(first, bucket - taps)
        seen = rows[:, starts[block] : starts[block] + taps]
        weights[block, : len(rows), : seen.shape[1]] = seen
    starts.setflags(write=False)
    weights.setflags(write=False)
    return Axis(starts, weights)

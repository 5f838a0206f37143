"""One level of the image pyramid on the device, exact to the byte: `level`.

All numbers are whole and stay below 2 ** 24, which float32 holds exactly, so that matrix products in any order agree.
"""

from __future__ import annotations

from typing import Any

from facecascade.backend import keras
from facecascade.engines.reference import PYRAMID_BITS, ROW_BITS

ops = keras.ops

SPLIT = 7
"""Bits of the lower half of a row's 15: each half times 2 ** 16 stays below 2 ** 24."""


def level(pictures: Any, rows: tuple[Any, Any], columns: tuple[Any, Any], *, cells: tuple[int, int]) -> Any:
    """One level of each picture of a bucket by area average.

    Args:
        pictures: (b, h, w, 3) uint8.
        rows: starts and weights of `facecascade.engines.keras.levels.Axis`, (b or 1, ...) of the pictures' heights.
        columns: the same of their widths.
        cells: height and width of the bucket's level.

    Returns:
        (b, *cells, 3) float32, whole numbers from 0 to 255.
    """
    height, width = cells
    across = pictures.shape[2]
    drop = PYRAMID_BITS - ROW_BITS
    tall = _weighed(ops.reshape(pictures, (*pictures.shape[:2], -1)), *rows)[:, :height]  # (b, cells, w 3)
    tall = ops.floor((tall + 2.0 ** (drop - 1)) / 2.0**drop)  # 15 bits
    tall = ops.transpose(ops.reshape(tall, (-1, height, across, 3)), (0, 2, 1, 3))  # (b, w, cells, 3)
    upper = ops.floor(tall / 2.0**SPLIT)
    halves = ops.stack([upper, tall - upper * 2.0**SPLIT], axis=-1)  # (b, w, cells, 3, 2)
    wide = _weighed(ops.reshape(halves, (-1, across, height * 6)), *columns)[:, :width]  # (b, cells, cells 3 2)
    wide = ops.cast(ops.reshape(wide, (-1, width, height, 3, 2)), "int32")
    drop = PYRAMID_BITS + ROW_BITS
    pixels = (wide[..., 0] * 2**SPLIT + wide[..., 1] + 2 ** (drop - 1)) // 2**drop  # below 2 ** 31 all the way
    return ops.transpose(ops.cast(pixels, "float32"), (0, 2, 1, 3))


def _weighed(lines: Any, starts: Any, weights: Any) -> Any:
    """(b, n, k) lines -> (b, cells of all blocks, k): weighted sums of the lines that each block sees."""
    count, length, depth = lines.shape
    blocks, cells, taps = weights.shape[1:]
    first = starts[:, :, None] + ops.arange(taps, dtype="int32")  # (b or 1, blocks, taps)
    at = ops.arange(count, dtype="int32")[:, None, None] * length + first
    seen = ops.take(ops.reshape(lines, (count * length, depth)), at, axis=0)  # (b, blocks, taps, k)
    return ops.reshape(ops.matmul(weights, ops.cast(seen, "float32")), (count, blocks * cells, depth))

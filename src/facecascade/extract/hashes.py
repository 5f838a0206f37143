"""A hash that pictures keep when they are scaled or compressed, and how far two of them are apart."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

WAVES: Final = 8
"""Frequencies along each axis: 8 x 8 of them are 64 bits."""
LUMA: Final = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in a grey level: ITU-R BT.601, as in JPEG."""


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(h, w) float64 grey levels, 0 to 255, of (h, w, 3) RGB."""
    levels: NDArray[np.float64] = pixels @ np.array(LUMA)
    return levels


def perceptual_hash(levels: ArrayLike) -> int:
    """64 bits: which of the 8 x 8 lowest frequencies of a picture are above their median.

    Scaling, compression and brightness hardly change the order of the low frequencies of the discrete cosine transform
    (DCT-II). The bits stand row by row, the highest first.

    Args:
        levels: (h, w) grey, both at least 8.

    Returns:
        0 to 2 ** 64 - 1.

    Raises:
        ValueError: another shape.
    """
    waves = spectrum(levels)
    bits = waves > np.median(waves)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def spectrum(levels: ArrayLike) -> NDArray[np.float64]:
    """(8, 8) float64: the lowest frequencies of a picture (DCT-II, not normalised), by their height and their width.

    Args:
        levels: as in `perceptual_hash`.

    Raises:
        ValueError: another shape.
    """
    values = np.asarray(levels, np.float64)
    if values.ndim != 2 or min(values.shape) < WAVES:
        raise ValueError(f"expected grey levels of shape (h, w), both at least {WAVES}, got {values.shape}")
    waves: NDArray[np.float64] = _cosines(values.shape[0]) @ values @ _cosines(values.shape[1]).T
    return waves


def hamming_distance(first: int, second: int) -> int:
    """How many bits differ, 0 to 64."""
    return (first ^ second).bit_count()


def bit_counts(values: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """How many bits of each number are set: of the exclusive or of two hashes, the distance between them."""
    if hasattr(np, "bitwise_count"):
        return np.bitwise_count(values)
    return _added_bits(values)


def _added_bits(values: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """`bit_counts` for NumPy before 2.0: sums of neighbouring groups of 1, 2, 4, ... bits, all groups at once."""
    counts = values
    for width in (1, 2, 4, 8, 16, 32):
        group = np.uint64(sum(((1 << width) - 1) << low for low in range(0, 64, 2 * width)))
        counts = (counts & group) + ((counts >> np.uint64(width)) & group)
    return counts.astype(np.uint8)


@lru_cache(maxsize=8)
def _cosines(length: int) -> NDArray[np.float64]:
    """(8, length), read-only: the lowest waves of the DCT-II, of one height each."""
    places = (np.arange(length) + 0.5) * np.pi / length
    waves: NDArray[np.float64] = np.cos(np.arange(WAVES)[:, np.newaxis] * places)
    waves.setflags(write=False)
    return waves

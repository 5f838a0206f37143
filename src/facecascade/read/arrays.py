"""Arrays of any usual dtype and shape, to RGB pixels of 8 bits."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError

Color = Literal["rgb", "bgr"]
COLORS: Final[tuple[Color, ...]] = get_args(Color)
Pixels = NDArray[np.uint8]

BACKGROUND: Final = 0
"""Level of red, green and blue behind transparent pixels: black.

Measured on 120 portraits cut out along the head, at four widths of the cut: of the 480 faces the published weights find
480 on black, 474 on mid-grey and 471 on white.
"""

HALF_LEVEL: Final = 0.5
"""Floats may leave their range by half a grey level: rounding errors do, and rounding to levels brings them back."""
AMBIGUOUS_BELOW: Final = 2.0
"""A largest float between 1 and 2 is either an overshoot of 0 to 1 or a black picture of 0 to 255: nobody can tell."""


def array_name(array: NDArray[Any]) -> str:
    """What error messages call an array."""
    return f"array of shape {array.shape}, dtype {array.dtype}"


def is_rgb(array: NDArray[Any]) -> bool:
    """Whether an array is what `rgb_from_array` makes of others: then there is nothing to do, nor to say."""
    usual = array.ndim == 3 and array.shape[2] == 3 and array.dtype == np.uint8
    return usual and array.size > 0 and array.flags.c_contiguous


def rgb_from_array(array: NDArray[Any], *, color: Color, name: str) -> Pixels:
    """RGB of an array, (h, w, 3) uint8, C-contiguous; the array itself where it is that already.

    Args:
        array: (h, w), (h, w, 1), (h, w, 3) or (h, w, 4), the fourth being alpha; dtypes as in `eight_bits`.
        color: order of the first three channels.
        name: what error messages call it.

    Raises:
        ImageError: the shape, the dtype or a value is none of a picture's.
    """
    _check_shape(array, name=name)
    pixels = eight_bits(array, name=name)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return grey_to_rgb(pixels.reshape(pixels.shape[:2]))
    alpha = pixels[:, :, 3] if pixels.shape[2] == 4 else None
    if color == "rgb" and alpha is None:
        return np.ascontiguousarray(pixels)
    order = (0, 1, 2) if color == "rgb" else (2, 1, 0)
    rgb = np.empty((*pixels.shape[:2], 3), np.uint8)
    # One channel at a time: a third of the time of a reversed slice, whose inner loop is three long.
    for channel, source in enumerate(order):
        rgb[:, :, channel] = pixels[:, :, source] if alpha is None else over_background(pixels[:, :, source], alpha)
    return rgb


def grey_to_rgb(grey: Pixels) -> Pixels:
    """(h, w) to (h, w, 3), three times the same."""
    rgb = np.empty((*grey.shape, 3), np.uint8)
    rgb[:] = grey[:, :, np.newaxis]
    return rgb


def over_background(values: Pixels, alpha: Pixels) -> Pixels:
    """One channel seen through its alpha on `BACKGROUND`: (values * alpha + background * rest) / 255, rounded."""
    rest = 255 - alpha
    mixed = values.astype(np.uint16) * alpha + np.uint16(BACKGROUND) * rest + np.uint16(128)
    # x / 255 rounded, for x up to 255 * 255, without a division.
    return ((mixed + (mixed >> 8)) >> 8).astype(np.uint8)


def eight_bits(array: NDArray[Any], *, name: str) -> Pixels:
    """Values of any shape as levels from 0 to 255.

    uint8 stays; bool is 0 and 255; uint16 is 0 to 65535, divided by 257 and rounded; other integers must lie within 0
    to 255; floats are 0 to 1 where their largest is at most 1, else 0 to 255, rounded.

    Raises:
        ImageError: the dtype is no number, or a value is out of range, not finite, or ambiguous.
    """
    kind, bits = array.dtype.kind, 8 * array.dtype.itemsize
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if kind == "u" and bits == 8:
        return array
    if kind == "u" and bits == 16:
        return ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if kind in "iu":
        return _from_integers(array, name=name)
    if kind == "f":
        return _from_floats(array, name=name)
    raise ImageError(f"{name}: expected numbers (uint8, uint16, floats...), got dtype {array.dtype}")


def _from_integers(array: NDArray[Any], *, name: str) -> Pixels:
    low, high = int(array.min()), int(array.max())
    if low < 0 or high > 255:
        raise ImageError(
            f"{name}: expected {array.dtype} values within 0 to 255, got {low} to {high}; "
            "scale them, or pass 16-bit values as uint16"
        )
    return array.astype(np.uint8)


def _from_floats(array: NDArray[Any], *, name: str) -> Pixels:
    low, high = float(array.min()), float(array.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageError(f"{name}: expected finite values, got NaN or infinity")
    unit = high <= 1 + HALF_LEVEL / 255
    scale = 255 if unit else 1
    if low * scale < -HALF_LEVEL or high * scale > 255 + HALF_LEVEL or (not unit and high < AMBIGUOUS_BELOW):
        raise ImageError(
            f"{name}: expected floats within 0 to 1 or within 0 to 255, got {low:.6g} to {high:.6g}; "
            "clip them, or undo the normalisation"
        )
    # float16 has too few bits for the product.
    levels = array.astype(np.result_type(array.dtype, np.float32), copy=False) * np.float32(scale)
    return np.rint(levels).clip(0, 255).astype(np.uint8)


def _check_shape(array: NDArray[Any], *, name: str) -> None:
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))):
        raise ImageError(
            f"{name}: expected shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4), got {array.shape}{_hint(array)}"
        )
    if 0 in array.shape:
        raise ImageError(f"{name}: expected at least one pixel, got none")


def _hint(array: NDArray[Any]) -> str:
    if array.ndim == 3 and array.shape[0] in (1, 3, 4):
        return "; channels come last here: transpose(1, 2, 0)"
    if array.ndim == 4:
        return "; one picture at a time: pass each of the batch"
    return ""

"""Few shapes for pictures of all sizes, so that a compiled function is compiled a few times and not for ever."""

from __future__ import annotations

STEPS = 8
"""Sizes in each octave: a side is at most an eighth longer than it has to be; 480, 640, 1280, 1920 stay as they are."""
LEAST = 32
"""Smallest side of a bucket in pixels."""


def bucket_side(side: int) -> int:
    """The smallest side of a bucket that holds `side` pixels: 8 to 15 times a power of two."""
    unit = 1 << max(max(side, LEAST) - 1, 1).bit_length() >> (STEPS.bit_length())
    return -(-max(side, LEAST) // unit) * unit


def power_of_two(count: int, *, least: int = 1) -> int:
    """The smallest power of two that is at least `count` and `least`."""
    return max(least, 1 << max(count - 1, 0).bit_length())


def bucket_count(count: int, *, least: int = 1) -> int:
    """A power of two, or one and a half times one, that is at least `count` and `least`."""
    full = power_of_two(count, least=least)
    return full * 3 // 4 if full >= 4 * least and full * 3 // 4 >= count else full

"""How much arithmetic the networks are: floating-point operations, a multiply-add being two.

Only convolutions and dense layers count. A convolution of a k x k kernel from `i` to `o` channels does k * k * i * o
multiply-adds for each pixel of its result, which is k - 1 smaller in height and width than its input. Biases, PReLU,
pools, the pyramid, crops and suppression are left out: together they are some percent of the arithmetic.
"""

from __future__ import annotations

from itertools import starmap
from typing import Final

from facecascade.settings import Settings, level_size

PNET_HEADS: Final = 2 + 4
"""Numbers a window ends in: two scores and a box."""
RNET_HEADS: Final = 2 + 4
"""Numbers a crop ends in: two scores and a box."""
ONET_HEADS: Final = 2 + 4 + 10
"""Numbers a crop ends in: two scores, a box and five landmarks."""


def pooled(side: int, *, size: int) -> int:
    """Side after a pool of stride 2 whose last window may reach over the edge: ceil((side - size) / 2) + 1."""
    return -(-(side - size) // 2) + 1


def pnet_flops(height: int, width: int) -> int:
    """P-Net over one level of this size, as it is written down.

    Its layers: 3 x 3 from 3 to 10 channels, a 2 x 2 pool of stride 2, 3 x 3 from 10 to 16, 3 x 3 from 16 to 32, and
    heads of six numbers at every place. So with h1 = h - 2, h2 = ceil(h1 / 2), h3 = h2 - 2, h4 = h3 - 2, and w
    likewise, it is

        2 * (h1 * w1 * 9 * 3 * 10  +  h3 * w3 * 9 * 10 * 16  +  h4 * w4 * (9 * 16 * 32 + 32 * 6)).

    A level of fewer than 11 pixels either way has no window and is 0.
    """
    if min(height, width) < 11:
        return 0
    h1, w1 = height - 2, width - 2
    h3, w3 = pooled(h1, size=2) - 2, pooled(w1, size=2) - 2
    h4, w4 = h3 - 2, w3 - 2
    return 2 * (h1 * w1 * 9 * 3 * 10 + h3 * w3 * 9 * 10 * 16 + h4 * w4 * (9 * 16 * 32 + 32 * PNET_HEADS))


def pyramid_flops(height: int, width: int, settings: Settings) -> int:
    """P-Net over all levels of a picture of this size."""
    levels = (level_size(height, width, scale) for scale in settings.scales(height, width))
    return sum(starmap(pnet_flops, levels))


def rnet_flops() -> int:
    """R-Net on one crop of 24 x 24, as it is written down: about 3.06 million.

    3 x 3 from 3 to 28 channels: 24 -> 22, pooled by 3 x 3 to 11; 3 x 3 to 48: 9, pooled to 4; 2 x 2 to 64: 3; dense
    from 3 * 3 * 64 to 128; heads of six numbers.
    """
    convolutions = 22 * 22 * 9 * 3 * 28 + 9 * 9 * 9 * 28 * 48 + 3 * 3 * 4 * 48 * 64
    return 2 * (convolutions + 3 * 3 * 64 * 128 + 128 * RNET_HEADS)


def onet_flops() -> int:
    """O-Net on one crop of 48 x 48, as it is written down: about 25.8 million.

    3 x 3 from 3 to 32 channels: 48 -> 46, pooled by 3 x 3 to 23; 3 x 3 to 64: 21, pooled to 10; 3 x 3 to 64: 8, pooled
    by 2 x 2 to 4; 2 x 2 to 128: 3; dense from 3 * 3 * 128 to 256; heads of sixteen numbers.
    """
    convolutions = 46 * 46 * 9 * 3 * 32 + 21 * 21 * 9 * 32 * 64 + 8 * 8 * 9 * 64 * 64 + 3 * 3 * 4 * 64 * 128
    return 2 * (convolutions + 3 * 3 * 128 * 256 + 256 * ONET_HEADS)

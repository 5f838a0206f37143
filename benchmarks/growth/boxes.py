"""Boxes for non-maximum suppression to sort out: crowds of them, and such that all stay."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

AROUND: Final = 10
"""Boxes around one face of a crowd, about what P-Net proposes."""
SIDE: Final = 24.0
"""Their side in pixels, and a third more for the largest."""

Boxes = NDArray[np.float64]
Scores = NDArray[np.float32]


def crowded(count: int) -> tuple[Boxes, Scores]:
    """Boxes in heaps of `AROUND`, each a little beside the others of its heap: (count, 4) and (count,)."""
    random = np.random.default_rng(0)
    centres = np.repeat(_places(-(-count // AROUND)), AROUND, axis=0)[:count]
    centres = centres + random.normal(0, SIDE / 12, centres.shape)
    sides = SIDE * random.uniform(1, 4 / 3, (count, 1))
    return np.hstack([centres - sides / 2, centres + sides / 2]), random.random(count, np.float32)


def scattered(count: int) -> tuple[Boxes, Scores]:
    """Boxes that do not touch, so that each is compared with all better ones and stays: the worst there is."""
    places = _places(count)
    scores = np.random.default_rng(0).random(count, np.float32)
    return np.hstack([places - SIDE / 2, places + SIDE / 2]), scores


def _places(count: int) -> Boxes:
    """Points two sides apart, row by row, in a square: (count, 2)."""
    columns = int(np.ceil(count**0.5))
    y, x = np.divmod(np.arange(count), columns)
    return 2 * SIDE * np.stack([x, y], axis=1).astype(np.float64)

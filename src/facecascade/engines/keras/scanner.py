"""P-Net over a sheet of levels: logits and regressions of all windows, and which of them stay in their level."""

from __future__ import annotations

from typing import Any

from facecascade.backend import keras
from facecascade.engines.keras.boxes import settle
from facecascade.settings import CELL

ops = keras.ops

NOTHING = -1e30
"""What a pool sees where there is no pixel: less than any convolution gives, and finite."""


class Scanner:
    """P-Net for sheets, whose levels end before the sheet does: no pool reads what is not there.

    Args:
        model: from `facecascade.networks.PNet`.
    """

    def __init__(self, model: Any) -> None:
        self._pool = model.get_layer("pool1")
        self._first = keras.Model(model.input, model.get_layer("prelu1").output)
        self._rest = keras.Model(self._pool.output, [model.get_layer(name).output for name in ("score", "box")])

    def __call__(self, sheet: Any, sizes: Any, pixels: Any) -> tuple[Any, Any]:
        """Logits of a face and regressions of the windows of a sheet.

        Args:
            sheet: (b, h, w, 3), 0 to 255; h and w are even.
            sizes: (b, levels, 2) int32, height and width of each picture's levels; 0 for those it lacks.
            pixels: (h, w, 3) int32, from `Sheet.pixels`.

        Returns:
            (b, h' w') and (b, h' w', 4), row by row.
        """
        x = self._first((sheet - 127.5) / 128)  # (b, h - 2, w - 2, 10)
        x = ops.where(_inside(sizes - 2, pixels[:-2, :-2]), x, NOTHING)
        x = self._pool(x)  # (b, h / 2 - 1, w / 2 - 1, 10)
        x = ops.where(_inside((sizes - 1) // 2, pixels[:-2:2, :-2:2], step=2), x, 0.0)  # ceil((side - 2) / 2)
        score, regression = self._rest(x)
        logits = ops.reshape(score[..., 1] - score[..., 0], (score.shape[0], -1))
        return logits, ops.reshape(regression, (score.shape[0], -1, 4))


def _inside(sizes: Any, places: Any, *, step: int = 1) -> Any:
    """Which cells are there: (b, levels, 2) sizes, (h, w, 3) level, row and column -> (b, h, w, 1) bool.

    Rows and columns are in pixels, of which a cell is `step` wide.
    """
    none = ops.zeros((sizes.shape[0], 1, 2), "int32")  # of what is between the levels
    size = ops.take(ops.concatenate([sizes, none], axis=1), places[..., 0], axis=1)  # (b, h, w, 2)
    return ops.all(places[..., 1:] // step < size, axis=-1, keepdims=True)


def there(sizes: Any, windows: Any) -> Any:
    """Which windows are there: (b, levels, 2) sizes, (n, 3) level, row and column -> (b, n) bool."""
    count = ops.where(ops.all(sizes >= CELL, axis=-1, keepdims=True), (sizes - 1) // 2 - 4, 0)  # (b, levels, 2)
    return ops.all(windows[:, 1:] < ops.take(count, windows[:, 0], axis=1), axis=-1)


def kept_in_level(logits: Any, candidates: Any, near: Any) -> Any:
    """Non-maximum suppression within each level: (b, n) twice, (n, k) neighbours -> (b, n) bool.

    Windows of a level have one size, so only those a few steps away can suppress one; of equal ones the earlier stays.
    """
    scores = ops.where(candidates, logits, -float("inf"))
    others = _neighbours(scores, near, fill=-float("inf"))  # (b, n, k)
    earlier = near < ops.arange(near.shape[0], dtype="int32")[:, None]
    better = (others > scores[..., None]) | (earlier & (others == scores[..., None]))

    def rounds(keep: Any) -> Any:
        return candidates & ~ops.any(better & _neighbours(keep, near, fill=False), axis=-1)

    return settle(rounds, candidates)


def _neighbours(values: Any, near: Any, *, fill: float | bool) -> Any:
    """(b, n) -> (b, n, k): values of the neighbours; `fill` where there is none."""
    return ops.take(ops.pad(values, [(0, 0), (0, 1)], constant_values=fill), near, axis=1)

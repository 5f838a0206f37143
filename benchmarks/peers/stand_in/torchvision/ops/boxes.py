"""Non-maximum suppression with torchvision's rules: `nms` and `batched_nms`.

Boxes are taken by score, the earlier one first where scores are equal; each drops those after it whose overlap with it
is above the threshold. Overlaps are computed in float32 from widths and heights without a pixel added, as torchvision
does.

In NumPy, for the CPU. A block of the best boxes left is settled by itself, in a square of overlaps, and then what stays
of it drops boxes among all the rest at once: there are few steps, each over long arrays.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

torch = import_module("torch")  # by name, so that type checkers do not ask for a package of another environment

BLOCK: Final = 64
"""Boxes settled together: with more, the square of overlaps would cost more than the steps it saves."""


def nms(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    """Indices of the boxes that stay, best first: int64 (kept,), from float32 boxes (n, 4) x1 y1 x2 y2, scores (n,)."""
    order = torch.sort(scores, stable=True, descending=True).indices.numpy()
    return torch.from_numpy(order[_stay(boxes.numpy()[order], iou_threshold)])


def batched_nms(boxes: Any, scores: Any, idxs: Any, iou_threshold: float) -> Any:
    """`nms` among the boxes of each index in `idxs`, int64 (n,), alone; the indices that stay, best score first."""
    if boxes.shape[0] == 0:
        return torch.empty((0,), dtype=torch.int64)
    if bool((idxs == idxs[0]).all()):
        return nms(boxes, scores, iou_threshold)
    groups = ((idxs == index).nonzero()[:, 0] for index in torch.unique(idxs))
    kept = torch.cat([group[nms(boxes[group], scores[group], iou_threshold)] for group in groups])
    return kept[torch.sort(scores[kept], stable=True, descending=True).indices]


def _stay(boxes: NDArray[np.float32], threshold: float) -> NDArray[np.int64]:
    """Places of the boxes that stay, from boxes (n, 4) by descending score."""
    columns = np.concatenate((boxes.T, [(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])]))
    left = np.arange(len(boxes))
    kept = [left[:0]]
    while left.size:
        block, left = left[:BLOCK], left[BLOCK:]
        stays = block[_settled(_above(columns[:, block], columns[:, block], threshold))]
        kept.append(stays)
        left = left[~_above(columns[:, stays], columns[:, left], threshold).any(0)]
    return np.concatenate(kept)


def _settled(above: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which boxes of a block stay, from whether each pair overlaps too much, (n, n)."""
    stays = np.ones(len(above), np.bool_)
    for place, row in enumerate(above[:-1]):
        if stays[place]:
            stays[place + 1 :] &= ~row[place + 1 :]
    return stays


def _above(first: NDArray[np.float32], second: NDArray[np.float32], threshold: float) -> NDArray[np.bool_]:
    """Whether overlaps exceed the threshold, (n, m), from columns x1 y1 x2 y2 area, (5, n) and (5, m)."""
    one, other = first[:, :, None], second[:, None, :]
    width = np.minimum(one[2], other[2]) - np.maximum(one[0], other[0])
    height = np.minimum(one[3], other[3]) - np.maximum(one[1], other[1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    above: NDArray[np.bool_] = shared / (one[4] + other[4] - shared) > np.float64(threshold)
    return above

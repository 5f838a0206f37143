"""The faces that people have marked in one picture: `Marked`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError

ALL = "all"
"""The one subset of sets that know no difficulty."""


@dataclass(frozen=True, eq=False)
class Marked:
    """The marked faces of one picture.

    Attributes:
        boxes: (n, 4) float64, x1 y1 x2 y2 in pixels of the upright picture, of all faces, those of no subset too.
        members: for each subset an (n,) bool mask of the faces that it counts.
        landmarks: (n, 5, 2) float64, in the order of `LANDMARK_NAMES`, NaN where a face has none; None where no face
            of the whole set has any.

    Raises:
        AnnotationError: a column has another length than the boxes.
    """

    boxes: NDArray[np.float64]
    members: Mapping[str, NDArray[np.bool_]]
    landmarks: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        boxes = np.asarray(self.boxes, np.float64).reshape(-1, 4)
        lengths = {subset: len(mask) for subset, mask in self.members.items()}
        if set(lengths.values()) - {len(boxes)}:
            raise AnnotationError(f"expected masks of {len(boxes)} faces, got lengths {lengths}")
        if self.landmarks is not None and self.landmarks.shape != (len(boxes), 5, 2):
            raise AnnotationError(f"expected landmarks of shape ({len(boxes)}, 5, 2), got {self.landmarks.shape}")
        object.__setattr__(self, "boxes", boxes)

    def __len__(self) -> int:
        return len(self.boxes)


def subsets_of(marked: Mapping[str, Marked]) -> tuple[str, ...]:
    """The subsets of a set of pictures, in their order.

    Raises:
        AnnotationError: the pictures do not have the same ones, or there is no picture.
    """
    kinds = {tuple(picture.members) for picture in marked.values()}
    if len(kinds) != 1:
        raise AnnotationError(f"expected marked pictures of one kind, got subsets {sorted(kinds) or 'of no picture'}")
    return kinds.pop()

"""Which of the faces found are kept: `Selection`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.extract.measures import Measures
from facecascade.faces import Faces, SortKey

HALF_TURN: Final = 180.0


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which faces are kept; by default all.

    Attributes:
        min_score: least score, 0 to 1.
        min_size: least width and least height of the box, in pixels.
        min_sharpness: least sharpness; see `Measures`.
        max_roll: largest turn in the plane of the picture, in degrees to either side; None for any.
        max_yaw: largest turn to a side, in (rough) degrees to either side; None for any.
        at_most: faces of one picture, at most; None for all.
        prefer: which ones then: "score" (the surest), "size" (the largest) or "centre" (those nearest to the centre of
            the picture).

    Raises:
        SettingsError: a value cannot work.
    """

    min_score: float = 0.0
    min_size: float = 0.0
    min_sharpness: float = 0.0
    max_roll: float | None = None
    max_yaw: float | None = None
    at_most: int | None = None
    prefer: SortKey = "score"

    def __post_init__(self) -> None:
        if not 0 <= self.min_score <= 1:
            raise SettingsError(f"expected min_score from 0 to 1, got {self.min_score!r}")
        for name in ("min_size", "min_sharpness"):
            if not 0 <= getattr(self, name) < np.inf:
                raise SettingsError(f"expected {name} of at least 0, got {getattr(self, name)!r}")
        for name in ("max_roll", "max_yaw"):
            if getattr(self, name) is not None and not 0 <= getattr(self, name) <= HALF_TURN:
                raise SettingsError(f"expected {name} from 0 to 180 degrees, got {getattr(self, name)!r}")
        if self.at_most is not None and (not isinstance(self.at_most, int) or self.at_most < 1):
            raise SettingsError(f"expected at_most of at least 1, or None for all faces, got {self.at_most!r}")
        if self.prefer not in get_args(SortKey):
            raise SettingsError(f'expected prefer="score", "size" or "centre", got {self.prefer!r}')

    @property
    def by_measures(self) -> bool:
        """Whether faces have to be measured before it is known which are kept."""
        return self.min_sharpness > 0 or self.by_pose

    @property
    def without_measures(self) -> Selection:
        """The limits alone that can be checked before faces are measured."""
        return Selection(min_score=self.min_score, min_size=self.min_size)

    @property
    def by_pose(self) -> bool:
        """Whether faces need landmarks for it to be known which are kept."""
        return self.max_roll is not None or self.max_yaw is not None


def select(
    faces: Faces,
    *,
    selection: Selection,
    picture_size: tuple[float, float],
    measures: Sequence[Measures] | None = None,
) -> NDArray[np.intp]:
    """Which faces are kept: first those that pass all limits, then, of these, the preferred ones.

    Args:
        faces: of one picture.
        selection: the limits, and how many are kept.
        picture_size: (width, height) in pixels.
        measures: one a face; needed where `selection.by_measures`.

    Returns:
        (k,) positions in `faces`, rising: the order of the faces stays. Equal ones are preferred in that order.

    Raises:
        ValueError: there are not as many measures as faces, or none where they are needed.
        SettingsError: faces are to be chosen by pose, and have no landmarks.
    """
    passed = np.flatnonzero(_large_and_sure(faces, selection) & _as_measured(faces, selection, measures))
    if selection.at_most is None or len(passed) <= selection.at_most:
        return passed
    best = faces[passed].order(selection.prefer, picture_size=picture_size)[: selection.at_most]
    return np.sort(passed[best])


def _large_and_sure(faces: Faces, selection: Selection) -> NDArray[np.bool_]:
    boxes = faces.boxes.astype(np.float64)
    least_side = (boxes[:, 2:] - boxes[:, :2]).min(axis=1)
    # A float32 score of .9 is a little more or less than .9, and shall pass a limit of .9.
    keep: NDArray[np.bool_] = (faces.scores >= np.float32(selection.min_score)) & ~(least_side < selection.min_size)
    return keep


def _as_measured(
    faces: Faces, selection: Selection, measures: Sequence[Measures] | None
) -> NDArray[np.bool_] | np.bool_:
    if not selection.by_measures:
        return np.True_
    if selection.by_pose and faces.landmarks is None:
        raise SettingsError("expected faces with landmarks to choose by roll or yaw, got some without: use all stages")
    if measures is None or len(measures) != len(faces):
        got = "none" if measures is None else str(len(measures))
        raise ValueError(f"expected measures of each of {len(faces)} faces, got {got}")
    sharpness, roll, yaw = np.array([(one.sharpness, one.roll, one.yaw) for one in measures]).reshape(-1, 3).T
    keep: NDArray[np.bool_] = sharpness >= selection.min_sharpness
    for angle, limit in ((roll, selection.max_roll), (yaw, selection.max_yaw)):
        if limit is not None:
            keep &= np.abs(angle) <= limit
    return keep

"""What was found: `Face`, and `Faces`, a frozen table of them.

All coordinates are float32 pixels of the upright picture: x to the right, y downwards, (0, 0) the outer corner of the
first pixel (`geometry="classic"` keeps the ports' count, which is up to a pixel off). Boxes are not clipped to the
picture unless `Faces.clip` is asked to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

LANDMARK_NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
"""Order of the landmarks; left is the left side of the picture."""
MIRRORED_LANDMARKS = (1, 0, 2, 4, 3)
"""Place of each landmark's counterpart in a mirror image."""

SortKey = Literal["score", "size", "centre"]
Index = slice | NDArray[np.bool_] | NDArray[np.integer[Any]] | list[int] | list[bool]


@dataclass(frozen=True, eq=False)
class Face:
    """One face.

    Attributes:
        box: (x1, y1, x2, y2) in pixels.
        score: probability that this is a face, 0 to 1.
        landmarks: (5, 2) float32, x and y of each of `LANDMARK_NAMES`; None if the detector stopped before O-Net.
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks: NDArray[np.float32] | None = None

    @property
    def width(self) -> float:
        """Width of the box in pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return self.box[3] - self.box[1]

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of the box, (x, y) in pixels."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for `json.dumps`: box [x1, y1, x2, y2], score, landmarks by name or None."""
        named = None
        if self.landmarks is not None:
            named = dict(zip(LANDMARK_NAMES, self.landmarks.tolist(), strict=True))
        return {"box": list(self.box), "score": self.score, "landmarks": named}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Face):
            return NotImplemented
        same_points = _equal_or_none(self.landmarks, other.landmarks)
        return self.box == other.box and self.score == other.score and same_points

    __hash__ = None  # type: ignore[assignment]  # holds an array


@dataclass(frozen=True, eq=False, repr=False)
class Faces:
    """The faces of one picture: columns of one length, read-only.

    Attributes:
        boxes: (n, 4) float32, x1 y1 x2 y2 in pixels of the upright picture. They are edges: (0, 0) is the picture's
            corner, and pixel i lies between i and i + 1.
        scores: (n,) float32, probability that this is a face, 0 to 1.
        landmarks: (n, 5, 2) float32, x and y of each of `LANDMARK_NAMES`; None if the detector stopped before O-Net.
            They are points: (0, 0) is the centre of the first pixel, as data sets mark landmarks.

    Raises:
        ValueError: the columns differ in length or have a wrong shape.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        boxes = _column("boxes", self.boxes, (4,))
        scores = _column("scores", self.scores, ())
        landmarks = None if self.landmarks is None else _column("landmarks", self.landmarks, (5, 2))
        lengths = {len(boxes), len(scores)} | (set() if landmarks is None else {len(landmarks)})
        if len(lengths) != 1:
            raise ValueError(f"expected columns of one length, got lengths {sorted(lengths)}")
        object.__setattr__(self, "boxes", boxes)
        object.__setattr__(self, "scores", scores)
        object.__setattr__(self, "landmarks", landmarks)

    @classmethod
    def empty(cls, *, landmarks: bool = True) -> Faces:
        """No faces; `landmarks=False` for a detector that stops before O-Net."""
        points = np.zeros((0, 5, 2), np.float32) if landmarks else None
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), points)

    def __len__(self) -> int:
        return len(self.scores)

    def __iter__(self) -> Iterator[Face]:
        return (self[i] for i in range(len(self)))

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> Face: ...
    @overload
    def __getitem__(self, index: Index) -> Faces: ...
    def __getitem__(self, index: int | np.integer[Any] | Index) -> Face | Faces:
        """A `Face` by position; `Faces` by slice, by boolean mask or by a list of positions."""
        if isinstance(index, int | np.integer):
            points = None if self.landmarks is None else self.landmarks[index]
            x1, y1, x2, y2 = self.boxes[index].tolist()
            return Face((x1, y1, x2, y2), float(self.scores[index]), points)
        rows = index if isinstance(index, slice) else _row_index(index, len(self))
        points = None if self.landmarks is None else self.landmarks[rows]
        return Faces(self.boxes[rows], self.scores[rows], points)

    def sorted(self, by: SortKey = "score", *, picture_size: tuple[float, float] | None = None) -> Faces:
        """The same faces in another order; equal ones keep theirs.

        Args:
            by: "score" (highest first), "size" (largest box area first), or "centre" (nearest to the centre of the
                picture first).
            picture_size: (width, height) of the picture in pixels; needed by "centre" alone.
        """
        return self[self.order(by, picture_size=picture_size)]

    def order(self, by: SortKey = "score", *, picture_size: tuple[float, float] | None = None) -> NDArray[np.intp]:
        """The positions that `sorted` puts the faces in, (n,); see there."""
        if by == "score":
            key = -self.scores.astype(np.float64)
        elif by == "size":
            key = -np.prod(self._sides(), axis=1)
        elif by == "centre":
            key = self._distance_to_centre(picture_size)
        else:
            raise ValueError(f'expected by="score", "size" or "centre", got {by!r}')
        return np.argsort(key, kind="stable")

    def clip(self, width: float, height: float) -> Faces:
        """The same faces with boxes cut to a picture of this size in pixels; landmarks stay as they are."""
        limit = np.array([width, height, width, height], np.float32)
        return Faces(np.clip(self.boxes, 0, limit), self.scores, self.landmarks)

    def mirrored(self, width: float) -> Faces:
        """The same faces as they lie in the mirror image, left to right, of a picture of this width in pixels.

        What was the left eye is the right one there, and so with the mouth. The centre of the last pixel becomes that
        of the first.
        """
        x1, y1, x2, y2 = self.boxes.T
        boxes = np.stack([width - x2, y1, width - x1, y2], axis=1)
        if self.landmarks is None:
            return Faces(boxes, self.scores)
        points = self.landmarks[:, MIRRORED_LANDMARKS] * np.array([-1, 1], np.float32)
        return Faces(boxes, self.scores, points + np.array([width - 1, 0], np.float32))

    def to_dicts(self) -> list[dict[str, Any]]:
        """One plain dict a face, ready for `json.dumps`; see `Face.to_dict`."""
        return [face.to_dict() for face in self]

    def _sides(self) -> NDArray[np.float64]:
        boxes = self.boxes.astype(np.float64)
        return boxes[:, 2:] - boxes[:, :2]

    def _distance_to_centre(self, picture_size: tuple[float, float] | None) -> NDArray[np.float64]:
        if picture_size is None:
            raise ValueError('sorting by "centre" needs picture_size=(width, height)')
        centres = (self.boxes[:, :2].astype(np.float64) + self.boxes[:, 2:]) / 2
        distance: NDArray[np.float64] = np.linalg.norm(centres - np.array(picture_size) / 2, axis=1)
        return distance

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Faces):
            return NotImplemented
        return (
            np.array_equal(self.boxes, other.boxes)
            and np.array_equal(self.scores, other.scores)
            and _equal_or_none(self.landmarks, other.landmarks)
        )

    __hash__ = None  # type: ignore[assignment]  # holds arrays

    def __reduce__(self) -> tuple[object, ...]:
        # Through the constructor, since arrays come out of a pickle writeable.
        return Faces, (self.boxes, self.scores, self.landmarks)

    def __repr__(self) -> str:
        if not len(self):
            return "Faces(none)"
        shown = [
            "[{:.1f} {:.1f} {:.1f} {:.1f}] {:.3f}".format(*box, score)
            for box, score in zip(self.boxes[:3].tolist(), self.scores[:3].tolist(), strict=True)
        ]
        more = [f"... {len(self) - 3} more"] if len(self) > 3 else []
        return f"Faces({len(self)}: {', '.join(shown + more)})"


def _column(name: str, values: ArrayLike, tail: tuple[int, ...]) -> NDArray[np.float32]:
    """A read-only float32 copy of shape (n, *tail), so that nobody else can write to it."""
    column = np.array(values, np.float32)
    if column.shape[1:] != tail or column.ndim != 1 + len(tail):
        raise ValueError(f"expected {name} of shape {('n', *tail)}, got {column.shape}")
    column.setflags(write=False)
    return column


def _row_index(index: Any, length: int) -> NDArray[np.bool_] | NDArray[np.intp]:
    rows = np.asarray(index)
    if rows.dtype == np.bool_:
        if rows.shape != (length,):
            raise IndexError(f"expected a mask of shape ({length},), got {rows.shape}")
        return rows
    if rows.size == 0:
        return np.zeros(0, np.intp)
    if rows.ndim != 1 or not np.issubdtype(rows.dtype, np.integer):
        raise IndexError(f"expected an int, a slice, a mask or a list of positions, got {index!r}")
    return rows.astype(np.intp)


def _equal_or_none(a: NDArray[np.float32] | None, b: NDArray[np.float32] | None) -> bool:
    if a is None or b is None:
        return a is b
    return np.array_equal(a, b)

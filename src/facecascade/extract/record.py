"""What is kept of one picture: `Record`, and its faces as the rows of one array, `FACE`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from facecascade.extract.measures import Measures
from facecascade.faces import Faces

FACE: Final = np.dtype(
    [
        ("box", "<f4", 4),
        ("score", "<f4"),
        ("landmarks", "<f4", (5, 2)),
        ("matrix", "<f8", (2, 3)),
        ("sharpness", "<f4"),
        ("roll", "<f4"),
        ("yaw", "<f4"),
        ("hash", "<u8"),
    ]
)
"""One face; what was not looked for is NaN."""


class Stamp(NamedTuple):
    """What tells whether a file is still the one that was read."""

    size: int
    """In bytes."""
    mtime: int
    """Time of the last change, in nanoseconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """One picture that was worked on.

    Attributes:
        key: what the picture is called in the journal; see `Root`.
        path: where it lies below the root, with archives, videos and animated pictures taken for folders; what its
            crops are named after.
        stamp: of the file that it is, or lies in; None where there was none.
        width: in pixels; 0 if it could not be read.
        height: in pixels; 0 if it could not be read.
        faces: (n,) `FACE`.
        name: what its crops are called, without number and suffix; None without faces.
        captured: when it was taken, in ISO 8601; None where it does not say.
        orientation: EXIF orientation of the stored pixels, 1 to 8; 1 for a picture without faces.
        container: key of the archive, video or animated picture that it lies in; None for a file of its own.
        time: of a frame, in seconds; None for others.
        error: why it could not be read; None if it could.
    """

    key: str
    path: str
    stamp: Stamp | None
    width: int = 0
    height: int = 0
    faces: NDArray[np.void]
    name: str | None = None
    captured: str | None = None
    orientation: int = 1
    container: str | None = None
    time: float | None = None
    error: str | None = None

    def crops(self, suffix: str) -> list[str]:
        """The file of each face, below the output folder."""
        return crop_names(self.name or "", len(self.faces), suffix)


def crop_names(name: str, count: int, suffix: str) -> list[str]:
    """Files of the faces of a picture: name_00.jpg, name_01.jpg and so on."""
    return [f"{name}_{number:02d}.{suffix}" for number in range(count)]


def packed(faces: Faces, *, matrices: NDArray[np.float64], measures: Sequence[Measures]) -> NDArray[np.void]:
    """(n,) `FACE`: the faces with what was measured of them."""
    rows = np.empty(len(faces), FACE)
    rows["box"], rows["score"], rows["matrix"] = faces.boxes, faces.scores, matrices
    rows["landmarks"] = np.nan if faces.landmarks is None else faces.landmarks
    for name in ("sharpness", "roll", "yaw", "hash"):
        rows[name] = [getattr(one, name) for one in measures]
    return rows


def unpacked(rows: NDArray[np.void]) -> Faces:
    """The faces; without landmarks where none of them has any."""
    landmarks = np.ascontiguousarray(rows["landmarks"])
    looked_for = not len(rows) or not np.isnan(landmarks).all()
    return Faces(
        np.ascontiguousarray(rows["box"]), np.ascontiguousarray(rows["score"]), landmarks if looked_for else None
    )


def measures_of(rows: NDArray[np.void]) -> tuple[Measures, ...]:
    """What was measured of the faces."""
    columns = (rows[name].tolist() for name in ("sharpness", "roll", "yaw", "hash"))
    return tuple(Measures(*values) for values in zip(*columns, strict=True))


def joined(some: Iterable[NDArray[np.void]]) -> NDArray[np.void]:
    """The faces of many pictures as one array, read-only; NumPy's own way compares all fields for each."""
    return np.frombuffer(b"".join([rows.tobytes() for rows in some]), FACE)


NO_FACES: Final = np.empty(0, FACE)

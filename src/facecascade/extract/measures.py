"""What can be told of a face beside its place: `Measures`: sharpness, pose, and a hash to know it again by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facecascade.extract.align import alignments, warp
from facecascade.extract.crop import window_around
from facecascade.extract.hashes import grey, perceptual_hash
from facecascade.extract.resample import Pixels
from facecascade.extract.templates import TEMPLATES
from facecascade.faces import Faces

MEASURED: Final = TEMPLATES["arcface-112"]
"""All faces are measured in this crop, so that large and small ones can be compared."""
FACE_PART: Final = (slice(32, 104), slice(24, 88))
"""Rows and columns of that crop from the brows to the chin: whether the background is sharp says nothing of a face."""
FILTER_REACH: Final = 2.0
"""How far around it the end of a picture shows in a crop, in pixels of the coarser one: the reach of its filter."""
NOSE_DEPTH: Final = 0.55
"""How far the tip of the nose stands out from the plane of eyes and mouth, in distances between the eyes."""


@dataclass(frozen=True)
class Measures:
    """What can be told of one face.

    Attributes:
        sharpness: variance of the Laplacian of the grey levels (0 to 255) from brow to chin, in an aligned crop of 112
            pixels; see `sharpness`.
        roll: degrees that the line through the eyes is turned, -180 to 180; positive is clockwise as one sees it. NaN
            without landmarks.
        yaw: degrees that the face is turned to a side, roughly, -90 to 90; positive is towards the right side of the
            picture. NaN without landmarks.
        hash: 64 bits that stay nearly the same when the picture is scaled or compressed; compare by
            `hamming_distance`.
    """

    sharpness: float
    roll: float
    yaw: float
    hash: int


def measure_faces(picture: Pixels, faces: Faces, *, crops: Sequence[Pixels] | None = None) -> tuple[Measures, ...]:
    """Measures each face, in the order of `faces`.

    Faces without landmarks are measured in the square around their box; roll and yaw are then NaN.

    Args:
        picture: (h, w, 3) uint8, RGB.
        faces: in pixels of that picture.
        crops: the faces, aligned to `MEASURED` on black, where they have been already: most of the work.

    Raises:
        ValueError: there are not as many crops as faces, or `picture` has another shape or dtype.
    """
    if crops is not None and len(crops) != len(faces):
        raise ValueError(f"expected as many crops as faces, got {len(crops)} crops and {len(faces)} faces")
    points = faces.landmarks
    rolls, yaws = (np.full(len(faces), np.nan),) * 2 if points is None else (roll(points), yaw(points))
    measured = []
    for number, matrix in enumerate(_measured_at(faces)):
        levels = grey(warp(picture, matrix, size=MEASURED.size) if crops is None else crops[number])
        inside = inside_picture(matrix, picture.shape[:2])
        measured.append(
            Measures(
                sharpness=sharpness(levels[FACE_PART], inside=inside[FACE_PART]),
                roll=float(rolls[number]),
                yaw=float(yaws[number]),
                hash=perceptual_hash(levels),
            )
        )
    return tuple(measured)


def sharpness(levels: ArrayLike, *, inside: NDArray[np.bool_] | None = None) -> float:
    """Variance of the Laplacian: how much the grey levels change from pixel to pixel beyond a slope.

    It orders pictures of one face well, and different faces roughly: contrast, beards and noise raise it too. The same
    face is sharper in a smaller crop, so compare in crops of one size.

    Args:
        levels: (h, w) grey, 0 to 255.
        inside: (h, w), which of them to look at; all by default.

    Returns:
        Squared grey levels; 0 where there is no pixel with four neighbours.
    """
    values = np.asarray(levels, np.float64)
    cross = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:] - 4 * values[1:-1, 1:-1]
    if inside is not None:
        whole = inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:] & inside[1:-1, 1:-1]
        cross = cross[whole]
    return float(cross.var()) if cross.size else 0.0


def roll(landmarks: ArrayLike) -> NDArray[np.float64]:
    """Degrees that the line through the eyes is turned; positive is clockwise as one sees it.

    Args:
        landmarks: (n, 5, 2), in the order of `LANDMARK_NAMES`.

    Returns:
        (n,) float64, -180 to 180.
    """
    points = np.asarray(landmarks, np.float64)
    across = points[:, 1] - points[:, 0]
    return np.degrees(np.arctan2(across[:, 1], across[:, 0]))


def yaw(landmarks: ArrayLike) -> NDArray[np.float64]:
    """Degrees that a face is turned to a side, by how far the nose has left the middle of eyes and mouth.

    Five points in a plane do not hold the angle: the tip of the nose is taken to stand out by .55 of the distance
    between the eyes, which differs from person to person. It tells left from right and frontal from turned; it is no
    measurement of the angle.

    Args:
        landmarks: (n, 5, 2), in the order of `LANDMARK_NAMES`.

    Returns:
        (n,) float64, -90 to 90; positive is towards the right side of the picture. NaN where the eyes coincide.
    """
    points = np.asarray(landmarks, np.float64)
    left_eye, right_eye, nose, left_mouth, right_mouth = points.swapaxes(0, 1)
    across, eyes, mouth = right_eye - left_eye, (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    distance = np.hypot(*across.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        ahead = across / distance[:, np.newaxis]
        down = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
        share = ((nose - eyes) * down).sum(axis=1) / ((mouth - eyes) * down).sum(axis=1)
        middle = eyes + (mouth - eyes) * np.clip(share, 0, 1)[:, np.newaxis]
        aside = ((nose - middle) * ahead).sum(axis=1) / distance
    degrees: NDArray[np.float64] = np.degrees(np.arctan(aside / NOSE_DEPTH))
    return degrees


def _measured_at(faces: Faces) -> NDArray[np.float64]:
    """(n, 2, 3): into the crop that a face is measured in."""
    if faces.landmarks is not None:
        return alignments(faces, template=MEASURED)
    windows = [window_around(face, size=MEASURED.size, margin=0, shape="square") for face in faces]
    return np.array([window.matrix for window in windows]).reshape(-1, 2, 3)


def inside_picture(matrix: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(112, 112): which pixels of the crop show the picture, and hardly anything beyond it."""
    size = MEASURED.size
    if not np.isfinite(matrix).all():
        return np.zeros((size, size), np.bool_)
    back = np.linalg.inv(matrix[:, :2])
    edge = FILTER_REACH * max(math.sqrt(np.linalg.det(back)), 1) - 0.5
    rows, columns = np.ogrid[:size, :size]
    inside = np.ones((size, size), np.bool_)
    for (along, across), length in zip(back.tolist(), shape[1::-1], strict=True):
        # Most crops lie inside, and their corners say so.
        ends = along * (columns[:, :: size - 1] - matrix[0, 2]) + across * (rows[:: size - 1] - matrix[1, 2])
        if ends.min() >= edge and ends.max() <= length - 1 - edge:
            continue
        place = along * (columns - matrix[0, 2]) + across * (rows - matrix[1, 2])
        inside &= (place >= edge) & (place <= length - 1 - edge)
    return inside

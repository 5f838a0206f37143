"""Faces cut out upright: turned, scaled and moved so that their landmarks lie where a template has them."""

from __future__ import annotations

import math
import os
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from facecascade.errors import SettingsError
from facecascade.extract.crop import check_size
from facecascade.extract.resample import BLACK, Colour, Matrix, Pixels, check_fill, check_picture, filled, shown
from facecascade.extract.templates import DEFAULT_TEMPLATE, Template, get_template
from facecascade.faces import Faces

ROUNDING: Final = float(np.finfo(np.float32).eps)
"""Landmarks nearer to each other than float32 can tell lie in one point."""
LEAST_LIKENESS: Final = 1e-6
"""Square of the correlation with the template below which points have no more to do with it than chance."""

STRETCH: Final = 0.01
"""How far a matrix may be from a turn and a scale, as a share of that scale: rounded numbers are not refused."""


def similarity(points: ArrayLike, target: ArrayLike) -> Matrix:
    """The similarity transform (turn, scale, shift; no reflection) that brings points nearest to others.

    It is the least-squares solution of Umeyama (1991), IEEE TPAMI 13(4), equations 40 to 42. In the plane his singular
    value decomposition has a closed form: with points as complex numbers about their centroids, turn and scale are the
    one factor sum(conj(x) y) / sum(|x| ** 2). It cannot mirror, whatever the points; mirrored points get the best
    turn.

    Args:
        points: (..., k, 2), x and y; k is at least 2. Points on one line are enough.
        target: (k, 2), where they shall come to lie.

    Returns:
        (..., 2, 3) float64, from the one's pixels to the other's: a point is `matrix @ (x, y, 1)`. It is NaN where the
        points do not determine it: one is not finite, all of them coincide, or they resemble the target no more one
        way round than another.

    Raises:
        ValueError: the shapes do not fit.
    """
    source, wanted = np.asarray(points, np.float64), np.asarray(target, np.float64)
    if source.shape[-2:] != wanted.shape or wanted.ndim != 2 or wanted.shape[1] != 2 or len(wanted) < 2:
        raise ValueError(f"expected points (..., k, 2) and target (k, 2), got {source.shape} and {wanted.shape}")
    with np.errstate(all="ignore"):  # what is not finite becomes NaN below
        x, y = (points[..., 0] + 1j * points[..., 1] for points in (source, wanted))
        centre, aim = x.mean(axis=-1), y.mean()
        about, aims = x - centre[..., np.newaxis], y - aim
        spread = np.square(np.abs(about)).sum(axis=-1)
        factor = (np.conj(about) * aims).sum(axis=-1) / spread
        shift = aim - factor * centre
        likeness = np.square(np.abs(factor)) * spread / np.square(np.abs(aims)).sum()
        least = source.shape[-2] * np.square(ROUNDING * np.abs(source).max(axis=(-1, -2)))
        determined = np.isfinite(shift) & (spread > least) & (likeness > LEAST_LIKENESS)
    rows = [[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]]
    matrix = np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
    matrix[~determined] = np.nan
    return matrix


def aligned_crops(
    picture: Pixels,
    faces: Faces,
    *,
    template: Template | str | os.PathLike[str] = DEFAULT_TEMPLATE,
    size: int | None = None,
    fill: Colour = BLACK,
) -> Pixels:
    """An upright crop of each face, in the order of `faces`: its landmarks as near to the template's as can be.

    Where the picture ends, the crop is filled up. A face whose landmarks determine no transform (see `similarity`), or
    one in which the whole picture would be a dot of less than 4 pixels, gives an empty crop.

    Args:
        picture: (h, w, 3) uint8, RGB; it is not changed.
        faces: in pixels of that picture, with landmarks.
        template: a `Template`, its name, or a file; see `get_template`.
        size: side of each crop in pixels, 1 to 4096; by default the template's.
        fill: colour around the picture, three levels from 0 to 255.

    Returns:
        (n, size, size, 3) uint8.

    Raises:
        ValueError: `picture` has another shape or dtype.
        SettingsError: an argument is out of range, the template is none, or the faces have no landmarks.
    """
    template = get_template(template)
    template = template if size is None else template.scaled(size)
    crops = [warp(picture, matrix, size=template.size, fill=fill) for matrix in alignments(faces, template=template)]
    return np.stack(crops) if crops else np.zeros((0, template.size, template.size, 3), np.uint8)


def alignments(faces: Faces, *, template: Template) -> Matrix:
    """(n, 2, 3) float64: the matrix picture -> aligned crop of each face, by pixel centres; see `similarity`.

    Raises:
        SettingsError: the faces have no landmarks.
    """
    if faces.landmarks is None:
        raise SettingsError("expected faces with landmarks, got some without: aligned crops need all three stages")
    return similarity(faces.landmarks, template.as_array())


def warp(picture: Pixels, matrix: ArrayLike, *, size: int | tuple[int, int], fill: Colour = BLACK) -> Pixels:
    """What a similarity transform shows of a picture, antialiased.

    Shrinking weighs all pixels that a pixel of the crop covers, along the crop's own directions; enlarging
    interpolates. Even where a picture is full of detail, both are within 3 levels (root mean square) of the bicubic
    kernel evaluated point by point. The arithmetic is in whole numbers: every machine gives the same bytes.

    Args:
        picture: (h, w, 3) uint8.
        matrix: (2, 3), from points of the picture to points of the crop, both counted by pixel centres; as `similarity`
            or `Window.matrix` has it. NaN gives an empty crop.
        size: side of the crop in pixels, or its (width, height).
        fill: colour around the picture.

    Returns:
        (height, width, 3) uint8.

    Raises:
        ValueError: `picture` or `matrix` has another shape or dtype, or the matrix mirrors, flattens or
            stretches.
        SettingsError: `size` or `fill` is out of range.
    """
    check_picture(picture)
    check_fill(fill)
    width, height = (size, size) if isinstance(size, int) else size
    check_size(width)
    check_size(height)
    forth = np.asarray(matrix, np.float64)
    if forth.shape != (2, 3):
        raise ValueError(f"expected a matrix of shape (2, 3), got {forth.shape}")
    if not np.isfinite(forth).all():
        return filled(height, width, fill)
    return shown(picture, _inverse(forth), height=height, width=width, fill=fill)


def _inverse(forth: Matrix) -> Matrix:
    """From the crop to the picture, both counted from their edges."""
    (a, b, x), (c, d, y) = forth.tolist()
    area = a * d - b * c
    if not area > 0 or math.hypot(a - d, b + c) > STRETCH * math.hypot(a + d, b - c):
        raise ValueError(
            f"expected a matrix that turns and scales, got one that mirrors, flattens or stretches: {forth.tolist()}"
        )
    x, y = x + 0.5, y + 0.5
    rows = [d, -b, b * y - d * x + area / 2], [-c, a, c * x - a * y + area / 2]
    return np.array([[value / area for value in row] for row in rows])

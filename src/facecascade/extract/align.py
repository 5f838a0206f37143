"""Faces cut out upright: turned, scaled and moved so that their landmarks lie where a template has them."""

from __future__ import annotations

import math
import os
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facecascade.errors import SettingsError
from facecascade.extract.crop import check_size
from facecascade.extract.resample import (
    BLACK,
    LEAST_SHOWN,
    REDUCING_GAP,
    Colour,
    Pixels,
    check_fill,
    check_picture,
    filled,
    resampled,
    span,
)
from facecascade.extract.templates import DEFAULT_TEMPLATE, Template, get_template
from facecascade.faces import Faces

Matrix = NDArray[np.float64]

ROUNDING: Final = float(np.finfo(np.float32).eps)
"""Landmarks nearer to each other than float32 can tell lie in one point."""
LEAST_LIKENESS: Final = 1e-6
"""Square of the correlation with the template below which points have no more to do with it than chance."""


FINE: Final = 0.5
"""Crops that enlarge more than twice show the steps of a coarse grid, and need few points of it."""


class Steps(NamedTuple):
    """How a crop is sampled: the picture is brought to a grid along its rows, and that is turned."""

    pitch: float
    """Of the grid, in pixels of the picture."""
    times: int
    """Sides of the turned picture, as a multiple of the crop's."""
    border: int
    """Pixels of the crop around it that the last filter looks at."""

    @classmethod
    def down_to(cls, pitch: float) -> Steps:
        """What a crop of this pitch takes.

        The bilinear filter that turns blurs what is as fine as its grid, so that is made finer than the crop (which is
        halved afterwards) or, where the crop enlarges, than the picture.
        """
        if pitch > 1:
            return cls(pitch / 2, times=2, border=2)
        return cls(1 / 2 if pitch > FINE else 1 / 3, times=1, border=0)


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

    Shrinking weighs all pixels that a pixel of the crop covers: the picture is brought to half the crop's pitch along
    its own rows, turned, and halved. Enlarging interpolates. Even where a picture is full of detail, both are within
    3 levels (root mean square) of the bicubic filter laid over it in the crop's own directions.

    Args:
        picture: (h, w, 3) uint8.
        matrix: (2, 3), from points of the picture to points of the crop, both counted by pixel centres; as `similarity`
            or `Window.matrix` has it. NaN gives an empty crop.
        size: side of the crop in pixels, or its (width, height).
        fill: colour around the picture.

    Returns:
        (height, width, 3) uint8.

    Raises:
        ValueError: `picture` or `matrix` has another shape or dtype, or the matrix mirrors.
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
    crop = filled(height, width, fill)
    if np.isfinite(forth).all():
        back = _inverse(forth)
        pitch = math.sqrt(np.linalg.det(back[:, :2]))
        if max(picture.shape[:2]) >= LEAST_SHOWN * pitch:
            return _warped(picture, back, Steps.down_to(pitch), width=width, height=height, fill=fill)
    return crop


def _inverse(forth: Matrix) -> Matrix:
    """From the crop to the picture, both counted from their edges."""
    if np.linalg.det(forth[:, :2]) <= 0:
        raise ValueError(f"expected a matrix that turns and scales, got one that mirrors or flattens: {forth.tolist()}")
    turn = np.linalg.inv(forth[:, :2])
    shift = turn @ (-0.5 - forth[:, 2]) + 0.5
    return np.column_stack([turn, shift])


def _warped(picture: Pixels, back: Matrix, steps: Steps, *, width: int, height: int, fill: Colour) -> Pixels:
    from PIL import Image

    pitch, times, border = steps
    corners = np.array([(x, y, 1.0) for x in (-border, width + border) for y in (-border, height + border)])
    seen = corners @ back.T
    begin = seen.min(axis=0) - pitch  # the bilinear filter looks half a grid pixel around
    sizes = np.ceil((seen.max(axis=0) + pitch - begin) / pitch).astype(int)
    columns, rows = (span(begin[axis], pitch, size=int(sizes[axis]), length=picture.shape[1 - axis]) for axis in (0, 1))
    if columns.empty or rows.empty:
        return filled(height, width, fill)
    grid = resampled(picture, rows, columns, fill=fill, sharp=times > 1, gap=REDUCING_GAP if times > 1 else None)
    origin = begin + pitch * np.array([columns.first, rows.first])
    turn = back[:, :2] / (times * pitch)
    shift = (back[:, 2] - back[:, :2].sum(axis=1) * border - origin) / pitch
    turned = Image.fromarray(grid).transform(
        (times * (width + 2 * border), times * (height + 2 * border)),
        Image.Transform.AFFINE,
        (*turn[0], shift[0], *turn[1], shift[1]),
        Image.Resampling.BILINEAR,
        fillcolor=fill,
    )
    if times > 1:
        inside = (times * border, times * border, times * (border + width), times * (border + height))
        turned = turned.resize((width, height), Image.Resampling.BICUBIC, box=inside)
    return np.asarray(turned)

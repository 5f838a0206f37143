"""How exact aligned crops are: `warp` beside the bicubic kernel evaluated point by point, and beside bilinear sampling.

The truth is slow and simple: where a crop shrinks, Keys' bicubic kernel laid over the picture in the crop's own
directions and as wide as its pixels, so that it averages what they cover; where it enlarges, bicubic interpolation. The
other side is what most packages do: one bilinear sample a pixel of the crop, whatever lies between.

    python -m benchmarks.resampling --picture PHOTO --centre X Y
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import DATA
from facecascade.extract import warp
from facecascade.read import read_picture

Pixels = NDArray[np.uint8]
Values = NDArray[np.float64]

DEFAULT = DATA / "photos" / "face_recogniti__examples_obama-720p.jpg"
SIZE = 64
CASES = ((8.0, 5), (4.0, 13), (2.5, 30), (1.5, -10), (1.05, 20), (0.8, 20), (0.5, 5), (0.3, 20))
"""Pixels of the picture for one of the crop, and degrees."""


def main() -> None:
    """Prints one row a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path, default=DEFAULT, help="a detailed photograph")
    parser.add_argument("--centre", type=float, nargs=2, metavar=("X", "Y"), default=(640, 310))
    arguments = parser.parse_args()
    if not arguments.picture.exists():
        parser.error(f"expected a photograph, got {arguments.picture}, which does not exist; name one with --picture")
    picture = read_picture(arguments.picture)
    print("root mean square error in grey levels, crops of 64 pixels")
    print(f"{'px/px':>6} {'degrees':>7} {'warp':>6} {'bilinear':>8} {'warp at 112 px':>15}")
    for pitch, degrees in CASES:
        matrix = _matrix(pitch, degrees, arguments.centre, SIZE)
        exact = truth(picture, matrix)
        ours, usual = (error(crop, exact) for crop in (warp(picture, matrix, size=SIZE), bilinear(picture, matrix)))
        seconds = _seconds(picture, _matrix(pitch, degrees, arguments.centre, 112))
        print(f"{pitch:6.2f} {degrees:7d} {ours:6.2f} {usual:8.2f} {1000 * seconds:12.1f} ms")


def _matrix(pitch: float, degrees: float, centre: tuple[float, float], size: int) -> Values:
    cosine, sine = math.cos(math.radians(degrees)) / pitch, math.sin(math.radians(degrees)) / pitch
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([turn, (size - 1) / 2 - turn @ np.array(centre)])


def truth(picture: Pixels, matrix: Values) -> Values:
    """(64, 64, 3) by definition."""
    back = np.linalg.inv(matrix[:, :2])
    pitch = math.sqrt(np.linalg.det(back))
    crop = np.empty((SIZE, SIZE, 3))
    for row in range(SIZE):
        for column in range(SIZE):
            centre = back @ (np.array([column, row]) - matrix[:, 2])
            crop[row, column] = _weighed(picture, centre, matrix[:, :2] if pitch > 1 else np.eye(2), max(pitch, 1))
    return crop.clip(0, 255)


def _weighed(picture: Pixels, centre: Values, turn: Values, pitch: float) -> Values:
    reach = math.ceil(2 * math.sqrt(2) * pitch)
    x = np.arange(max(int(centre[0]) - reach, 0), min(int(centre[0]) + reach + 1, picture.shape[1]))
    y = np.arange(max(int(centre[1]) - reach, 0), min(int(centre[1]) + reach + 1, picture.shape[0]))
    away = np.stack(np.meshgrid(x - centre[0], y - centre[1]), axis=-1) @ turn.T
    weights = bicubic(away[..., 0]) * bicubic(away[..., 1])
    level: Values = np.tensordot(weights, picture[y[0] : y[-1] + 1, x[0] : x[-1] + 1], 2) / weights.sum()
    return level


def bicubic(x: Values) -> Values:
    """Keys' kernel with a = -1/2."""
    x = np.abs(x)
    return np.where(x < 1, (1.5 * x - 2.5) * x * x + 1, np.where(x < 2, ((2.5 - 0.5 * x) * x - 4) * x + 2, 0))


def bilinear(picture: Pixels, matrix: Values) -> Values:
    """One bilinear sample a pixel."""
    places = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), axis=-1) - matrix[:, 2]
    x, y = np.moveaxis(places @ np.linalg.inv(matrix[:, :2]).T, -1, 0)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    across, down = (x - left)[..., np.newaxis], (y - top)[..., np.newaxis]
    upper = picture[top, left] * (1 - across) + picture[top, left + 1] * across
    lower = picture[top + 1, left] * (1 - across) + picture[top + 1, left + 1] * across
    crop: Values = upper * (1 - down) + lower * down
    return crop


def error(crop: NDArray[np.generic], exact: Values) -> float:
    """Root mean square, in grey levels."""
    return float(np.sqrt(np.square(np.asarray(crop, np.float64) - exact).mean()))


def _seconds(picture: Pixels, matrix: Values) -> float:
    """The quickest of ten."""
    times = []
    for _ in range(10):
        start = time.perf_counter()
        warp(picture, matrix, size=112)
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()

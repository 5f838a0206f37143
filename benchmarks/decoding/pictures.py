"""Pictures as a camera makes them, from smaller ones: `write_pictures`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from benchmarks.data import Picture, load_rgb

SIZE: Final = (4000, 3000)
"""(width, height): 12 megapixels."""
GRAIN: Final = 4.0
"""Standard deviation of the noise, in levels: that of a telephone in a lit room."""
QUALITY: Final = 90


def write_pictures(sources: Sequence[Path], folder: Path, *, count: int) -> list[Path]:
    """JPEGs of 12 megapixels, each one of the sources, which come again where there are too few."""
    grain = np.random.default_rng(0).normal(0, GRAIN, (SIZE[1], SIZE[0], 3)).astype(np.int8)
    paths = [folder / f"{number:02}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        picture = enlarged(load_rgb(sources[number % len(sources)])) + np.roll(grain, 97 * number, axis=0)
        Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(path, quality=QUALITY)
    return paths


def enlarged(pixels: Picture) -> Picture:
    """The middle of a picture at `SIZE`, by cubic interpolation, as int16 so that noise may be added."""
    height, width = pixels.shape[:2]
    scale = max(SIZE[0] / width, SIZE[1] / height)
    shown = (SIZE[0] / scale, SIZE[1] / scale)
    left, top = max(0, (width - shown[0]) / 2), max(0, (height - shown[1]) / 2)  # less than 0 by rounding alone
    box = (left, top, min(left + shown[0], width), min(top + shown[1], height))
    return np.asarray(Image.fromarray(pixels).resize(SIZE, Image.Resampling.BICUBIC, box=box)).astype(np.int16)

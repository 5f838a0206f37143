"""The pictures that the Keras engine is measured on: photographs at one size, as many as are asked for."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from benchmarks.data import GROUP_PHOTO, SUFFIXES, Picture

VGA: Final = (640, 480)
FULL_HD: Final = (1920, 1080)
BATCH: Final = 8
"""Pictures of the batch that is measured on a CPU."""


def photographs(data: Path, sides: tuple[int, int], count: int, *, shrink: int = 1) -> list[Picture]:
    """So many pictures, (height, width, 3) each: the group photo first; after all photos, their mirror images.

    Args:
        data: folder with a folder "photos".
        sides: width and height in pixels; what does not fit is cut off, around the middle.
        count: how many; from the third time on the same pixels come again.
        shrink: what the sides are divided by, to see that a program works.

    Raises:
        SystemExit: there are no photographs.
    """
    paths = sorted(path for path in (data / "photos").glob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise SystemExit(f"expected photographs in {data / 'photos'}, got none: name another folder with --data")
    paths.sort(key=lambda path: path.name != GROUP_PHOTO)
    fitted = [_fitted(path, (sides[0] // shrink, sides[1] // shrink)) for path in paths[:count]]
    if len(fitted) < count:
        fitted += [np.ascontiguousarray(picture[:, ::-1]) for picture in fitted[: count - len(fitted)]]
    return list(islice(cycle(fitted), count))


def _fitted(path: Path, sides: tuple[int, int]) -> Picture:
    with Image.open(path) as picture:
        return np.asarray(ImageOps.fit(picture.convert("RGB"), sides, Image.Resampling.LANCZOS))

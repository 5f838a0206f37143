"""Many pictures out of a few: `write_pictures`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

SIZE: Final = (1632, 1224)
"""(width, height): 2 megapixels."""
QUALITY: Final = 90
A_FOLDER: Final = 100


def write_pictures(
    sources: Sequence[Path], folder: Path, *, count: int, size: tuple[int, int] = SIZE, seed: int = 1
) -> Path:
    """JPEGs, each another part of one of the sources in turn, a hundred a folder; made once.

    Args:
        sources: photographs.
        folder: where they go.
        count: how many.
        size: (width, height) of each in pixels.
        seed: of the random places.

    Returns:
        The folder.
    """
    chance = random.Random(seed)
    for number in range(count):
        place = chance.random(), chance.random()
        path = folder / f"{number // A_FOLDER:04d}" / f"{number:06d}.jpg"
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(sources[number % len(sources)]) as picture:
            part = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.BICUBIC, centering=place)
        part.save(path, quality=QUALITY)
    return folder

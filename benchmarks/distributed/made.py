"""Many small pictures out of a few, quickly: `write_parts`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

A_FOLDER: Final = 100


def write_parts(sources: Sequence[Path], folder: Path, *, count: int, side: int = 200, seed: int = 1) -> Path:
    """JPEGs, each a square out of one of the sources in turn as it is there, a hundred a folder.

    Args:
        sources: pictures, wider and higher than `side`.
        folder: where they go.
        count: how many.
        side: of each, in pixels.
        seed: of the random places.

    Returns:
        The folder.
    """
    chance = random.Random(seed)
    whole = [Image.open(source).convert("RGB") for source in sources]
    for number in range(count):
        picture = whole[number % len(whole)]
        left, top = chance.randrange(picture.width - side), chance.randrange(picture.height - side)
        path = folder / f"{number // A_FOLDER:04d}" / f"{number:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.crop((left, top, left + side, top + side)).save(path, quality=90)
    return folder

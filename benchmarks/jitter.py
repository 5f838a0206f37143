"""Marked pictures that count several times: as they are, mirrored, and at other sizes.

Where a face falls between two levels of the pyramid is luck, which this averages out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.data import Picture, load_rgb
from facecascade.evaluate.annotations import read_marked
from facecascade.evaluate.truth import Marked
from facecascade.faces import Faces

Boxes = NDArray[np.float64]
Find = Callable[[Picture], Faces]
"""A detector."""

JITTER: Final = ((1.0, False), (1.0, True), (0.93, False), (1.07, True))
"""Scale, and whether mirrored, of each copy of a picture."""
FAR: Final = 10_000.0
"""Pixels from one copy to the next, more than any picture is wide."""


def copies(picture: Picture, boxes: Boxes) -> Iterator[tuple[Picture, Boxes]]:
    """A picture and its boxes at each scale and side of `JITTER`."""
    height, width = picture.shape[:2]
    for scale, mirrored in JITTER:
        size = round(width * scale), round(height * scale)
        pixels = np.array(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
        moved = boxes * np.array([size[0] / width, size[1] / height] * 2)
        if mirrored:
            pixels = np.ascontiguousarray(pixels[:, ::-1])
            moved = moved[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [size[0], 0, size[0], 0]
        yield pixels, moved


class Jittered:
    """The marked pictures of a folder with their copies.

    The copies of a picture are judged as one wide picture, side by side, so that the bootstrap draws them together.
    """

    def __init__(self, folder: Path) -> None:
        self.truth: dict[str, Marked] = {}
        self._pictures: dict[str, list[Picture]] = {}
        for name, marked in read_marked(folder).items():
            pixels, boxes = zip(*copies(load_rgb(folder / name), marked.boxes), strict=True)
            members = {subset: np.tile(mask, len(JITTER)) for subset, mask in marked.members.items()}
            self._pictures[name] = list(pixels)
            self.truth[name] = replace(marked, boxes=np.concatenate(_side_by_side(boxes)), members=members)

    def detect(self, find: Find) -> dict[str, Faces]:
        """Faces of all copies of each picture, without landmarks."""
        return {name: _detect(pictures, find) for name, pictures in self._pictures.items()}


def _detect(pictures: list[Picture], find: Find) -> Faces:
    found = [find(picture) for picture in pictures]
    boxes = np.concatenate(_side_by_side([faces.boxes.astype(np.float64) for faces in found]))
    return Faces(boxes.astype(np.float32), np.concatenate([faces.scores for faces in found]))


def _side_by_side(boxes: Sequence[Boxes]) -> list[Boxes]:
    return [one + np.array([FAR * number, 0, FAR * number, 0]) for number, one in enumerate(boxes)]

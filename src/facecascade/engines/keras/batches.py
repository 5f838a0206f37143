"""Pictures that share a bucket, as the first stage gets them: `Batch`, `batches`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecascade.engines.keras.buckets import bucket_side, power_of_two
from facecascade.engines.keras.levels import axis
from facecascade.settings import Settings, level_size

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Batch:
    """Pictures that share one bucket.

    Attributes:
        places: where they are in the call.
        pictures: (b, h, w, 3) uint8, zeros where a picture ends; b is a power of two.
        sizes: (b, 2) int32, height and width of each; 0 where there is none.
    """

    places: list[int]
    pictures: Picture
    sizes: NDArray[np.int32]

    @property
    def bucket(self) -> tuple[int, int]:
        """Height and width."""
        return self.pictures.shape[1], self.pictures.shape[2]

    @property
    def different(self) -> tuple[tuple[int, int], ...]:
        """All sizes of pictures, each once."""
        return tuple(sorted({(height, width) for height, width in self.sizes.tolist() if height}))

    def levels(self, settings: Settings) -> NDArray[np.int32]:
        """(b, levels, 2): height and width of each picture's levels; 0 for those it lacks."""
        scales = settings.scales(*self.bucket)
        sizes = np.zeros((len(self.sizes), len(scales), 2), np.int32)
        for position, (height, width) in enumerate(self.sizes.tolist()):
            for k, scale in enumerate(settings.scales(height, width)):
                sizes[position, k] = level_size(height, width, scale)
        return sizes

    def axes(self, settings: Settings) -> list[list[NDArray[np.int32] | NDArray[np.float32]]]:
        """For each level: starts and weights of its rows, starts and weights of its columns.

        One for all pictures if they have one size, else one a picture.
        """
        scales = settings.scales(*self.bucket)
        return [[array for side in (0, 1) for array in self._axes(side, scale)] for scale in scales]

    def _axes(self, side: int, scale: float) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        sizes = self.different if len(self.different) == 1 else self.sizes.tolist()
        first = self.different[0]  # for places without a picture
        axes = [axis(size[side] or first[side], bucket=self.bucket[side], scale=scale) for size in sizes]
        return np.stack([each.starts for each in axes]), np.stack([each.weights for each in axes])


def batches(pictures: Sequence[Picture], settings: Settings, *, pixels: int) -> Iterator[Batch]:
    """Pictures that have a pyramid level, by bucket.

    Args:
        pictures: (h, w, 3) uint8 each.
        settings: how to search.
        pixels: how many a batch has at the most, unless one picture has more.
    """
    buckets: dict[tuple[int, int], list[int]] = {}
    for place, picture in enumerate(pictures):
        height, width = picture.shape[:2]
        if settings.scales(height, width):
            buckets.setdefault((bucket_side(height), bucket_side(width)), []).append(place)
    for (height, width), places in buckets.items():
        most = max(1 << (pixels // (height * width)).bit_length() >> 1, 1)
        for first in range(0, len(places), most):
            yield _batch(pictures, places[first : first + most], (height, width))


def _batch(pictures: Sequence[Picture], places: list[int], bucket: tuple[int, int]) -> Batch:
    count = power_of_two(len(places))
    together = np.zeros((count, *bucket, 3), np.uint8)
    sizes = np.zeros((count, 2), np.int32)
    for position, place in enumerate(places):
        height, width = sizes[position] = pictures[place].shape[:2]
        together[position, :height, :width] = pictures[place]
    return Batch(places, together, sizes)

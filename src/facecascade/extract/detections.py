"""Pictures to faces, many at a time: the one loop below every job and command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError
from facecascade.faces import Faces

Pixels = NDArray[np.uint8]

BATCH_PICTURES: Final = 16
"""Pictures that go to the detector at once, so that small ones keep all of its threads at work."""
BATCH_PIXELS: Final = 16_000_000
"""Pixels that go to the detector at once: large pictures keep its threads at work alone, and cost memory."""


class Picture(Protocol):
    """A picture as a reader hands it over: pixels, or the error in their place."""

    @property
    def source(self) -> Any:
        """What the reader was asked for, such as a path."""

    @property
    def pixels(self) -> Pixels | None:
        """(h, w, 3) uint8, RGB, upright; None if it could not be read."""

    @property
    def error(self) -> ImageError | None:
        """Why it could not be read; None if it could."""


class Detector(Protocol):
    """What finds the faces: `facecascade.MTCNN`, or anything with this method."""

    def detect_batch(self, pictures: Sequence[Pixels], /) -> Sequence[Faces]:
        """Faces of each picture, in their order."""


@dataclass(frozen=True, eq=False)
class Detected:
    """The faces of one picture.

    Attributes:
        source: what the reader was asked for, such as a path.
        pixels: (h, w, 3) uint8, RGB, upright.
        faces: in pixels of that picture.
    """

    source: Any
    pixels: Pixels
    faces: Faces


@dataclass(frozen=True)
class Unreadable:
    """A picture that could not be read.

    Attributes:
        source: what the reader was asked for.
        error: why it could not be read.
    """

    source: Any
    error: ImageError


def detect_each(
    pictures: Iterable[Picture],
    *,
    detector: Detector,
    batch_pictures: int = BATCH_PICTURES,
    batch_pixels: int = BATCH_PIXELS,
) -> Iterator[Detected | Unreadable]:
    """Finds the faces of each picture; results come in the order of the pictures, the unreadable ones in their place.

    Args:
        pictures: as `facecascade.read.read_ahead` yields them.
        detector: finds the faces; a batch is one call of its `detect_batch`.
        batch_pictures: pictures in a batch at most.
        batch_pixels: a batch ends with the picture that reaches this many pixels.
    """
    batch: list[Picture] = []
    pixels = 0
    for picture in pictures:
        batch.append(picture)
        pixels += 0 if picture.pixels is None else picture.pixels.shape[0] * picture.pixels.shape[1]
        if len(batch) >= batch_pictures or pixels >= batch_pixels:
            yield from _detect(batch, detector)
            batch, pixels = [], 0
    yield from _detect(batch, detector)


def _detect(batch: Sequence[Picture], detector: Detector) -> Iterator[Detected | Unreadable]:
    readable = [picture.pixels for picture in batch if picture.pixels is not None]
    found = iter(detector.detect_batch(readable) if readable else ())
    for picture in batch:
        if picture.pixels is not None:
            yield Detected(picture.source, picture.pixels, next(found))
        else:
            error = picture.error or ImageError(f"{picture.source}: expected pixels or an error, got neither")
            yield Unreadable(picture.source, error)

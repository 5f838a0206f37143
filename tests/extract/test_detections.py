from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from facecascade.errors import ImageError
from facecascade.extract import Detected, Unreadable, detect_each
from facecascade.faces import Faces

Pixels = NDArray[np.uint8]


def found(boxes: ArrayLike, scores: ArrayLike, landmarks: ArrayLike | None = None) -> Faces:
    points = None if landmarks is None else np.asarray(landmarks, np.float32)
    return Faces(np.asarray(boxes, np.float32), np.asarray(scores, np.float32), points)


@dataclass(frozen=True)
class Read:
    source: Path
    pixels: Pixels | None
    error: ImageError | None = None


def picture(number: int, side: int = 10) -> Read:
    return Read(Path(f"{number}.jpg"), np.full((side, side, 3), number, np.uint8))


def broken(number: int) -> Read:
    return Read(Path(f"{number}.jpg"), None, ImageError(f"{number}.jpg: broken"))


class OneFaceEach:
    """Finds one face a picture, as wide as the picture's first value; remembers the size of each batch."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def detect_batch(self, pictures: Sequence[Pixels], /) -> Sequence[Faces]:
        self.batches.append(len(pictures))
        return [found([[0, 0, one[0, 0, 0], 1]], [0.9]) for one in pictures]


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 100])
def test_results_come_in_order_with_errors_in_their_place(batch: int) -> None:
    reads = [broken(n) if n in {0, 3, 4, 11} else picture(n) for n in range(12)]
    detector = OneFaceEach()
    outcomes = list(detect_each(reads, detector=detector, batch_pictures=batch))
    assert [str(outcome.source) for outcome in outcomes] == [f"{n}.jpg" for n in range(12)]
    for number, outcome in enumerate(outcomes):
        if number in {0, 3, 4, 11}:
            assert isinstance(outcome, Unreadable)
            assert str(outcome.error) == f"{number}.jpg: broken"
        else:
            assert isinstance(outcome, Detected)
            assert outcome.faces[0].width == number
            assert outcome.pixels[0, 0, 0] == number
    assert sum(detector.batches) == 8
    assert max(detector.batches) <= batch


def test_batches_end_at_their_pixels() -> None:
    detector = OneFaceEach()
    list(detect_each([picture(n, 20) for n in range(6)], detector=detector, batch_pictures=100, batch_pixels=1000))
    assert detector.batches == [3, 3]


def test_nothing_is_read_before_it_is_asked_for_nor_more_than_a_batch() -> None:
    drawn: list[int] = []

    def reads() -> object:
        for number in range(100):
            drawn.append(number)
            yield picture(number)

    outcomes = detect_each(reads(), detector=OneFaceEach(), batch_pictures=4)  # type: ignore[arg-type]
    assert drawn == []
    next(outcomes)
    assert drawn == [0, 1, 2, 3]


def test_nothing_in_nothing_out() -> None:
    detector = OneFaceEach()
    assert list(detect_each([], detector=detector)) == []
    assert next(detect_each([broken(1)], detector=detector)).source == Path("1.jpg")
    assert detector.batches == [], "no call for no pictures"


def test_a_reader_that_gives_neither_pixels_nor_error() -> None:
    (outcome,) = detect_each([Read(Path("x.jpg"), None)], detector=OneFaceEach())
    assert isinstance(outcome, Unreadable)
    assert "x.jpg: expected pixels or an error" in str(outcome.error)

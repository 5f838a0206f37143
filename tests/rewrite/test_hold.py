from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from facecascade.faces import Faces
from facecascade.rewrite import held

Box = tuple[float, float, float, float]


def faces(*boxes: Box, score: float = 0.9) -> Faces:
    return Faces(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), score, np.float32))


def moved(x: float) -> Box:
    return (x, 10, x + 40, 60)


def boxes_of(found: Sequence[Faces], *, frames: int) -> list[list[list[float]]]:
    return [sorted(one.boxes.tolist()) for _, one in held(enumerate(found), frames=frames)]


def test_with_nothing_to_hold_all_comes_as_it_is() -> None:
    found = [faces(moved(0)), Faces.empty(), faces()]
    assert [one is other for (_, one), other in zip(held(enumerate(found), frames=0), found, strict=True)] == [True] * 3


def test_a_gap_is_filled_in_a_straight_line() -> None:
    found = [faces(moved(0)), faces(moved(4)), faces(), faces(), faces(), faces(moved(20)), faces(moved(24))]
    assert boxes_of(found, frames=3) == [[list(moved(x))] for x in (0, 4, 8, 12, 16, 20, 24)]


def test_a_face_stays_before_its_first_frame_and_after_its_last() -> None:
    found = [faces(), faces(), faces(), faces(moved(7)), faces(), faces(), faces()]
    one = [list(moved(7))]
    assert boxes_of(found, frames=2) == [[], one, one, one, one, one, []]


def test_a_face_that_jumps_stays_in_both_places() -> None:
    found = [faces(moved(0)), faces(), faces(moved(500))]
    both = [list(moved(0)), list(moved(500))]
    assert boxes_of(found, frames=2) == [both] * 3


def test_two_faces_are_told_apart() -> None:
    found = [faces(moved(0), moved(100)), faces(moved(102)), faces(moved(4), moved(104))]
    assert boxes_of(found, frames=1)[1] == [list(moved(2)), list(moved(102))]


def test_every_found_face_stays_and_comes_first() -> None:
    rng = np.random.default_rng(5)
    found = [Faces(rng.uniform(0, 300, (n, 4)).astype(np.float32), np.full(n, 0.5)) for n in rng.integers(0, 5, 40)]
    for frames in (1, 4, 50):
        result = list(held(enumerate(found), frames=frames))
        assert [number for number, _ in result] == list(range(40))
        for number, one in result:
            assert np.array_equal(one.boxes[: len(found[number])], found[number].boxes)


def test_a_longer_hold_never_hides_fewer_frames() -> None:
    rng = np.random.default_rng(6)
    found = [faces(moved(3.0 * number)) if rng.random() < 0.3 else faces() for number in range(60)]
    with_face = [
        {number for number, one in enumerate(boxes_of(found, frames=frames)) if one} for frames in (0, 1, 3, 9)
    ]
    assert with_face[0] < with_face[1] < with_face[2] <= with_face[3]


@pytest.mark.parametrize("frames", [1, 5])
def test_no_more_frames_wait_than_asked(frames: int) -> None:
    asked = 0

    def source() -> Iterator[tuple[int, Faces]]:
        nonlocal asked
        for number in range(100):
            asked = number
            yield number, faces(moved(number))

    for number, _ in held(source(), frames=frames):
        assert asked <= number + frames


def test_the_score_is_that_of_the_nearest_frame() -> None:
    found = [faces(moved(0), score=0.5), faces(), faces(), faces(moved(0), score=0.75)]
    scores = [one.scores.tolist() for _, one in held(enumerate(found), frames=3)]
    assert scores == [[0.5], [0.5], [0.75], [0.75]]

"""Views of a picture: how faces of the picture and of its mirror image become one result, and what a border does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facecascade import MTCNN, EngineError, Faces, Settings, views
from facecascade.engines.reference import GEOMETRIES
from facecascade.overlap import iou
from facecascade.settings import Geometry, Stages
from facecascade.trace import Trace

SUBPIXEL = GEOMETRIES["subpixel"]
POINTS = [[12, 14], [18, 14], [15, 18], [13, 22], [17, 22]]
"""Of a face in the box 10 10 20 26."""


def face(box: Sequence[float], score: float, points: Sequence[Sequence[float]] = POINTS) -> Faces:
    return Faces(np.array([box], np.float32), np.array([score], np.float32), np.array([points], np.float32))


def together(*parts: Faces) -> Faces:
    points = [part.landmarks for part in parts if part.landmarks is not None]
    return Faces(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate(points),
    )


def close(first: Faces, second: Faces, *, pixels: float = 0.001) -> bool:
    """The same scores, and boxes and points within some pixels, whatever the order of equal scores."""
    if len(first) != len(second) or not np.array_equal(first.scores, second.scores):
        return False
    rows, others = (np.lexsort((*faces.boxes.T.round(2), -faces.scores)) for faces in (first, second))
    near = [np.abs(first.boxes[rows] - second.boxes[others]).max(initial=0) <= pixels]
    if first.landmarks is not None and second.landmarks is not None:
        near.append(np.abs(first.landmarks[rows] - second.landmarks[others]).max(initial=0) <= pixels)
    return all(near)


class Spy:
    """An engine that finds one face at the same place of every picture, and remembers what it was shown."""

    name = description = "spy"

    def __init__(self) -> None:
        self.shown: list[NDArray[np.uint8]] = []

    def detect(self, pictures: Sequence[NDArray[np.uint8]], settings: Settings) -> list[Faces]:
        self.shown += pictures
        return [face((10, 10, 20, 26), 0.8) for _ in pictures]

    def trace(self, picture: NDArray[np.uint8], settings: Settings) -> Trace:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture(scope="module")
def detector() -> Iterator[MTCNN]:
    with MTCNN(mirror=True, threads=2) as made:
        yield made


def test_a_pair_has_the_mean_of_both() -> None:
    other = face((11, 10, 21, 28), 0.7, [[x + 1, y + 2] for x, y in POINTS])
    merged = views.merge(face((10, 10, 20, 26), 0.9), other, geometry=SUBPIXEL)
    assert merged.boxes.tolist() == [[10.5, 10, 20.5, 27]]
    assert merged.scores == pytest.approx([0.8], abs=1e-7)
    assert merged.landmarks is not None
    assert merged.landmarks[0].tolist() == [[x + 0.5, y + 1] for x, y in POINTS]


def test_a_face_without_partner_has_half_its_score() -> None:
    near, far = face((10, 10, 20, 26), 0.5), face((100, 10, 120, 30), 0.98)
    merged = views.merge(together(far, near), near, geometry=SUBPIXEL)
    assert merged.boxes.tolist() == [[10, 10, 20, 26], [100, 10, 120, 30]]
    assert merged.scores.tolist() == [0.5, np.float32(0.49)]
    empty = Faces.empty()
    assert views.merge(empty, far, geometry=SUBPIXEL) == face((100, 10, 120, 30), 0.49)
    assert views.merge(far, empty, geometry=SUBPIXEL) == face((100, 10, 120, 30), 0.49)
    assert views.merge(empty, empty, geometry=SUBPIXEL) == empty


def test_partners_overlap_by_two_fifths_at_least() -> None:
    # Two boxes of 10 x 10 that are moved by d have an IoU of (10 - d) / (10 + d): 2/5 at d = 30/7.
    box = face((0, 0, 10, 10), 0.8)
    assert len(views.merge(box, face((4.28, 0, 14.28, 10), 0.8), geometry=SUBPIXEL)) == 1
    assert len(views.merge(box, face((4.29, 0, 14.29, 10), 0.8), geometry=SUBPIXEL)) == 2


def test_two_faces_side_by_side_stay_two() -> None:
    """Each is nearer to its own image than to its neighbour's, although it overlaps that by IoU .6 too."""
    first = together(face((0, 0, 20, 20), 0.9), face((5, 0, 25, 20), 0.8))
    second = together(face((5.5, 0, 25.5, 20), 0.9), face((0.5, 0, 20.5, 20), 0.7))
    pairs = Faces(first.boxes, first.scores)
    merged = views.merge(pairs, Faces(second.boxes, second.scores), geometry=SUBPIXEL)
    assert merged.boxes.tolist() == [[5.25, 0, 25.25, 20], [0.25, 0, 20.25, 20]]


def test_what_still_overlaps_is_suppressed_as_in_the_cascade() -> None:
    large, inner = face((0, 0, 40, 40), 0.9), face((10, 10, 30, 30), 0.8)
    merged = views.merge(large, inner, geometry=SUBPIXEL)  # IoU .25, but the smaller one lies inside
    assert merged == face((0, 0, 40, 40), 0.45)
    without = [Faces(faces.boxes, faces.scores) for faces in (large, inner)]
    assert len(views.merge(*without, geometry=SUBPIXEL)) == 2


def test_a_list_with_and_one_without_landmarks_do_not_fit() -> None:
    first = face((0, 0, 40, 40), 0.9)
    with pytest.raises(ValueError, match="columns of one length"):
        views.merge(first, Faces(first.boxes, first.scores), geometry=SUBPIXEL)


@st.composite
def lists(draw: st.DrawFn) -> Faces:
    count = draw(st.integers(0, 12))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    corners = random.uniform(0, 60, (count, 2))
    boxes = np.concatenate([corners, corners + random.uniform(5, 40, (count, 2))], axis=1)
    points = random.uniform(0, 100, (count, 5, 2))
    return Faces(boxes.astype(np.float32), random.uniform(0.3, 1, count).astype(np.float32), points.astype(np.float32))


@given(lists(), lists())
def test_merging_does_not_care_which_list_is_first(first: Faces, second: Faces) -> None:
    assert close(views.merge(first, second, geometry=SUBPIXEL), views.merge(second, first, geometry=SUBPIXEL), pixels=0)


@given(lists(), lists())
def test_merging_keeps_order_scores_and_distance(first: Faces, second: Faces) -> None:
    merged = views.merge(first, second, geometry=SUBPIXEL)
    assert np.array_equal(np.sort(merged.scores)[::-1], merged.scores)
    assert max(len(first), len(second)) == 0 or 0 < len(merged) <= len(first) + len(second)
    assert merged.scores.max(initial=0) <= max(first.scores.max(initial=0), second.scores.max(initial=0))
    overlap = iou(merged.boxes, merged.boxes)
    np.fill_diagonal(overlap, 0)
    assert overlap.max(initial=0) <= 0.7 + 1e-6  # IoU is less than the share of the smaller


def test_the_engine_sees_the_picture_and_its_mirror_image() -> None:
    picture = np.arange(40 * 30 * 3, dtype=np.uint32).astype(np.uint8).reshape(40, 30, 3)
    spy = Spy()
    (faces,) = views.detect(spy, [picture], Settings(mirror=True))
    assert [one.tobytes() for one in spy.shown] == [picture.tobytes(), picture[:, ::-1].tobytes()]
    assert all(one.flags.c_contiguous for one in spy.shown)
    # The picture is 30 wide, so the face at 10 to 20 is its own mirror image.
    assert faces.boxes.tolist() == [[10, 10, 20, 26]]
    assert faces.landmarks is not None
    # Its points lie around edge 15, and the middle of the picture's pixels is half a pixel before.
    assert faces.landmarks[0].tolist() == [[x - 0.5, y] for x, y in POINTS]


def test_the_classic_count_from_one_is_mirrored_to_the_pixel() -> None:
    """First and last pixel 10 and 20 of 30 pixels are 11 and 21 from the other side."""
    (faces,) = views.detect(Spy(), [np.zeros((40, 30, 3), np.uint8)], Settings(mirror=True, geometry="classic"))
    assert faces.boxes.tolist() == [[10.5, 10, 20.5, 26]]


def test_a_border_is_grey_and_leaves_no_trace_in_the_coordinates() -> None:
    picture = np.full((50, 81, 3), 200, np.uint8)
    spy = Spy()
    (faces,) = views.detect(spy, [picture], Settings(border=0.1))
    assert spy.shown[0].shape == (60, 91, 3)
    assert (spy.shown[0][5:-5, 5:-5] == 200).all()
    assert (spy.shown[0][:5] == 127).all()
    assert (spy.shown[0][:, -5:] == 127).all()
    assert faces.boxes.tolist() == [[5, 5, 15, 21]]
    assert faces.landmarks is not None
    assert faces.landmarks[0, 0].tolist() == [7, 9]


def test_without_other_views_the_engine_gets_the_very_pictures() -> None:
    picture = np.zeros((50, 81, 3), np.uint8)
    spy = Spy()
    views.detect(spy, [picture], Settings())
    views.detect(spy, [picture[:3, :4]], Settings(border=0.1))  # a tenth of three pixels is none
    assert spy.shown[0] is picture
    assert spy.shown[1].shape == (3, 4, 3)
    assert views.detect(spy, [], Settings(mirror=True, border=0.2)) == []


@pytest.mark.parametrize("geometry", ["subpixel", "classic"])
@pytest.mark.parametrize("stages", [2, 3])
def test_the_mirror_image_has_the_mirrored_faces(group: NDArray[np.uint8], geometry: Geometry, stages: Stages) -> None:
    with MTCNN(mirror=True, border=0.05, geometry=geometry, stages=stages, threads=2) as detector:
        picture = group[:500, :601]
        found = detector.detect(picture)
        mirrored = detector.detect(np.ascontiguousarray(picture[:, ::-1])).mirrored(picture.shape[1])
    shift = np.array([GEOMETRIES[geometry].last, 0] * 2, np.float32)
    assert len(found) > 1
    assert (found.landmarks is None) == (stages == 2)
    assert close(found, Faces(mirrored.boxes + shift, mirrored.scores, mirrored.landmarks))


def test_a_batch_and_a_stream_equal_one_by_one(detector: MTCNN, group: NDArray[np.uint8]) -> None:
    pictures = [group, group[20:430, 20:400], group[:5, :7], group[200:777, 13:640]]
    alone = [detector.detect(picture) for picture in pictures]
    assert len(alone[0]) > 8
    assert detector.detect_batch(pictures) == alone
    assert list(detector.detect_stream(pictures * 3)) == alone * 3


def test_both_engines_find_the_same(astronaut: NDArray[np.uint8]) -> None:
    picture = astronaut[40:220, 150:300]
    found = [MTCNN(mirror=True, border=0.1, engine=name).detect(picture) for name in ("native", "reference")]
    assert len(found[0]) == len(found[1]) >= 1
    assert found[0].boxes == pytest.approx(found[1].boxes, abs=0.01)
    assert found[0].scores == pytest.approx(found[1].scores, abs=1e-5)
    assert found[0].landmarks == pytest.approx(found[1].landmarks, abs=0.01)


def test_a_face_of_both_views_keeps_a_high_score(detector: MTCNN, astronaut: NDArray[np.uint8]) -> None:
    plain, both = MTCNN().detect(astronaut), detector.detect(astronaut)
    assert len(both) == len(plain) == 1
    assert both.scores[0] > 0.999
    assert iou(both.boxes, plain.boxes)[0, 0] > 0.9


def test_a_border_finds_more_of_the_faces_that_the_edge_cuts(astronaut: NDArray[np.uint8]) -> None:
    x1, _, x2, _ = MTCNN().detect(astronaut)[0].box
    cut = [astronaut[:, round(x1 + share * (x2 - x1)) :] for share in (0.3, 0.4, 0.5, 0.55, 0.6)]
    plain, bordered = MTCNN().detect_batch(cut), MTCNN(border=0.1).detect_batch(cut)
    assert sum(map(len, bordered)) > sum(map(len, plain))
    assert all(face.box[0] < 0 < face.box[2] for faces in bordered for face in faces)


def test_a_closed_detector_says_so_in_every_view(astronaut: NDArray[np.uint8]) -> None:
    closed = MTCNN(mirror=True, border=0.1)
    closed.close()
    with pytest.raises(EngineError, match="closed"):
        closed.detect(astronaut)


def test_the_trace_is_of_one_plain_pass(detector: MTCNN, astronaut: NDArray[np.uint8]) -> None:
    assert detector.trace(astronaut).faces == MTCNN().detect(astronaut)

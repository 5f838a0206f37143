from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.extract import Tracker, Tracking, best_of_tracks, link_faces

Boxes = NDArray[np.float32]
NOBODY = np.zeros((0, 4), np.float32)
SEEDS = st.integers(0, 2**32 - 1)


def box(x: float, y: float = 100, width: float = 40, height: float = 50) -> list[float]:
    """Around a centre."""
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]


def frame(*boxes: Sequence[float]) -> Boxes:
    return np.array(boxes, np.float32).reshape(-1, 4)


def link(frames: Sequence[Boxes], *, rate: float = 25.0, **options: float) -> list[list[int]]:
    linked = link_faces(np.arange(len(frames)) / rate, boxes=frames, tracking=Tracking(**options))
    return [tracks.tolist() for tracks in linked]


def walk(seed: int, *, frames: int = 30, faces: int = 5) -> list[Boxes]:
    """Faces that wander, some out of sight now and then; boxes in quarters of a pixel, so that moving them is exact."""
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 600, (faces, 2)) + np.cumsum(random.normal(0, 6, (frames, faces, 2)), axis=0)
    half = random.uniform(15, 60, (faces, 1)) * np.array([1, 1.25])
    corners = np.concatenate([centres - half, centres + half], axis=2)
    seen = random.random((frames, faces)) < 0.8
    return [(np.round(some[mask] * 4) / 4).astype(np.float32) for some, mask in zip(corners, seen, strict=True)]


def test_one_face_that_stands_still() -> None:
    assert link([frame(box(100))] * 4) == [[0]] * 4


def test_faces_are_numbered_as_they_appear() -> None:
    assert link([NOBODY, frame(box(300), box(100)), frame(box(100), box(500), box(300))]) == [[], [0, 1], [1, 2, 0]]


@pytest.mark.parametrize("frames", [[], [NOBODY], [NOBODY] * 3])
def test_no_faces(frames: list[Boxes]) -> None:
    assert link(frames) == [[]] * len(frames)


def test_types_of_what_is_returned() -> None:
    first, second = link_faces([0, 1], boxes=[frame(box(1)), NOBODY])
    assert first.dtype == second.dtype == np.int64
    assert second.shape == (0,)


def test_people_who_walk_past_each_other_keep_their_tracks() -> None:
    left, right = np.linspace(0, 600, 40), np.linspace(600, 0, 40)
    frames = [frame(box(a, 100), box(b, 112)) for a, b in zip(left, right, strict=True)]
    assert link(frames) == [[0, 1]] * 40
    # Where each was before, the other is now: without a speed they would change places.
    assert link(frames, memory=0) != [[0, 1]] * 40


def test_a_face_that_passes_behind_another() -> None:
    places = np.linspace(0, 400, 41)
    frames = [frame(box(200), *([] if abs(x - 200) < 30 else [box(x, 105)])) for x in places]
    linked = link(frames, memory=1.0)
    assert {tuple(tracks) for tracks in linked} == {(0, 1), (0,)}
    assert linked[-1] == [0, 1]


@pytest.mark.parametrize(("missing", "track"), [(0, 0), (10, 0), (36, 0), (37, 1), (100, 1)])
def test_a_gap_is_bridged_to_the_second(missing: int, track: int) -> None:
    # With 25 frames a second, 37 intervals are 1.48 seconds, and 38 are 1.52.
    assert link([frame(box(100)), *[NOBODY] * missing, frame(box(104))])[-1] == [track]


@pytest.mark.parametrize("rate", [25.0, 2.0, 1.0])
def test_sampled_frames(rate: float) -> None:
    assert link([frame(box(100 + 20 * n)) for n in range(6)], rate=rate) == [[0]] * 6


def test_frames_that_are_left_out_do_not_count_but_their_time_does() -> None:
    times = np.array([0, 0.04, 0.08, 1.0, 1.04, 3.0])
    linked = link_faces(times, boxes=[frame(box(100))] * 6)
    assert [tracks.tolist() for tracks in linked] == [[0]] * 5 + [[1]]


def test_a_face_keeps_its_speed_where_it_is_out_of_sight() -> None:
    frames = [frame(box(10 * n)) for n in range(20)]
    frames += [NOBODY] * 5 + [frame(box(250))]
    assert link(frames, memory=2.0)[-1] == [0]
    assert link(frames, memory=0)[-1] == [1]


def test_a_cut_ends_tracks_unless_somebody_stands_in_the_same_place() -> None:
    before, after = frame(box(100), box(500)), frame(box(300), box(505))
    assert link([before, before, after, after]) == [[0, 1], [0, 1], [2, 1], [2, 1]]


@pytest.mark.parametrize(("size", "track"), [(59, 0), (61, 1), (27, 0), (26, 1)])
def test_a_face_does_not_grow_or_shrink_at_once(size: float, track: int) -> None:
    linked = link([frame(box(100, width=40, height=40)), frame(box(100, width=size, height=size))])
    assert linked[1] == [track]


def test_a_face_that_comes_nearer_frame_by_frame() -> None:
    assert link([frame(box(100, width=20 * 1.2**n, height=20 * 1.2**n)) for n in range(15)]) == [[0]] * 15


def test_the_larger_overlap_wins_and_the_other_begins_a_track() -> None:
    assert link([frame(box(100)), frame(box(115), box(103))]) == [[0], [1, 0]]


def test_overlap_and_reach() -> None:
    # Boxes side by side: no overlap, and a third of the union once both are twice as wide and high.
    frames = [frame(box(100)), frame(box(140))]
    assert link(frames, min_overlap=0.33)[1] == [0]
    assert link(frames, min_overlap=0.34)[1] == [1]
    assert link(frames, reach=0.0)[1] == [1]


def test_boxes_that_are_not_finite_stand_alone() -> None:
    odd = frame([np.nan, 0, 1, 1], box(100), [0, 0, np.inf, 1])
    assert link([odd, odd]) == [[0, 1, 2], [3, 1, 4]]


def test_boxes_without_area_stand_alone() -> None:
    assert link([frame([5, 5, 5, 5], [9, 9, 3, 3])] * 2) == [[0, 1], [2, 3]]


def test_two_frames_of_one_time() -> None:
    linked = link_faces([1, 1, 1.04], boxes=[frame(box(100)), frame(box(110)), frame(box(112))])
    assert [tracks.tolist() for tracks in linked] == [[0]] * 3


@given(SEEDS)
def test_every_face_has_one_track_and_no_track_two_faces_of_a_frame(seed: int) -> None:
    frames = walk(seed)
    linked = link(frames)
    assert [len(tracks) for tracks in linked] == [len(boxes) for boxes in frames]
    assert all(len(set(tracks)) == len(tracks) for tracks in linked)
    numbers = [track for tracks in linked for track in tracks]
    firsts = list(dict.fromkeys(numbers))
    assert firsts == list(range(len(firsts)))


@given(SEEDS, st.integers(-1000, 1000), st.sampled_from([0.25, 0.5, 2.0, 16.0]))
def test_place_scale_and_side_do_not_matter(seed: int, shift: int, scale: float) -> None:
    frames = walk(seed)
    linked = link(frames)
    assert link([boxes * np.float32(scale) for boxes in frames]) == linked
    assert link([boxes[:, [2, 1, 0, 3]] * np.array([-1, 1, -1, 1], np.float32) for boxes in frames]) == linked
    assert link([boxes[:, [1, 0, 3, 2]] for boxes in frames]) == linked
    assert link([boxes + np.float32(shift) for boxes in frames]) == linked


@given(SEEDS, st.integers(-(10**6), 10**6))
def test_when_the_clock_starts_does_not_matter(seed: int, start: int) -> None:
    frames, times = walk(seed), np.arange(30) / 32
    linked, later = link_faces(times, boxes=frames), link_faces(times + start, boxes=frames)
    assert all(np.array_equal(one, other) for one, other in zip(linked, later, strict=True))


@given(SEEDS)
def test_the_order_of_the_faces_does_not_matter(seed: int) -> None:
    frames, random = walk(seed), np.random.default_rng(seed)
    orders = [random.permutation(len(boxes)) for boxes in frames]
    linked = link(frames)
    other = link([boxes[order] for boxes, order in zip(frames, orders, strict=True)])
    moved = [np.array(tracks, int)[order].tolist() for tracks, order in zip(linked, orders, strict=True)]
    pairs = {pair for tracks, numbers in zip(moved, other, strict=True) for pair in zip(tracks, numbers, strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@given(SEEDS, st.integers(0, 30))
def test_what_comes_later_changes_nothing_before(seed: int, cut: int) -> None:
    frames = walk(seed)
    assert link(frames[:cut]) == link(frames)[:cut]


def test_a_tracker_forgets_what_is_gone() -> None:
    tracker = Tracker(Tracking(max_gap=0.5))
    assert tracker.update(0, boxes=frame(box(100))).tolist() == [0]
    assert tracker.update(0.5, boxes=NOBODY).tolist() == []
    assert tracker.update(0.6, boxes=frame(box(100))).tolist() == [1]


@pytest.mark.parametrize("times", [[1.0, 0.5], [0.0, np.nan], [0.0, np.inf], [0.0], [[0.0, 1.0]]])
def test_times_that_cannot_be(times: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        link_faces(times, boxes=[NOBODY, NOBODY])


@pytest.mark.parametrize("boxes", [np.zeros(4), np.zeros((2, 5)), []])
def test_boxes_of_another_shape(boxes: Any) -> None:
    with pytest.raises(ValueError, match=r"expected boxes of shape \(k, 4\)"):
        link_faces([0], boxes=[boxes])


@pytest.mark.parametrize(
    "options",
    [
        {"max_gap": -1},
        {"max_gap": np.inf},
        {"min_overlap": 0},
        {"min_overlap": 1.1},
        {"min_overlap": np.nan},
        {"reach": -0.1},
        {"max_growth": 0.9},
        {"memory": np.nan},
    ],
)
def test_options_that_cannot_work(options: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=f"expected {next(iter(options))}"):
        Tracking(**options)


def best(tracks: Sequence[int], **columns: Any) -> list[int]:
    """Positions of the best, of faces that are alike but for these columns."""
    alike = {"sharpness": 50.0, "yaw": 0.0, "roll": 0.0, "score": 1.0, "size": 40.0}
    whole = {name: columns.pop(name, np.full(len(tracks), value)) for name, value in alike.items()}
    return np.flatnonzero(best_of_tracks(tracks, **whole, **columns)).tolist()


def test_the_sharpest_of_the_frontal_and_sure() -> None:
    tracks = [0] * 8
    sharp = [10, 90, 50, 40, 80, 20, 30, 70]
    assert best(tracks, sharpness=sharp) == [1]  # all as sure: the first two
    assert best(tracks, sharpness=sharp, score=[0.8, 0.8, 1, 0.8, 0.8, 1, 0.8, 0.8]) == [2]
    assert best(tracks, sharpness=sharp, yaw=[-19, 20, -25, 40, 70, 15, 19, 21]) == [0]
    assert best(tracks, sharpness=sharp, roll=[50, 170, -150, 39, 80, -25, 45, 39]) == [3]
    assert best(tracks, sharpness=sharp, yaw=[-19, 20, -25, 40, 70, 15, 19, 21], frontal=30) == [1]


def test_one_of_each_track_wherever_its_faces_are() -> None:
    assert best([7, -3, 7, 0, -3, 9], score=[0.9, 0.8, 0.95, 1, 0.99, 0.1]) == [2, 3, 4, 5]


def test_ties_go_to_the_larger_then_to_the_earlier() -> None:
    assert best([4] * 12, size=[1, 3, 3] + [9] * 9) == [1]
    assert best([4] * 12) == [0]


def test_nan_is_worse_than_any_number() -> None:
    nan = float("nan")
    assert best([0] * 8, sharpness=[nan, 0] + [1] * 6) == [1]
    assert best([0, 0], yaw=[nan, 80]) == [1]
    assert best([0, 0], roll=[nan, 180]) == [1]
    assert best([0, 0], score=[nan, 0]) == [1]
    assert best([0] * 8, size=[nan, 1] + [9] * 6) == [1]
    assert best([0, 0], **{name: [nan, nan] for name in ("sharpness", "yaw", "roll", "score", "size")}) == [0]


@given(st.lists(st.integers(0, 4), max_size=40), SEEDS)
def test_one_best_face_a_track_and_it_is_in_the_first_band(tracks: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    yaw, roll = random.uniform(-90, 90, (2, len(tracks)))
    found = best(tracks, yaw=yaw, roll=roll, sharpness=random.random(len(tracks)), score=random.random(len(tracks)))
    assert [tracks[face] for face in found] == list(dict.fromkeys(tracks[face] for face in found))
    assert {tracks[face] for face in found} == set(tracks)
    band = np.maximum(abs(yaw), abs(roll)) // 20
    for face in found:
        assert band[face] == band[np.array(tracks) == tracks[face]].min()


def test_no_faces_have_no_best() -> None:
    assert best([]) == []


@pytest.mark.parametrize("tracks", [[0.5], [[1]], ["a"]])
def test_tracks_that_are_none(tracks: Any) -> None:
    with pytest.raises(ValueError, match="expected tracks"):
        best(tracks)


def test_columns_of_other_lengths() -> None:
    with pytest.raises(ValueError, match="of every measure"):
        best([0, 1], yaw=[1])


@pytest.mark.parametrize("frontal", [0, -1, np.nan, np.inf])
def test_bands_that_cannot_be(frontal: float) -> None:
    with pytest.raises(SettingsError, match="expected frontal above 0"):
        best([0], frontal=frontal)

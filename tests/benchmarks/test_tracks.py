"""The program that measures tracks, on tracks made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.tracks import Clip, draw, mixed_and_extra, seconds_for
from facecascade.extract import link_faces


def test_tracks_that_are_right_are_neither_mixed_nor_extra() -> None:
    truth = [np.array([0, 1]), np.array([1]), np.array([1, 0])]
    assert mixed_and_extra([np.array([5, 3]), np.array([3]), np.array([3, 5])], truth) == (0, 0)


def test_a_track_of_two_faces_and_a_face_of_two_tracks() -> None:
    truth = [np.array([0, 1]), np.array([0, 1]), np.array([0, 1])]
    changed = [np.array([0, 1]), np.array([1, 0]), np.array([1, 0])]
    assert mixed_and_extra(changed, truth) == (2, 2)
    assert mixed_and_extra([np.array([0, 1]), np.array([0, 2]), np.array([0, 3])], truth) == (0, 2)


def test_faces_that_are_seldom_seen_have_no_extra_tracks_but_do_mix() -> None:
    assert mixed_and_extra([np.array([0]), np.array([1])], [np.array([-3]), np.array([-3])]) == (0, 0)
    assert mixed_and_extra([np.array([0]), np.array([0])], [np.array([-3]), np.array([-4])]) == (1, 0)


def test_a_sheet_for_each_track(tmp_path: Path) -> None:
    boxes = [np.array([[0, 0, 9, 9], [50, 0, 59, 9]], np.float32)] * 3
    clip = Clip([0, 0.1, 0.2], boxes, [np.full((2, 64, 64, 3), 9, np.uint8)] * 3)
    draw(clip, link_faces(clip.times, boxes=boxes), tmp_path / "clip")
    assert sorted(path.name for path in (tmp_path / "clip").iterdir()) == ["000-of-3.png", "001-of-3.png"]
    with Image.open(tmp_path / "clip" / "000-of-3.png") as sheet:
        assert 3 * 64 <= sheet.width < 4 * 64


def test_the_speed_is_some_time() -> None:
    assert seconds_for(20, 2) > 0

"""Drawings of a study: where the colour must be, and where it must not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade import MTCNN, Study
from facecascade.draw import BOX_COLOUR
from facecascade.faces import Faces
from facecascade.plates import (
    BACKGROUND,
    GAP,
    LINE,
    REFUSED,
    best_window,
    draw_heat,
    draw_look,
    draw_pyramid,
    draw_windows,
    score_colours,
    side_by_side,
)
from facecascade.study import Level, Look
from facecascade.trace import Trace

NONE = Faces.empty(landmarks=False)


def study_of(*levels: Level) -> Study:
    look = Look(np.zeros((0, 24, 24, 3), np.uint8), NONE, np.zeros(0, np.bool_))
    trace = Trace(tuple(one.scale for one in levels), (0,) * len(levels), NONE, NONE, NONE)
    return Study(levels=levels, kept=NONE, rnet=look, onet=None, trace=trace)


def level_with_a_peak(row: int, column: int) -> Level:
    probability = np.zeros((15, 20), np.float32)
    probability[row, column] = 1
    return Level(0.5, np.full((40, 50, 3), 100, np.uint8), probability, NONE, NONE)


def test_colours_of_scores_grow_lighter_all_the_way() -> None:
    colours = score_colours(np.linspace(0, 1, 50, dtype=np.float32)).astype(np.float64)
    luminance = colours @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > 0).all()
    assert luminance[-1] - luminance[0] > 180
    assert score_colours(np.array([-3, 7], np.float32)).tolist() == score_colours(np.array([0, 1], np.float32)).tolist()


def test_the_heat_lies_in_the_middle_of_the_window() -> None:
    level = level_with_a_peak(4, 9)
    assert best_window(level) == (4, 9)
    plate = np.asarray(draw_heat(study_of(level), width=50))[GAP : GAP + 40, GAP : GAP + 50]
    y, x = np.nonzero((plate != 60).any(axis=2))  # the level's grey at .6 of its brightness
    assert (y.min(), y.max(), x.min(), x.max()) == (13, 14, 23, 24)  # window at (8, 18), its middle 6 pixels on
    assert plate[13, 23].tolist() == [255, 246, 170]


def test_the_pyramid_frames_the_best_window_of_each_level() -> None:
    sheet = np.asarray(draw_pyramid(study_of(level_with_a_peak(4, 9))))
    green = np.argwhere((sheet == BOX_COLOUR).all(axis=2))
    left = GAP + (60 - 50) // 2  # the level is narrower than its window enlarged
    assert green.min(axis=0).tolist() == [GAP + 8 - 1, left + 18 - 1]
    assert green.max(axis=0).tolist() == [GAP + 8 + 12, left + 18 + 12]


def test_windows_are_drawn_where_they_are_in_the_colour_of_their_score() -> None:
    picture = np.full((60, 80, 3), 200, np.uint8)
    drawn = np.asarray(draw_windows(picture, Faces(np.array([[20, 10, 60, 50]]), np.array([1.0]))))
    assert drawn.shape == picture.shape
    assert np.abs(drawn[30, 40].astype(int) - 110).max() <= 1  # dimmed, and nothing else
    assert np.abs(drawn[30, 5].astype(int) - 110).max() <= 1
    for y, x in ((10, 40), (49, 40), (30, 20), (30, 59)):
        assert drawn[y, x, 0] > 200, (y, x)
    doubled = draw_windows(picture, Faces(np.array([[20, 10, 60, 50]]), np.array([1.0])), width=160)
    assert doubled.size == (160, 120)


def test_boxes_that_are_turned_inside_out_or_outside_do_no_harm() -> None:
    picture = np.full((40, 40, 3), 100, np.uint8)
    boxes = np.array([[30, 30, 10, 10], [-90, -90, -50, -50], [5, 5, 5, 5]])
    assert np.unique(np.asarray(draw_windows(picture, Faces(boxes, np.ones(3, np.float32))))).tolist() == [55]


def test_crops_come_best_first_in_the_colour_of_their_fate() -> None:
    crops = np.stack([np.full((24, 24, 3), value, np.uint8) for value in (10, 20, 30)])
    scores = np.array([0.2, 0.99, 0.8], np.float32)
    look = Look(crops, Faces(np.tile([0, 0, 24, 24], (3, 1)), scores), scores > 0.7)
    sheet = np.asarray(draw_look(look, side=24))
    assert sheet.shape == (2 * GAP + 24 + LINE, GAP + 3 * (24 + GAP), 3)
    lefts = [GAP + place * (24 + GAP) for place in range(3)]
    assert [int(sheet[GAP + 12, left + 12, 0]) for left in lefts] == [20, 30, 10]
    frames = [sheet[GAP + 12, left].tolist() for left in lefts]
    for frame, colour in zip(frames, (BOX_COLOUR, BOX_COLOUR, REFUSED), strict=True):
        assert np.abs(np.array(frame) - colour).max() < 30


def test_of_many_crops_the_best_and_the_worst_are_there() -> None:
    crops = np.stack([np.full((24, 24, 3), value, np.uint8) for value in range(100)])
    look = Look(
        crops,
        Faces(np.tile([0, 0, 24, 24], (100, 1)), np.linspace(0, 1, 100, dtype=np.float32)),
        np.ones(100, np.bool_),
    )
    sheet = np.asarray(draw_look(look, limit=7, columns=7, side=24))
    shown = [int(sheet[GAP + 12, GAP + place * (24 + GAP) + 12, 0]) for place in range(7)]
    assert shown[0] == 99
    assert shown[-1] == 0
    assert shown == sorted(shown, reverse=True)


def test_nothing_to_draw_is_said() -> None:
    nothing = study_of()
    for plate in (draw_pyramid(nothing), draw_heat(nothing), draw_look(nothing.rnet)):
        pixels = np.asarray(plate)
        assert (pixels != BACKGROUND).any()
        assert pixels.shape[0] < 60
    with pytest.raises(ValueError, match="at least one picture"):
        side_by_side([], columns=3)


def test_side_by_side_makes_rows() -> None:
    plates = [(Image.new("RGB", (30, 20), "white"), "one")] * 5
    assert side_by_side(plates, columns=2).size == (GAP + 2 * (30 + GAP), GAP + 3 * (20 + LINE + GAP))
    assert side_by_side(plates, columns=9).size[0] == GAP + 5 * (30 + GAP)


def test_a_study_of_a_photograph_can_be_drawn(astronaut: NDArray[np.uint8]) -> None:
    study = MTCNN(min_face_size=100).study(astronaut)
    assert study.onet is not None
    assert draw_pyramid(study).width > sum(level.pixels.shape[1] for level in study.levels)
    points = np.asarray(draw_look(study.onet, limit=1, side=96))[GAP : GAP + 96, GAP : GAP + 96]
    yellow = np.argwhere((np.abs(points.astype(int) - (255, 235, 60)) < 40).all(axis=2))
    assert len(yellow) >= 5 * 4
    assert draw_heat(study, columns=2, levels=2, width=100).width == 3 * GAP + 200

"""Slopes, boxes and crowds."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.growth import boxes, plot, scenes
from benchmarks.growth.series import Series
from facecascade.engines.native import NativeEngine
from facecascade.overlap import iou
from facecascade.weights import Weights


def test_slopes_tell_the_power() -> None:
    series = Series("t", "boxes", [(0.0, 1.0), (10.0, 1.0), (100.0, 10.0), (200.0, 40.0)])
    assert math.isnan(series.slopes()[0])
    assert series.slopes()[1:] == pytest.approx([1.0, 2.0])


def test_a_cliff_is_pointed_out_and_only_it() -> None:
    series = Series("t", "boxes", [(10.0, 1.0), (20.0, 2.0), (40.0, 20.0)], cliff=1.3)
    assert series.cliffs() == ["CLIFF: from 20 to 40 boxes the time grows with a slope of 3.32"]
    assert "CLIFF" in series.report()
    assert "CLIFF" not in Series("t", "boxes", [(10.0, 1.0), (20.0, 2.0)]).report()


def test_a_report_has_the_columns_and_a_line_a_point() -> None:
    report = Series("t", "faces", [(1.0, 2.0), (2.0, 4.0)], columns={"found": ["1", "2"]}).report()
    assert report.splitlines()[:4] == [
        "| faces | found |  ms | slope |",
        "| ----- | ----: | --: | ----: |",
        "| 1     |     1 |   2 |       |",
        "| 2     |     2 |   4 |  1.00 |",
    ]


@pytest.mark.parametrize("count", [1, 95, 100])
def test_scattered_boxes_do_not_touch(count: int) -> None:
    rows, scores = boxes.scattered(count)
    assert rows.shape == (count, 4)
    assert scores.shape == (count,)
    assert np.count_nonzero(iou(rows, rows)) == count


def test_a_heap_leaves_about_one_box() -> None:
    rows, scores = boxes.crowded(200)
    core = NativeEngine(Weights.load().tensors, threads=1).core
    assert 20 <= len(core.suppress(rows, scores, 0.5, False, False)) < 40
    assert len(core.suppress(*boxes.scattered(200), 0.5, False, False)) == 200


def test_a_crowd_has_its_faces_in_different_places() -> None:
    bust = np.zeros((*scenes.CELL, 3), np.uint8)
    for count in (0, 1, 7, scenes.MOST):
        black = (scenes.crowd(count, busts=[bust]) == 0).all(axis=2)
        assert black.sum() == count * scenes.CELL[0] * scenes.CELL[1]


def test_more_faces_than_places_are_refused() -> None:
    with pytest.raises(ValueError, match=f"expected 0 to {scenes.MOST} faces, got {scenes.MOST + 1}"):
        scenes.crowd(scenes.MOST + 1)


def test_the_scene_has_about_as_many_pixels_as_asked_for(samples: dict[str, Path]) -> None:
    height, width, _ = scenes.group(200_000).shape
    assert height * width == pytest.approx(200_000, rel=0.01)


def test_faces_of_a_crowd_are_found(samples: dict[str, Path]) -> None:
    from facecascade import MTCNN

    assert len(MTCNN().detect(scenes.crowd(50))) == 50


def test_a_plot_is_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="plots need Matplotlib")
    series = [Series(f"s{i}", "boxes", [(0.0, 1.0), (10.0, 2.0), (100.0, 30.0)]) for i in range(4)]
    plot.save(series, tmp_path / "new" / "plot.png")
    with Image.open(tmp_path / "new" / "plot.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > 1000

"""The FDDB protocol: areas with known answers, matchings and curves by hand."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade.errors import AnnotationError
from facecascade.evaluate.detections import Regions
from facecascade.evaluate.fddb import bounds, hits, overlaps, read_ellipses, roc

pytest.importorskip("scipy", reason="SciPy, of the extra evaluate, is not installed")

CIRCLE = [10.0, 10.0, 0.0, 50.0, 50.0]
FAR = [10.0, 10.0, 0.0, 500.0, 50.0]


def array(*rows: list[float]) -> NDArray[np.float64]:
    return np.array(rows, np.float64)


def circle(x: float, score: float) -> tuple[list[float], float]:
    return [10.0, 10.0, 0.0, x, 50.0], score


def regions(*detections: tuple[list[float], float]) -> Regions:
    rows = [row for row, _ in detections]
    return Regions(array(*rows) if rows else np.zeros((0, 4)), np.array([score for _, score in detections]))


def overlap(first: list[float], second: list[float]) -> float:
    return float(overlaps(array(first), array(second))[0, 0])


def shift_for(ratio: float) -> float:
    """How far a circle of radius 10 is moved for this intersection over union, by the formula of the lens."""
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        lens = 200 * math.acos(middle / 20) - middle / 2 * math.sqrt(400 - middle**2)
        low, high = (middle, high) if lens / (2 * math.pi * 100 - lens) > ratio else (low, middle)
    return low


def test_a_circle_in_its_square_is_pi_quarters() -> None:
    assert overlap([40, 40, 60, 60], CIRCLE) == pytest.approx(math.pi / 4, abs=1e-5)


def test_a_region_with_itself_is_1() -> None:
    assert overlap([30, 12, 0.7, 5, 9], [30, 12, 0.7, 5, 9]) == pytest.approx(1, abs=1e-5)
    assert overlap([1, 2, 3, 5], [1, 2, 3, 5]) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("ratio", [0.05, 0.3, 0.5, 0.9])
def test_two_circles_share_a_lens(ratio: float) -> None:
    moved = [10, 10, 0, 50 + shift_for(ratio), 50]
    assert overlap(CIRCLE, moved) == pytest.approx(ratio, abs=1e-4)
    assert overlap(CIRCLE, [10, 10, 0, 50, 50 + shift_for(ratio)]) == pytest.approx(ratio, abs=1e-4)


def test_rectangles_overlap_as_boxes_do() -> None:
    assert overlap([0, 0, 10, 10], [5, 0, 15, 10]) == pytest.approx(1 / 3, abs=1e-9)


def test_regions_apart_or_without_area_share_nothing() -> None:
    assert overlap(CIRCLE, FAR) == 0
    assert overlap([40, 0, 60, 5], CIRCLE) == 0
    assert overlap([50, 50, 50, 50], CIRCLE) == 0


def test_a_turned_ellipse_is_the_count_of_its_pixels() -> None:
    """The angle turns clockwise on the screen, as x goes right and y down."""
    long, short, angle, x, y = ellipse = [40.0, 15.0, 0.6, 60.0, 55.0]
    box = [30.0, 40.0, 70.0, 80.0]
    step = 0.05
    px, py = np.meshgrid(np.arange(0, 120, step) + step / 2, np.arange(0, 120, step) + step / 2)
    along = (px - x) * math.cos(angle) + (py - y) * math.sin(angle)
    across = (py - y) * math.cos(angle) - (px - x) * math.sin(angle)
    inside = (along / long) ** 2 + (across / short) ** 2 <= 1
    boxed = (px >= box[0]) & (px <= box[2]) & (py >= box[1]) & (py <= box[3])
    assert overlap(box, ellipse) == pytest.approx((inside & boxed).sum() / (inside | boxed).sum(), abs=1e-3)
    x1, y1, x2, y2 = bounds(array(ellipse))[0].tolist()
    assert (x1, x2) == pytest.approx((px[inside].min(), px[inside].max()), abs=0.1)
    assert (y1, y2) == pytest.approx((py[inside].min(), py[inside].max()), abs=0.1)


def test_a_quarter_turn_exchanges_the_radii() -> None:
    assert overlap([30, 10, math.pi / 2, 50, 50], [10, 30, 0, 50, 50]) == pytest.approx(1, abs=1e-5)


def test_both_curves_of_two_pictures_by_hand() -> None:
    """Faces: one circle in each. By falling score: a perfect hit; a miss; a pair of overlap .8; a pair of .3."""
    found = {
        "a": regions((CIRCLE, 0.9), circle(500, 0.8)),
        "b": regions(circle(50 + shift_for(0.3), 0.6), circle(50 + shift_for(0.8), 0.7)),
    }
    result = roc(found, {"a": array(CIRCLE), "b": array(CIRCLE)})
    assert result.scores.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert result.false_positives.tolist() == [0, 1, 1, 2]
    assert result.discrete.tolist() == [0.5, 0.5, 1, 1]
    assert result.continuous == pytest.approx([0.5, 0.5, 0.9, 0.9], abs=1e-4)
    assert (result.discrete_at(0), result.discrete_at(1), result.discrete_at(100)) == (0.5, 1, 1)
    assert result.continuous_at(0) == pytest.approx(0.5, abs=1e-4)
    assert result.faces == 2


def test_an_overlap_below_a_half_is_a_false_positive_but_adds_to_the_continuous_score() -> None:
    result = roc({"a": regions(circle(50 + shift_for(0.45), 1))}, {"a": array(CIRCLE)})
    assert (result.discrete[0], result.false_positives[0]) == (0, 1)
    assert result.continuous[0] == pytest.approx(0.45, abs=1e-4)


def test_the_matching_has_the_greatest_sum_not_the_greatest_pair() -> None:
    """Greedy would pair A with 1 (.9) and leave 2 with B (0); together A-2 and B-1 overlap more."""
    ellipses = array([10, 10, 0, 50, 50], [10, 10, 0, 50 + shift_for(0.7), 50])
    left = 50 - shift_for(0.6)
    middle = 50 + shift_for(0.7) / 2 - 0.5
    found = regions(circle(middle, 0.9), circle(left, 0.8))
    table = overlaps(found.shapes, ellipses)
    assert table[0, 0] > table[0, 1]
    assert table[0].max() == table.max()
    assert hits(found, ellipses).tolist() == [1, 0]
    assert roc({"a": found}, {"a": ellipses}).discrete.tolist() == [0.5, 1]


def test_a_second_detection_of_a_face_is_a_false_positive() -> None:
    result = roc({"a": regions((CIRCLE, 0.9), (CIRCLE, 0.8), (CIRCLE, 0.7))}, {"a": array(CIRCLE)})
    assert result.discrete.tolist() == [1, 1, 1]
    assert result.false_positives.tolist() == [0, 1, 2]


def test_equal_scores_are_one_threshold_within_and_across_pictures() -> None:
    found = {"a": regions((CIRCLE, 0.5), (FAR, 0.5)), "b": regions((FAR, 0.5))}
    result = roc(found, {"a": array(CIRCLE), "b": array(CIRCLE)})
    assert (result.scores.tolist(), result.false_positives.tolist()) == ([0.5], [2])
    assert result.discrete.tolist() == [0.5]


def test_nothing_found_nothing_marked() -> None:
    empty = np.zeros((0, 5))
    result = roc({"a": regions()}, {"a": array(CIRCLE)})
    assert (len(result.scores), result.faces, result.discrete_at(1000)) == (0, 1, 0)
    result = roc({"a": regions((CIRCLE, 1.0))}, {"a": empty})
    assert (result.false_positives.tolist(), result.discrete.tolist()) == ([1], [0])
    assert hits(regions(), array(CIRCLE)).tolist() == []


def test_many_far_detections_change_no_matching_and_cost_little() -> None:
    far = [([10.0, 10.0, 0.0, 500.0 + place, 50.0], 0.5 + place / 10_000) for place in range(3000)]
    start = time.perf_counter()
    result = roc({"a": regions((CIRCLE, 0.6), *far)}, {"a": array(CIRCLE)})
    assert time.perf_counter() - start < 5
    assert (result.false_positives[-1], result.discrete[-1]) == (3000, 1)
    assert result.discrete_at(2000) == 1


def test_scores_may_be_any_numbers() -> None:
    found = regions((CIRCLE, -3.0), (FAR, -10.0))
    assert roc({"a": found}, {"a": array(CIRCLE)}).scores.tolist() == [-3, -10]


def test_pictures_must_be_the_same() -> None:
    with pytest.raises(AnnotationError, match="got 1 in one, such as 'b'"):
        roc({"a": regions()}, {"a": array(CIRCLE), "b": array(CIRCLE)})


def test_the_lists_of_all_folds(tmp_path: Path) -> None:
    for fold in ("01", "02"):
        text = f"2002/{fold}/big/img_1\n1\n67.36 44.51 -1.47 105.25 87.21  1\n2002/{fold}/big/img_2\n0\n"
        (tmp_path / f"FDDB-fold-{fold}-ellipseList.txt").write_text(text, encoding="utf-8")
        (tmp_path / f"FDDB-fold-{fold}.txt").write_text("2002/x\n", encoding="utf-8")
    marked = read_ellipses(tmp_path)
    assert list(marked) == [f"2002/{fold}/big/img_{n}" for fold in ("01", "02") for n in (1, 2)]
    assert marked["2002/01/big/img_1"].tolist() == [[67.36, 44.51, -1.47, 105.25, 87.21]]
    assert marked["2002/01/big/img_2"].shape == (0, 5)
    assert list(read_ellipses(tmp_path / "FDDB-fold-02-ellipseList.txt")) == list(marked)[2:]


def test_a_folder_without_lists_and_short_rows(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="ellipseList"):
        read_ellipses(tmp_path)
    (tmp_path / "a-ellipseList.txt").write_text("x\n1\n1 2 3\n", encoding="utf-8")
    with pytest.raises(AnnotationError, match="x: expected 5 numbers a face, got 3"):
        read_ellipses(tmp_path)

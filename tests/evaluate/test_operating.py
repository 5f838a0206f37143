"""What thresholds give, by hand; and that one run with a low threshold knows what any higher one finds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facecascade import MTCNN
from facecascade.evaluate.operating import GRID, OperatingPoints, default_thresholds, operating_points
from facecascade.evaluate.operating_report import measure_operating, size_label
from facecascade.evaluate.truth import Marked
from facecascade.evaluate.wider import judge
from facecascade.faces import Faces

SMALL, LARGE, ELSEWHERE = [0, 0, 10, 10], [100, 0, 150, 50], [300, 0, 330, 30]


def faces(*rows: tuple[list[int], float]) -> Faces:
    boxes = np.array([box for box, _ in rows], np.float32).reshape(-1, 4)
    return Faces(boxes, np.array([score for _, score in rows], np.float32))


def marked(*boxes: list[int], counted: bool = True) -> Marked:
    return Marked(np.array(boxes, np.float64), {"all": np.full(len(boxes), counted)})


def points(found: dict[str, Faces], truth: dict[str, Marked], **limits: float) -> OperatingPoints:
    return operating_points(found, judge(found, truth), "all", thresholds=(0.2, 0.5, 0.9), **limits)


FOUND = {
    "a": faces((SMALL, 0.5), (LARGE, 0.95), (ELSEWHERE, 0.3), (LARGE, 0.6)),
    "b": faces((ELSEWHERE, 0.9)),
}
TRUTH = {"a": marked(SMALL, LARGE), "b": marked(LARGE)}


def test_counts_at_each_threshold() -> None:
    """A second detection of one face is wrong; a score equal to the threshold counts, if float32 holds it exactly."""
    one = points(FOUND, TRUTH)
    assert one.right.tolist() == [[2, 2, 1], [0, 0, 0]]
    assert one.wrong.tolist() == [[2, 1, 0], [1, 1, 0]]
    assert one.found.tolist() == [[2, 2, 1], [0, 0, 0]]
    assert one.precision == pytest.approx([2 / 5, 2 / 4, 1])
    assert one.recall == pytest.approx([2 / 3, 2 / 3, 1 / 3])
    assert one.false_per_picture == pytest.approx([1.5, 1, 0])


def test_sizes_part_both_the_detections_and_the_marked_faces() -> None:
    parts = [points(FOUND, TRUTH, low=low, high=high) for low, high in ((0, 20), (20, 40), (40, math.inf))]
    assert [part.marked.sum() for part in parts] == [1, 0, 2]
    assert [part.wrong[:, 0].sum() for part in parts] == [0, 2, 1]
    assert np.isnan(parts[1].recall).all()
    whole = points(FOUND, TRUTH)
    for name in ("right", "wrong", "found"):
        assert (sum(getattr(part, name) for part in parts) == getattr(whole, name)).all()


def test_a_face_found_by_a_box_of_another_size_is_found_in_its_own() -> None:
    found, truth = {"a": faces(([0, 0, 19, 19], 0.8))}, {"a": marked([0, 0, 21, 21])}
    small, large = points(found, truth, high=20), points(found, truth, low=20)
    assert (small.right[0, 0], small.found[0, 0], large.right[0, 0], large.found[0, 0]) == (1, 0, 0, 1)


def test_faces_outside_the_subset_are_neither_right_nor_wrong() -> None:
    one = points({"a": faces((SMALL, 0.8))}, {"a": marked(SMALL, counted=False)})
    assert (one.right.sum(), one.wrong.sum(), one.marked.sum()) == (0, 0, 0)
    assert np.isnan(one.precision).all()


def test_every_detection_in_a_picture_without_faces_is_false() -> None:
    """The protocol leaves such pictures out: the average precision of these detections does not know of them."""
    one = points({"a": faces((SMALL, 0.8), (LARGE, 0.4)), "b": Faces.empty()}, {"a": marked(), "b": marked()})
    assert one.wrong.sum(axis=0).tolist() == [2, 1, 0]
    assert one.false_per_picture.tolist() == [1, 0.5, 0]
    assert one.precision[0] == 0


def test_bands_hold_the_value_and_widen_with_fewer_pictures() -> None:
    def of(pictures: int) -> OperatingPoints:
        names = [str(number) for number in range(pictures)]
        found = {n: FOUND["a"] if int(n) % 2 else FOUND["b"] for n in names}
        return points(found, {n: TRUTH["a"] if int(n) % 2 else TRUTH["b"] for n in names})

    few, many = of(6), of(200)
    for name in ("precision", "recall", "false_per_picture"):
        low, high = many.bands()[name]
        assert (low <= getattr(many, name)).all()
        assert (getattr(many, name) <= high).all()
        assert few.bands()[name][1][0] - few.bands()[name][0][0] > 2 * (high[0] - low[0])


def test_what_all_pictures_agree_on_is_not_certain() -> None:
    """10 of 10 right: Wilson's [.722, 1]; nothing false in 10 pictures: up to .2996 per picture, the rule of three."""
    found, truth = {str(n): faces((SMALL, 0.99)) for n in range(10)}, {str(n): marked(SMALL) for n in range(10)}
    bands = points(found, truth).bands()
    for name in ("precision", "recall"):
        assert (bands[name][0][0], bands[name][1][0]) == pytest.approx((0.7225, 1), abs=1e-3)
    assert (bands["false_per_picture"][0][0], bands["false_per_picture"][1][0]) == pytest.approx((0, 0.29957), abs=1e-4)


def test_thresholds_start_at_the_lowest_score() -> None:
    assert default_thresholds({"a": faces((SMALL, 0.7034), (LARGE, 0.98))}) == (0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
    assert default_thresholds({"a": faces((SMALL, 0.0049))}) == (0.0, *GRID)
    assert default_thresholds({"a": faces((SMALL, -3.216))}) == (-3.22, *GRID)
    assert default_thresholds({"a": Faces.empty()}) == (0.0, *GRID)


def test_nothing_found_and_no_pictures_are_values() -> None:
    one = points({"a": Faces.empty()}, {"a": marked(SMALL)})
    assert one.recall.tolist() == [0, 0, 0]
    assert np.isnan(one.precision).all()
    none = operating_points({}, {}, "all")
    assert np.isnan(none.false_per_picture).all()


def test_values_by_size_and_the_table() -> None:
    report = measure_operating(FOUND, judge(FOUND, TRUTH), "all", rounds=50)
    assert list(report.values) == ["all", "below 20 px", "20 to 40 px", "40 px up"]
    table = report.table("ours")
    assert [row[0] for row in table.rows][:2] == ["0.3", "0.4"]
    assert table.rows[0][1].startswith("40% (")
    assert [len(end) for end in report.values["all"]["interval"]["recall"]] == [len(table.rows)] * 2
    bare = measure_operating(FOUND, judge(FOUND, TRUTH), "all", rounds=0)
    assert bare.table("ours").rows[0] == ("0.3", "40%", "67%", "1.50")
    assert "interval" not in bare.values["all"]


def test_labels() -> None:
    assert [size_label(0, 20), size_label(20, 40), size_label(40, math.inf)] == [
        "below 20 px",
        "20 to 40 px",
        "40 px up",
    ]


def blobs(seed: int) -> NDArray[np.uint8]:
    """Soft spots, of which the cascade takes some for faces if it is asked often enough."""
    coarse = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("last", [0.02, 0.1, 0.3])
def test_one_run_with_a_low_threshold_tells_what_a_higher_one_finds(last: float) -> None:
    with MTCNN(thresholds=(0.1, 0.1, 0.001)) as low, MTCNN(thresholds=(0.1, 0.1, last)) as high:
        every, fewer = low.detect(blobs(1)), high.detect(blobs(1))
    kept = every[every.scores > last]
    assert 0 < len(fewer) < len(every)
    assert kept.boxes.tolist() == fewer.boxes.tolist()
    assert kept.scores.tolist() == fewer.scores.tolist()


def test_the_same_on_a_photograph(group: NDArray[np.uint8]) -> None:
    with MTCNN(thresholds=(0.6, 0.7, 0.01)) as low, MTCNN(thresholds=(0.6, 0.7, 0.9)) as high:
        every, fewer = low.detect(group), high.detect(group)
    assert 0 < len(fewer) < len(every)
    assert every[every.scores > 0.9].boxes.tolist() == fewer.boxes.tolist()

"""Resampled average precision: against pictures really drawn and measured again, and by its own laws."""

from __future__ import annotations

import time

import numpy as np
import pytest

from facecascade.errors import AnnotationError
from facecascade.evaluate.bootstrap import (
    difference_interval,
    mean_difference_interval,
    precision_interval,
    resampled,
)
from facecascade.evaluate.truth import Marked
from facecascade.evaluate.wider import THRESHOLDS, Tally, curve, judge, tally
from facecascade.faces import Faces


def scene(seed: int, *, pictures: int = 12, quality: float = 0.6) -> Tally:
    random = np.random.default_rng(seed)
    marked, found = {}, {}
    for name in range(pictures):
        boxes = np.array([[100.0 * i, 0, 100 * i + 30, 30] for i in range(8)])
        hit = np.random.default_rng([name, 7]).random(8) < quality
        boxes_found = boxes + np.where(hit, 0, 50)[:, None]
        marked[str(name)] = Marked(boxes, {"all": np.random.default_rng(name).random(8) < 0.7})
        found[str(name)] = Faces(boxes_found.astype(np.float32), random.random(8).astype(np.float32))
    return tally(judge(found, marked), "all")


def drawn_again(one: Tally, seed: int) -> list[float]:
    """The first resamples by writing out each drawn picture as a picture of its own."""
    count = len(one.faces)
    choice = np.random.default_rng(seed).integers(count, size=(20, count))
    values = []
    for pictures in choice:
        steps = [
            np.concatenate([all_[all_[:, 0] == picture] for picture in pictures]) for all_ in (one.counted, one.right)
        ]
        values.append(curve(Tally(one.pictures, one.faces[pictures], *steps)).average_precision)
    return values


def test_weights_give_what_drawn_pictures_give() -> None:
    one = scene(1)
    assert resampled(one, rounds=20, seed=3).tolist() == pytest.approx(drawn_again(one, 3), abs=1e-12)


def test_many_rounds_are_done_in_parts_and_none_is_lost() -> None:
    values = resampled(scene(1), rounds=601)
    assert values.shape == (601,)
    assert len(set(values.tolist())) > 500


def test_the_interval_holds_the_value_and_narrows_with_pictures() -> None:
    few, many = (precision_interval(scene(1, pictures=n)) for n in (8, 200))
    assert few.low < few.value < few.high
    assert many.high - many.low < (few.high - few.low) / 2.5


def test_one_seed_is_one_interval() -> None:
    assert precision_interval(scene(1), seed=5) == precision_interval(scene(1), seed=5)
    assert precision_interval(scene(1), seed=5) != precision_interval(scene(1), seed=6)


def test_a_detector_does_not_differ_from_itself() -> None:
    one = difference_interval(scene(1), scene(1))
    assert (one.value, one.low, one.high) == (0, 0, 0)


def test_a_paired_difference_is_narrower_than_that_of_strangers() -> None:
    first, second = scene(1, pictures=40), scene(2, pictures=40)
    paired = difference_interval(first, second)
    alone = [precision_interval(one) for one in (first, second)]
    unpaired = np.hypot(alone[0].high - alone[0].low, alone[1].high - alone[1].low)
    assert paired.value == pytest.approx(alone[1].value - alone[0].value)
    assert paired.high - paired.low < unpaired


def test_a_better_detector_is_told_from_a_worse_one() -> None:
    interval = difference_interval(scene(1, pictures=40, quality=0.5), scene(1, pictures=40, quality=0.8))
    assert 0.1 < interval.low < interval.value < interval.high


def test_other_pictures_cannot_be_paired() -> None:
    with pytest.raises(AnnotationError, match="tallies of the same pictures"):
        difference_interval(scene(1), scene(1, pictures=13))


def test_a_subset_without_faces_has_no_interval() -> None:
    nothing = Tally(("a",), np.zeros(1, np.int64), np.zeros((0, 2), np.int64), np.zeros((0, 2), np.int64))
    with pytest.raises(AnnotationError, match="subset with faces"):
        precision_interval(nothing)


def test_resamples_without_faces_are_left_out() -> None:
    """One of three pictures has all faces, found with precision 1: any resample with it gives 1, the others nothing."""
    steps = np.array([[0, 5]])
    one = Tally(("a", "b", "c"), np.array([1, 0, 0]), steps, steps)
    assert np.isnan(resampled(one, rounds=200)).mean() == pytest.approx((2 / 3) ** 3, abs=0.1)
    interval = precision_interval(one)
    assert (interval.low, interval.high) == (1, 1)


def test_thousands_of_pictures_take_seconds() -> None:
    random = np.random.default_rng(0)
    steps = np.stack([random.integers(3000, size=100_000), random.integers(THRESHOLDS, size=100_000)], axis=1)
    one = Tally(tuple(map(str, range(3000))), np.full(3000, 10), steps, steps[:20_000])
    start = time.perf_counter()
    precision_interval(one)
    assert time.perf_counter() - start < 20


def test_the_difference_of_means_is_that_of_drawn_pictures() -> None:
    """Faces of one picture are drawn together: every resampled mean is one of three pictures, drawn thrice."""
    first, second = np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 3, 8])
    pictures = ("a", "a", "b", "c")
    interval = mean_difference_interval(first, second, pictures, level=1 - 1e-9, rounds=2000)
    assert interval.value == pytest.approx(7 / 4)
    assert (interval.low, interval.high) == pytest.approx((0, 4))
    halves = mean_difference_interval(second, first, pictures, level=1 - 1e-9, rounds=2000)
    assert (halves.value, halves.low, halves.high) == pytest.approx((-7 / 4, -4, 0))


def test_the_difference_of_means_has_the_width_that_theory_says() -> None:
    """Of n independent faces with differences of deviation 1, the interval is 2 * 1.96 / sqrt n wide."""
    second = np.random.default_rng(2).standard_normal(400)
    interval = mean_difference_interval(np.zeros(400), second, [str(i) for i in range(400)], rounds=4000)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 / 20, rel=0.08)
    together = mean_difference_interval(np.zeros(400), second, [str(i // 40) for i in range(400)], rounds=4000)
    assert together.value == interval.value


@pytest.mark.parametrize("second", [[], [1.0], [1.0, np.nan]])
def test_means_of_other_faces_are_refused(second: list[float]) -> None:
    first = np.zeros(2 if second else 0)
    with pytest.raises(AnnotationError, match=r"expected (values of the same faces|a value for each face)"):
        mean_difference_interval(first, np.array(second), ["a"] * len(first))

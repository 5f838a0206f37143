"""The page of calibration: what is replaced in it, and what its recipes choose."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.calibration import tables
from benchmarks.calibration.__main__ import IMAGES, PAGE
from benchmarks.calibration.recipes import RECIPES, STEPS, Recipe, choose
from benchmarks.calibration.runs import SUBSET, Run, run_marked, run_without_faces
from benchmarks.calibration.stages import measure_stages
from benchmarks.data import DATA
from benchmarks.page import fill, names_of
from facecascade.evaluate import Marked, judge
from facecascade.faces import Faces
from facecascade.settings import Settings

BOX, APART = [0.0, 0, 50, 50], [100.0, 0, 150, 50]
PARTS = ["ranges", "thresholds", "sizes", "without faces", "recipes", "stages"]


def run(*pictures: tuple[float, float], missed: bool = False) -> Run:
    """Pictures with a face found at the first score, something else at the second, and maybe a face not found."""
    boxes = np.array([BOX, APART], np.float32)
    found = {str(n): Faces(boxes, np.array(scores, np.float32)) for n, scores in enumerate(pictures)}
    rows = np.array([BOX, [300, 0, 350, 50]] if missed else [BOX])
    marked = dict.fromkeys(found, Marked(rows, {SUBSET: np.ones(len(rows), np.bool_)}))
    return Run("some", found, judge(found, marked), 1_000_000)


def test_parts_are_replaced_and_the_rest_stays() -> None:
    page = "before\n<!-- measured: a b -->\nold\n<!-- end of a b -->\nafter <!-- measured: c --><!-- end of c -->\n"
    once = fill(page, {"c": "two", "a b": "| one |\n"})
    assert once.startswith("before\n<!-- measured: a b -->\n\n| one |\n\n<!-- end of a b -->\nafter ")
    assert "old" not in once
    assert fill(once, {"c": "two", "a b": "| one |\n"}) == once


@pytest.mark.parametrize(
    ("page", "parts"),
    [
        ("", {"a": ""}),
        ("<!-- measured: a --><!-- end of a -->", {}),
        ("<!-- measured: a -->", {"a": ""}),
        ("<!-- end of a --><!-- measured: a -->", {"a": ""}),
        ("<!-- measured: a --><!-- end of a --><!-- end of a -->", {"a": ""}),
    ],
)
def test_a_page_that_does_not_fit_is_refused(page: str, parts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected"):
        fill(page, parts)


def test_the_page_has_every_part_filled_and_every_plot() -> None:
    text = PAGE.read_text("utf-8")
    assert names_of(text) == PARTS
    for name in PARTS:
        between = text.split(f"<!-- measured: {name} -->")[1].split(f"<!-- end of {name} -->")[0]
        assert between.count("\n| ") >= 4, name
    for name in ("calibration", "thresholds", "thresholds-by-size"):
        assert (IMAGES / f"{name}.png").stat().st_size > 10_000


def test_the_cheapest_threshold_follows_the_prices() -> None:
    """Faces at .9 and .5, others at .8 and .3: dear misses choose below .5, dear false faces above .8."""
    some = run((0.9, 0.8), (0.5, 0.3))
    strict = choose(some, Recipe(name="", preset="fast", miss=1, false=20), usual=some, rounds=20)
    lenient = choose(some, Recipe(name="", preset="fast", miss=20, false=1), usual=some, rounds=20)
    assert (strict.threshold, strict.recall, strict.false, strict.precision) == (0.82, 0.5, 0, 1)
    assert (lenient.threshold, lenient.recall, lenient.false) == (0.32, 1, 0.5)
    assert lenient.precision == pytest.approx(2 / 3)
    # With the default settings, .7: one missed and one false.
    assert [strict.against, lenient.against] == pytest.approx([1 / 21, 1 / 21])
    assert lenient.likely[0] <= 0.32 <= lenient.likely[1]


def test_misses_of_faces_that_are_too_small_to_matter_cost_nothing() -> None:
    some = run((0.6, 0.75), (0.9, 0.1), missed=True)
    wanted = choose(some, Recipe(name="", preset="fast", miss=2, false=1), usual=some, rounds=20)
    small = choose(some, Recipe(name="", preset="fast", miss=2, false=1, least=60), usual=some, rounds=20)
    assert (wanted.threshold, wanted.missed) == (0.12, 1)
    assert (small.threshold, small.missed, small.against) == (0.76, 0, 0)


def test_the_steps_rise_and_hold_the_usual_threshold() -> None:
    assert (np.diff(STEPS) > 0).all()
    assert Settings().thresholds[-1] in STEPS


def test_no_price_cannot_be_compared_with() -> None:
    some = run((0.9, 0.1))
    assert np.isnan(choose(some, Recipe(name="", preset="fast", miss=1, false=1), usual=some, rounds=5).against)


def test_tables_of_little() -> None:
    some = run((0.92, 0.85), (0.5, 0.3))
    assert "| 0.8 to 0.9 | 1 | 0.850 | 0 % (0 % to 79 %) |" in " ".join(tables.ranges(some).split())
    assert "False from 0.7 up, and those of them that overlap a marked face by an IoU of 0.2 to .5: some: 1, 0." in (
        tables.thresholds(some)
    )
    assert tables.sizes(some).count("| 0.5 ") == 3
    choices = [choose(some, recipe, usual=some, rounds=5) for recipe in RECIPES]
    assert all(recipe.name in tables.recipes(choices) for recipe in RECIPES)


@pytest.mark.skipif(not (DATA / "wider_val_416").is_dir(), reason="the photographs are not here")
def test_on_photographs() -> None:
    small = run_marked(DATA / "wider_val_416", "416 px")
    assert len(small.found) == 30
    assert small.points((0.7,)).recall[0] > 0.15
    empty = run_without_faces(DATA / "photos_noface", "none")
    assert np.isnan(empty.points((0.1,)).recall[0])
    costs = measure_stages(DATA / "wider_val_416", rounds=1)
    assert [one.label for one in costs][-1] == ("0.6", "0.7", "10")
    proposals = {one.label: one.proposals for one in costs}
    assert proposals[("0.5", "0.7", "20")] > proposals[("0.6", "0.7", "20")] > proposals[("0.7", "0.7", "20")]
    assert {one.ratio for one in costs if one.label == ("0.6", "0.7", "20")} == {1}
    assert tables.stages(costs).count("\n") == 11

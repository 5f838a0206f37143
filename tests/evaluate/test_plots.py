"""Plots: what is in them, and that files are whole and the same each time."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facecascade.errors import MissingExtra
from facecascade.evaluate import plots
from facecascade.evaluate.calibration import reliability
from facecascade.evaluate.fddb import Roc
from facecascade.evaluate.landmarks import Errors
from facecascade.evaluate.operating import OperatingPoints, operating_points
from facecascade.evaluate.recall import SizeRecall
from facecascade.evaluate.wider import Curve

needs_matplotlib = pytest.mark.skipif(
    find_spec("matplotlib") is None,
    reason="Matplotlib, of the extra evaluate, is not installed",
)


def curve(level: float) -> Curve:
    return Curve(np.full(1000, level), np.linspace(0, 1, 1000), 10)


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


@needs_matplotlib
def test_the_legend_holds_average_precisions_the_best_first() -> None:
    figure = plots.precision_recall({"worse": curve(0.5), "better": curve(0.75)}, title="Hard")
    (axes,) = figure.axes
    assert texts(axes) == ["better   AP 0.750", "worse   AP 0.500"]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left")) == ("Recall", "Precision", "Hard")
    assert len({line.get_color() for line in axes.get_lines()}) == 2


@needs_matplotlib
def test_roc_curves_are_steps_over_false_positives() -> None:
    one = Roc(np.array([0.9, 0.8]), np.array([0.0, 3]), np.array([0.5, 0.75]), np.array([0.4, 0.6]), 4)
    (axes,) = plots.roc({"one": one}, title="", continuous=False).axes
    assert texts(axes) == ["one   0.750 at 1000"]
    assert texts(plots.roc({"one": one}, title="", continuous=True).axes[0]) == ["one   0.600 at 1000"]
    assert np.asarray(axes.get_lines()[0].get_ydata()).tolist() == [0.5, 0.75]


@needs_matplotlib
def test_the_cumulative_error_goes_on_to_the_edge() -> None:
    errors = Errors(np.array([[0.05] * 5, [0.02] * 5, [np.nan] * 5]))
    (axes,) = plots.cumulative_error({"one": errors}, title="", by="eyes").axes
    x, y = axes.get_lines()[0].get_data()
    assert np.asarray(x).tolist() == pytest.approx([0, 0.02, 0.05, 1])
    assert np.asarray(y).tolist() == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3])
    assert texts(axes) == ["one   NME 0.0350, AUC 0.433"]


@needs_matplotlib
def test_bars_stand_side_by_side_with_their_shares() -> None:
    sizes = (SizeRecall(0, 16, 1, 4), SizeRecall(16, 32, 0, 0))
    axes: Any = plots.recall_by_size({"a": sizes, "b": sizes}, title="").axes[0]
    assert [bar.get_height() for bar in axes.patches] == [0.25, 0, 0.25, 0]
    assert [text.get_text() for text in axes.texts] == ["25%", "", "25%", ""]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0 to 16\n(4)", "16 to 32\n(0)"]


@needs_matplotlib
def test_calibration_shows_its_error_and_the_ideal() -> None:
    table = reliability(np.array([0.95, 0.85]), np.array([True, False]))
    upper, lower = plots.calibration({"one": table}, title="").axes
    assert texts(upper) == ["perfectly calibrated", f"one   error {table.error:.3f}"]
    assert lower.get_xlabel() == "Score"


def points(wrong: int) -> OperatingPoints:
    """Two pictures with a face each, found up to the second threshold; the first also has false faces."""
    one = np.array([[1, 1, 0], [1, 1, 0]])
    return OperatingPoints(np.array([0.1, 0.5, 0.9]), one, np.array([[wrong, 1, 0], [0, 0, 0]]), one, np.array([1, 1]))


@needs_matplotlib
@pytest.mark.parametrize("rounds", [0, 50])
def test_a_column_for_each_name_with_its_bands(rounds: int) -> None:
    figure = plots.operating({"small": points(4), "large": points(2)}, title="T", rounds=rounds)
    upper, other, lower, last = figure.axes
    assert [axes.get_title(loc="left") for axes in (upper, other)] == ["small", "large"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["precision", "recall"]
    precision, recall = (np.asarray(line.get_ydata()) for line in upper.get_lines())
    assert precision[:2] == pytest.approx([2 / 6, 2 / 3])
    assert np.isnan(precision[2])
    assert recall.tolist() == [1, 1, 0]
    assert [np.asarray(one.get_lines()[0].get_ydata()).tolist() for one in (lower, last)] == [[2, 0.5, 0], [1, 0.5, 0]]
    assert [len(axes.collections) for axes in (upper, lower)] == ([2, 1] if rounds else [0, 0])
    assert upper.get_ylim() == other.get_ylim()
    assert lower.get_ylim() == last.get_ylim()
    assert lower.get_ylim()[1] > 2


@needs_matplotlib
@pytest.mark.parametrize("kind", ["precision", "roc", "error", "recall", "calibration", "operating"])
def test_nothing_found_can_be_drawn_too(kind: str, tmp_path: Path) -> None:
    empty = np.zeros(0)
    figure = {
        "precision": lambda: plots.precision_recall({"a": Curve(np.zeros(1000), np.zeros(1000), 0)}, title=""),
        "roc": lambda: plots.roc({"a": Roc(empty, empty, empty, empty, 0)}, title="", continuous=False),
        "error": lambda: plots.cumulative_error({"a": Errors(np.full((2, 5), np.nan))}, title="", by="eyes"),
        "recall": lambda: plots.recall_by_size({"a": (SizeRecall(0, 16, 0, 0),)}, title=""),
        "calibration": lambda: plots.calibration({"a": reliability(empty, empty.astype(bool))}, title=""),
        "operating": lambda: plots.operating({"a": operating_points({}, {}, "all")}, title="", rounds=0),
    }[kind]()
    plots.save_figure(figure, tmp_path / "plot")
    assert (tmp_path / "plot.svg").stat().st_size > 1000


@needs_matplotlib
def test_files_are_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    for _ in range(2):
        plots.save_figure(plots.precision_recall({"a": curve(0.5)}, title="T"), tmp_path / "new" / "plot")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["plot.png", "plot.svg"]
    with Image.open(tmp_path / "new" / "plot.png") as picture:
        picture.load()
        assert picture.size == (1080, 780)
    plots.save_figure(
        plots.precision_recall({"a": curve(0.5)}, title="T"), tmp_path / "one" / "plot", formats=(".png",)
    )
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["plot.png"]
    assert "<dc:date>" not in (tmp_path / "new" / "plot.svg").read_text("utf-8")


@needs_matplotlib
def test_one_format_alone(tmp_path: Path) -> None:
    plots.save_figure(plots.precision_recall({"a": curve(0.5)}, title="T"), tmp_path / "plot", formats=(".png",))
    assert [path.name for path in tmp_path.iterdir()] == ["plot.png"]


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"facecascade\[evaluate\]"):
        plots.check_plots()

"""Results as a whole: tables, numbers and files of each protocol."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facecascade.evaluate import Marked, Regions, measure_fddb, measure_landmarks, measure_wider, save_result
from facecascade.evaluate.result import Result, Table
from facecascade.faces import Faces

POINTS = np.array([[10, 10], [30, 10], [20, 20], [12, 30], [28, 30]], np.float64)
BOX = np.array([[0.0, 0, 40, 40]])
PERFECT = Faces(BOX.astype(np.float32), np.array([0.9], np.float32), POINTS[None].astype(np.float32))
NONE = Faces.empty()
needs_extra = pytest.mark.skipif(
    find_spec("scipy") is None or find_spec("matplotlib") is None, reason="the extra evaluate is not installed"
)


def marked(pictures: int = 4) -> dict[str, Marked]:
    one = Marked(BOX, {"easy": np.array([False]), "hard": np.array([True])}, POINTS[None])
    return {str(name): one for name in range(pictures)}


def half(pictures: int = 4) -> dict[str, Faces]:
    return {str(name): PERFECT if name % 2 else NONE for name in range(pictures)}


def every(pictures: int = 4) -> dict[str, Faces]:
    return dict.fromkeys(map(str, range(pictures)), PERFECT)


def table(result: Result, title: str) -> Table:
    return next(one for one in result.tables if one.title.startswith(title))


def test_wider_of_two_detectors_and_their_difference() -> None:
    result = measure_wider({"half": half(), "all": every()}, marked(), rounds=200)
    rows = table(result, "Average precision").rows
    assert [(row[0], row[1], row[2], row[-1]) for row in rows] == [
        ("half", "easy", "0.0000", "0"),
        ("half", "hard", "0.5000", "4"),
        ("all", "easy", "0.0000", "0"),
        ("all", "hard", "1.0000", "4"),
    ]
    assert rows[0][3:5] == ("", "")
    (row,) = table(result, "Difference to half").rows
    assert row[:3] == ("all", "hard", "+0.5000")
    assert float(row[3]) <= 0.5 <= float(row[4])
    difference = result.values["differences"]["all"]["hard"]
    assert difference["value"] == pytest.approx(0.5)
    assert result.values["detectors"]["half"]["recall_by_height"][2]["found"] == 2
    assert len(result.galleries["misses"]) == 2
    assert result.galleries["false-positives"] == []


def test_no_rounds_are_no_intervals() -> None:
    result = measure_wider({"half": half(), "all": every()}, marked(), rounds=0)
    assert result.values["detectors"]["half"]["interval"] == {}
    assert not [one for one in result.tables if one.title.startswith("Difference")]


def test_landmarks_of_found_and_missed_faces() -> None:
    result = measure_landmarks({"half": half()}, marked())
    eyes, box = table(result, "Landmark error").rows
    assert eyes == ("half", "eyes", "0.0000", "0.0%", "1.0000", "50.0%", "0.5000", "2/4")
    assert box[1] == "box"
    values = result.values["detectors"]["half"]
    assert (values["faces"], values["found"], values["missed"]) == (4, 2, 2)
    assert values["eyes"]["auc_with_missed"] == 0.5
    assert len(result.galleries["misses"]) == 2


@needs_extra
def test_fddb_rates() -> None:
    ellipses = {"a": np.array([[20.0, 20, 0, 20, 20]])}
    found = {"a": Regions(np.array([[0.0, 0, 40, 40], [90, 0, 99, 9]]), np.array([0.9, 0.8]))}
    result = measure_fddb({"one": found}, ellipses)
    discrete, continuous = result.tables
    assert discrete.rows == (("one", "1.0000", "1.0000", "1.0000", "1.0000", "1.0000", "1"),)
    assert continuous.rows[0][1] == f"{np.pi / 4:.4f}"
    assert result.values["detectors"]["one"]["discrete"]["100"] == 1
    assert result.values["faces"] == 1


@needs_extra
def test_everything_is_saved(tmp_path: Path) -> None:
    Image.new("RGB", (60, 60)).save(tmp_path / "0.png")
    pictures = {"0": tmp_path / "0.png"}
    result = measure_wider({"half": half()}, marked(), rounds=10)
    save_result(result, tmp_path / "out", facts={"truth": "mine"}, pictures=pictures)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    plots = ("precision-recall-easy", "precision-recall-hard", "recall-by-size", "calibration", "thresholds")
    assert names == {"result.json", "misses.png", *(f"{name}{end}" for name in plots for end in (".png", ".svg"))}
    values = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
    assert (values["truth"], values["protocol"], values["inclusive"]) == ("mine", "wider", False)
    assert values["detectors"]["half"]["average_precision"] == {"easy": 0.0, "hard": 0.5}
    assert values["detectors"]["half"]["calibration"]["mean_score"][0] is None


@needs_extra
def test_without_pictures_there_are_no_galleries(tmp_path: Path) -> None:
    save_result(measure_landmarks({"half": half()}, marked()), tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".png", ".svg"}
    assert not (tmp_path / "misses.png").exists()


@needs_extra
def test_nothing_found_is_saved_as_null_not_as_nan(tmp_path: Path) -> None:
    nothing = dict.fromkeys(map(str, range(4)), NONE)
    save_result(measure_landmarks({"none": nothing}, marked()), tmp_path)
    text = (tmp_path / "result.json").read_text("utf-8")
    assert json.loads(text)["detectors"]["none"]["eyes"]["nme"] is None
    assert "NaN" not in text

"""Parity with mtcnn 0.1.1: how faces are compared, and the comparison itself where the photographs are."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import parity
from benchmarks.data import DATA, Golden
from facecascade.faces import Faces

POINTS = [[2.0, 3.0], [8.0, 3.0], [5.0, 6.0], [3.0, 8.0], [7.0, 8.0]]


def faces(*boxes: list[float]) -> Faces:
    landmarks = np.array([POINTS for _ in boxes], np.float32).reshape(-1, 5, 2)
    scores = np.linspace(0.9, 0.8, len(boxes), dtype=np.float32)
    return Faces(np.array(boxes, np.float32).reshape(-1, 4), scores, landmarks)


def test_the_same_faces_in_another_order_do_not_differ() -> None:
    first, second = [0.0, 0.0, 10.0, 10.0], [50.0, 0.0, 60.0, 10.0]
    result = parity.compare("a", faces(first, second), faces(second, first))
    assert (result.golden, result.found, result.differences) == (2, 2, ())
    assert result.overlaps.tolist() == [1.0, 1.0]
    assert result.distances.tolist() == [0.0, 0.0]


def test_missing_extra_and_moved_faces_are_named() -> None:
    theirs = faces([0, 0, 10, 10], [50, 0, 60, 10])
    ours = faces([0, 2, 10, 12], [90, 0, 95, 5])
    result = parity.compare("a", ours, theirs)
    listed = [(one.kind, one.box[0]) for one in result.differences]
    assert listed == [("missing", 50.0), ("extra", 90.0), ("moved", 0.0)]
    assert result.overlaps.tolist() == [pytest.approx(80 / 120)]


def test_landmark_distance_is_a_share_of_their_box_width() -> None:
    """Five points moved by (.3, .4) are .5 pixels away, 5 % of a box of 10 pixels."""
    theirs = faces([0, 0, 10, 10])
    assert theirs.landmarks is not None
    ours = Faces(theirs.boxes, theirs.scores, theirs.landmarks + np.array([0.3, 0.4], np.float32))
    assert parity.compare("a", ours, theirs).distances == pytest.approx([0.05])


def test_another_picture_of_the_same_name_ends_the_program(tmp_path: Path) -> None:
    Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    golden = {"a.png": Golden((21, 30), Faces.empty())}
    with pytest.raises(SystemExit, match=r"expected a.png of size \(21, 30\), got \(20, 30\)"):
        parity.compare_all(golden, tmp_path, geometry="classic")


@pytest.mark.skipif(not (DATA / "golden").is_dir(), reason="the recorded results of mtcnn 0.1.1 are not here")
@pytest.mark.parametrize("options", [[], ["--noface"]])
def test_the_targets_are_met(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["parity", *options])
    assert parity.main() == 0
    printed = capsys.readouterr().out
    assert "MISSED" not in printed
    assert printed.count(" ok |") == (0 if options else 4)

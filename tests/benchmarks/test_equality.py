"""Distance of two results, and a run of the program on drawn pictures."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import equality, oracle
from facecascade.faces import Faces
from facecascade.settings import Settings
from facecascade.weights import Weights


def faces(*, shift: float = 0.0, score: float = 0.0, point: float = 0.0) -> Faces:
    boxes = np.array([[0, 0, 20, 20], [50, 50, 90, 90]], np.float32) + np.float32(shift)
    scores = np.array([0.9, 0.8], np.float32) + np.float32(score)
    return Faces(boxes, scores, np.full((2, 5, 2), 7 + point, np.float32))


def test_equal_results_in_another_order_have_no_gap() -> None:
    gap = equality.measure(faces()[[1, 0]], faces())
    assert gap == equality.Gap(2, 2, 0.0, 0.0, 0.0)
    assert gap.within


@pytest.mark.parametrize(
    ("name", "small", "large"), [("shift", 0.009, 0.011), ("score", 0.9e-5, 1.1e-5), ("point", 0.019, 0.021)]
)
def test_each_limit_is_kept(name: str, small: float, large: float) -> None:
    assert equality.measure(faces(**{name: small}), faces()).within
    assert not equality.measure(faces(**{name: large}), faces()).within


def test_one_face_more_is_no_equality() -> None:
    gap = equality.measure(faces(), faces()[[0]])
    assert (gap.ours, gap.theirs, gap.box, gap.within) == (2, 1, 0.0, False)


def test_as_many_faces_in_other_places_are_no_equality() -> None:
    gap = equality.measure(faces(shift=500), faces())
    assert gap.box == np.inf
    assert not gap.within


def test_no_faces_equal_no_faces() -> None:
    assert equality.measure(Faces.empty(), Faces.empty()).within


def test_the_program_on_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    options = ["--threads", "1", "3", "--processes", "1", "--cache", str(tmp_path / "cache")]
    monkeypatch.setattr(sys, "argv", ["equality", str(tmp_path), *options])
    assert equality.main() == 0
    assert "No picture breaks a limit." in capsys.readouterr().out
    assert len(list((tmp_path / "cache").iterdir())) == 2  # one picture, two geometries


def test_a_broken_limit_is_listed_and_is_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (30, 30)).save(tmp_path / "grey.png")
    weights = Weights.load()
    for geometry in ("subpixel", "classic"):
        settings = Settings(geometry=geometry).to_dict()
        name = oracle.key((tmp_path / "grey.png").read_bytes(), settings, oracle.source_hash(weights))
        oracle.save(tmp_path / "cache" / f"{name}.npz", faces())
    options = ["--threads", "1", "--processes", "1", "--cache", str(tmp_path / "cache")]
    monkeypatch.setattr(sys, "argv", ["equality", str(tmp_path), *options])
    assert equality.main() == 1
    assert "| 0 / 2 |" in " ".join(capsys.readouterr().out.split())

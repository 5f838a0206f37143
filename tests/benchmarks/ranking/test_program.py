"""The comparison as a whole, on a set made of a sample picture, with a stand-in for the other packages."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.ranking import __main__ as program
from benchmarks.ranking.detections import own_faces
from facecascade import MTCNN
from facecascade.faces import Faces

MOVED = 3.0
"""Pixels by which the marked points differ from those that this package finds."""


@pytest.fixture
def data(astronaut: NDArray[np.uint8], tmp_path: Path) -> Path:
    """A folder with a set of one portrait."""
    with MTCNN() as detector:
        face = detector.detect(astronaut)[0]
    points = (np.asarray(face.landmarks) + np.array([MOVED, 0])).tolist()
    entry = {"image": "a.png", "faces": [{"box": list(face.box), "landmarks": points, "ignore": False}]}
    (tmp_path / "helen348").mkdir()
    Image.fromarray(astronaut).save(tmp_path / "helen348" / "a.png")
    (tmp_path / "helen348" / "annotations.json").write_text(json.dumps([entry]), encoding="utf-8")
    return tmp_path


def run(data: Path, monkeypatch: pytest.MonkeyPatch, *, peer_moved: float | None) -> int:
    """Compare with a package whose points are so many pixels off; None where it finds nothing."""

    def peer_faces(_: str, paths: Sequence[Path], **__: Any) -> dict[Path, Faces]:
        if peer_moved is None:
            return {path: Faces.empty() for path in paths}
        found = own_faces({}, paths, threads=1)
        shift = np.array([MOVED - peer_moved, 0], np.float32)
        return {p: Faces(f.boxes, f.scores, np.asarray(f.landmarks) + shift) for p, f in found.items()}

    monkeypatch.setattr(program, "peer_faces", peer_faces)
    options = ["--data", str(data), "--sets", "helen348", "--peers", "mtcnn_1_0_0"]
    monkeypatch.setattr(sys, "argv", ["ranking", *options])
    return program.main()


def test_targets_that_are_reached(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, monkeypatch, peer_moved=2 * MOVED) == 0
    printed = capsys.readouterr().out
    assert "| facecascade, default | 1.0000 (1/1) |" in printed
    assert "NME of 1 faces" in printed
    assert "MISSED" not in printed


def test_a_missed_target_is_the_exit_code(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, monkeypatch, peer_moved=0.0) == 1
    assert "MISSED" in capsys.readouterr().out


def test_a_package_that_finds_nothing_sets_no_target_of_landmarks(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(data, monkeypatch, peer_moved=None) == 0
    printed = capsys.readouterr().out
    assert "| mtcnn 1.0.0          | 0.0000 (0/1) |" in printed
    assert "nan" not in printed


def test_a_missing_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ranking", "--data", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"wider_val_fullres(.|\n)*name another folder by --data"):
        program.main()


def test_every_name_of_settings_works() -> None:
    assert {"default", "classic", "thorough", "fast"} <= set(program.OWN_SETTINGS)
    for settings in program.OWN_SETTINGS.values():
        MTCNN(**settings).close()

"""The benchmark as a whole, with this package alone; what it says of the machine; what it says of other packages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import report
from benchmarks.data import resized
from benchmarks.peers import __main__ as program
from benchmarks.peers import machine
from benchmarks.peers.verify import agreement
from facecascade.faces import Faces


def test_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (120, 80), (100, 90, 80)).save(tmp_path / "plain.png")
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    options = ["--peers", "facecascade", "--heights", "0", "40", "--rounds", "7", "--warm-up", "1", "--rest", "0"]
    monkeypatch.setattr(sys, "argv", ["peers", str(tmp_path / "plain.png"), *options, "--json", "run"])
    program.main()
    printed = capsys.readouterr().out
    assert "- processor: " in printed
    assert "plain.png, 120 x 80" in printed
    assert "plain.png, 60 x 40" in printed
    kept = json.loads((tmp_path / "results" / "run.json").read_text(encoding="utf-8"))
    assert [len(result["timings"]["facecascade"]["seconds"]) for result in kept["results"]] == [7, 7]
    assert kept["options"]["min_face_size"] == 20


def test_few_rounds_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["peers", "--rounds", "6"])
    with pytest.raises(SystemExit):
        program.main()
    assert "expected at least 7 rounds, got 6" in capsys.readouterr().err


@pytest.mark.parametrize(("height", "shape"), [(0, (50, 101)), (25, (25, 50)), (100, (100, 202))])
def test_resizing_keeps_proportions(height: int, shape: tuple[int, int]) -> None:
    pixels = np.zeros((50, 101, 3), np.uint8)
    assert resized(pixels, height).shape == (*shape, 3)


def test_the_machine_is_described() -> None:
    facts = machine.describe()
    assert all(facts.values())
    assert int(facts["cores"]) >= 1


def test_the_time_that_threads_waited_is_added_up(tmp_path: Path) -> None:
    """The second number of each thread, in nanoseconds; a thread that has ended has no file any more."""
    for name, content in {"1": "9 1500000000 4\n", "2": "9 250000000 4\n"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "schedstat").write_text(content, encoding="ascii")
    (tmp_path / "3").mkdir()
    assert machine.seconds_waited(tmp_path) == 1.75
    assert machine.seconds_waited(tmp_path / "missing") == 0
    assert machine.seconds_waited() >= 0


def test_agreement_with_a_record() -> None:
    found = Faces(np.array([[0, 0, 10, 10], [50, 50, 60, 60]], np.float32), np.array([0.9, 0.8], np.float32))
    recorded = Faces(np.array([[0, 1, 10, 11]], np.float32), np.array([0.9], np.float32))
    assert agreement(found, recorded) == (2, 1, 1, f"{90 / 110:.4f}")
    assert agreement(Faces.empty(), recorded) == (0, 1, 0, "no pair")

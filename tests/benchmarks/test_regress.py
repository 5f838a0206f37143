"""Counts of instructions against those written down."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import regress

COUNTS = {"pyramid": 1000, "nms": 500}


def test_the_count_is_in_callgrinds_last_words() -> None:
    assert regress.collected("==1== Events    : Ir\n==1== Collected : 5965013\n") == 5965013


@pytest.mark.parametrize("log", ["", "==1== Collected : 0\n"])
def test_no_count_is_an_error(log: str) -> None:
    with pytest.raises(ValueError, match="expected callgrind to have collected"):
        regress.collected(log)


def test_crops_are_what_sampling_adds() -> None:
    assert regress.with_crops({"rnet": 100, "rnet_with_crops": 130}) == {"rnet": 100, "crops": 30}


@pytest.mark.parametrize(
    ("count", "expected"), [(1020, []), (980, []), (1021, ["pyramid: +2.1%"]), (970, ["pyramid: -3.0%"])]
)
def test_the_tolerance_holds_either_way(count: int, expected: list[str]) -> None:
    assert regress.differing(COUNTS | {"pyramid": count}, COUNTS) == expected


def test_work_that_came_or_went_is_named() -> None:
    lines = regress.differing({"pyramid": 1000, "new": 1}, COUNTS)
    assert lines == ["new: counted, but not written down", "nms: written down, but not counted"]


def test_figures_of_another_compiler_stay(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    assert regress.read(path) == {}
    regress.write(path, {"a": COUNTS, "b": COUNTS})
    assert regress.read(path) == {"a": COUNTS, "b": COUNTS}


def test_figures_are_written_down_for_every_work() -> None:
    expected = {"pyramid", "pnet", "rnet", "onet", "crops", "nms", "cascade"}
    for counts in regress.read(regress.FIGURES).values():
        assert counts.keys() == expected
        assert min(counts.values()) > 100_000


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program with work that always takes 1000 instructions, and with crops 1500."""
    monkeypatch.setattr(shutil, "which", lambda name, path=None: name)
    monkeypatch.setattr(regress, "build", lambda folder: folder)
    monkeypatch.setattr(
        regress, "count", lambda program, work: regress.Run(1500 if work == "rnet_with_crops" else 1000, "avx2, test")
    )
    return tmp_path / "figures.json"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["regress", *arguments])
    return regress.main()


def test_the_exit_code(fake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "--figures", str(fake)) == 0
    assert "not judged" in capsys.readouterr().out
    assert run(monkeypatch, "--figures", str(fake), "--update") == 0
    assert regress.read(fake)["avx2, test"]["crops"] == 500
    assert run(monkeypatch, "--figures", str(fake)) == 0
    figures = regress.read(fake)
    figures["avx2, test"]["nms"] = 900
    regress.write(fake, figures)
    assert run(monkeypatch, "--figures", str(fake)) == 1
    assert "- nms: +11.1%" in capsys.readouterr().out


def test_without_valgrind_it_is_skipped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)
    assert run(monkeypatch) == 0
    assert capsys.readouterr().out == "skipped: valgrind is not installed\n"

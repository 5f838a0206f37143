"""Shares of the limit, and small parts of the sections."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.data import ROOT
from benchmarks.limit import batch, bench, memory, pnet, prototype, rates, small
from benchmarks.limit.compiled import compiler
from benchmarks.peers.rounds import Timing
from facecascade.engines.native import NativeEngine, instruction_sets
from facecascade.settings import Settings
from facecascade.weights import Weights


def timing(*milliseconds: float, waited: float = 0.0) -> Timing:
    return Timing(tuple(value / 1000 for value in milliseconds), waited, 0)


def test_a_share_is_the_work_over_its_time_by_the_limit() -> None:
    """100 GFLOP/s take 10 ms for a billion; 5 billion in 40 ms are 125 GFLOP/s. The slow rounds do not count."""
    limit = timing(10.0, 11.0, 30.0)
    assert bench.share(5e9, timing(40.0, 40.0, 41.0), limit) == pytest.approx(1.25)
    assert bench.rate(limit) == "100"
    assert bench.share(5e9, timing(0.0), limit) == 0


def test_a_disturbed_table_says_so() -> None:
    assert bench.disturbance([timing(1.0), timing(1.0, waited=0.02)]).startswith("quiet")
    assert bench.disturbance([timing(1.0), timing(1.0, waited=0.5)]).startswith("DISTURBED")
    steady, unsteady = timing(10.0, 10.1, 30.0), timing(10.0, 12.5, 12.5)
    assert bench.disturbance([timing(1.0)], steady).startswith("quiet")
    line = bench.disturbance([timing(1.0)], unsteady)
    assert line.startswith("DISTURBED: the limit was 80 GFLOP/s in half of the rounds, 100 at the most")


def test_nothing_measured_is_an_empty_cell() -> None:
    assert (bench.shown(None), bench.shown(timing(12.345))) == ("", "12.3")


def test_boxes_outside_have_black_crops() -> None:
    """So R-Net says the same of all of them, and something else of a box inside."""
    core = NativeEngine(Weights.load().tensors, threads=1).core
    picture = np.full((50, 50, 3), 200, np.uint8)
    outputs = core.rnet(picture, bench.outside(3), False)
    assert np.ptp(outputs, axis=0).max() == 0
    inside = core.rnet(picture, np.array([[5.0, 5.0, 45.0, 45.0]]), False)
    assert np.abs(inside - outputs[0]).max() > 1e-3


@pytest.mark.parametrize(("vectors", "expected"), [(0.4, False), (3.6, True), (7.3, True), (13.0, False)])
def test_which_rates_a_core_may_have(vectors: float, expected: bool) -> None:
    assert rates.plausible(vectors) is expected


def test_stretched_pictures_have_the_size_asked_for() -> None:
    assert pnet.stretched(np.zeros((30, 20, 3), np.uint8), (12, 50)).shape == (12, 50, 3)


def test_pictures_of_a_batch_differ() -> None:
    picture = np.arange(4 * 500 * 3).reshape(4, 500, 3).astype(np.uint8)
    assert len({one.tobytes() for one in batch.pictures(picture, 5)}) == 5


def test_the_small_picture_has_no_face_and_no_window() -> None:
    engine = NativeEngine(Weights.load().tensors, threads=1)
    trace = engine.trace(small.plain_picture(small.SIDE), Settings(min_face_size=small.LEAST))
    assert sum(trace.candidates) == 0


def test_sizes_are_many_and_the_same_every_time() -> None:
    sizes = memory.sizes(1080, 1920)
    assert sizes == memory.sizes(1080, 1920)
    assert len(set(sizes)) == memory.KINDS == 200
    assert all(40 <= height < 540 and 40 <= width < 960 for height, width in sizes)


def test_memory_in_use_is_read_from_the_systems_page(tmp_path: Path) -> None:
    page = tmp_path / "status"
    page.write_text("Name:\tpython\nVmHWM:\t   4096 kB\nVmRSS:\t   1234 kB\n")
    assert (memory.resident("VmRSS", page), memory.resident("VmHWM", page)) == (1234, 4096)


def test_a_missing_prototype_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "pnet.cpp").touch()
    assert "ro.cpp, glue.cpp not in" in (prototype.missing(tmp_path) or "")
    for name in prototype.SOURCES:
        (tmp_path / name).touch()
    assert prototype.missing(tmp_path) is None


def test_the_prototype_says_what_the_core_says(group: np.ndarray) -> None:
    """Otherwise it would be no rival: as many windows, and R-Net's and O-Net's numbers on black crops."""
    if (reason := prototype.missing()) is not None:
        pytest.skip(reason)
    if "avx2" not in instruction_sets():
        pytest.skip("the prototype needs AVX2")
    tensors = Weights.load().tensors
    rival = prototype.Prototype(tensors, lanes=16 if "avx512" in instruction_sets() else 8)
    engine = NativeEngine(tensors, threads=1)
    probability, _ = engine.core.pnet(group)
    assert len(rival.pnet([group], logit=0.5, threads=1)) == pytest.approx((probability >= 0.6225).sum(), abs=3)
    for side, run in ((24, engine.core.rnet), (48, engine.core.onet)):
        theirs = rival.patch(np.zeros((5, side, side, 3), np.uint8), threads=1)
        theirs[:, 0] = 1 / (1 + np.exp(-theirs[:, 0]))
        assert np.abs(theirs - run(group, bench.outside(5), False)).max() < 1e-4


def test_a_compiler_that_is_not_there_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(SystemExit, match="expected a C\\+\\+ compiler, found none of no-such-compiler"):
        compiler()


@pytest.mark.parametrize("program", ["limit", "growth", "regress"])
def test_help_and_unknown_arguments(program: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{program}"]
    assert (
        f"benchmarks.{program}"
        in subprocess.run([*command, "--help"], cwd=ROOT, check=True, text=True, stdout=-1).stdout
    )
    wrong = subprocess.run([*command, "nothing"], cwd=ROOT, check=False, text=True, stderr=-1)
    assert wrong.returncode == 2
    assert "nothing" in wrong.stderr

"""Comparisons with a target: what is held against it, and when the faces are the same."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.data import within
from benchmarks.peers import process, targets
from benchmarks.peers.comparison import times
from benchmarks.peers.measured import Plan, Result, disturbance, in_common, measure, started
from benchmarks.peers.peer import Options
from benchmarks.peers.rounds import Timing
from facecascade.faces import Faces

PLAN = Plan(rounds=7, warm_up=0, rest=0)


def result(name: str, *, ours: float, others: float, faces: int = 2, common: int = 2) -> Result:
    timing = Timing((others,) * 7, 0.0, faces)
    timings = {"facecascade": Timing((ours,) * 7, 0.0, 2)} | dict.fromkeys(targets.MIDDLE, timing)
    return Result(name, 640, 480, timings, {"facecascade": 2} | dict.fromkeys(targets.MIDDLE, common))


def test_a_row_names_both_times_and_judges_the_ratio() -> None:
    row = targets._row(result("720p", ours=0.01, others=0.125), "facenet_pytorch", 20, 12)
    assert row[0] == "720p, 640 x 480"
    assert row[3:] == ("2 / 2, 2", "125", "10", "12.5", "12", "ok")
    assert targets._row(result("720p", ours=0.01, others=0.119), "facenet_pytorch", 20, 12)[-1] == "MISSED"


def test_the_least_and_the_median_over_photos() -> None:
    some = [result("a", ours=1, others=8), result("b", ours=1, others=11), result("c", ours=1, others=13)]
    text = " ".join(targets._over_photos(some).split())
    assert "| facenet-pytorch | least, a | 8 | 7 | ok |" in text
    assert "| facenet-pytorch | median | 11 | 10 | ok |" in text
    assert "| mtcnn 1.0.0 | median | 11 | 12 | MISSED |" in text
    assert "| mtcnn 1.0.0 | least, a | 8 | | |" in text


@pytest.mark.parametrize(("common", "judged"), [(20, "ok"), (19, "ok"), (18, "MISSED")])
def test_the_same_faces(common: int, judged: str) -> None:
    some = [result("a", ours=1, others=9, faces=20, common=common)]
    assert targets._common(some, "mtcnn_1_0_0") == (
        *("mtcnn 1.0.0", "20", "2", str(common)),
        *(f"{5 * common}%", "95%", judged, "0 of 1"),
    )


def test_faces_in_common_are_counted_once() -> None:
    one = Faces(np.array([[0, 0, 10, 10]], np.float32), np.array([0.9], np.float32))
    two = Faces(np.array([[0, 0, 10, 10], [0, 0, 10, 9]], np.float32), np.array([0.9, 0.8], np.float32))
    assert in_common(one, two) == 1
    assert in_common(two, two) == 2
    assert in_common(Faces.empty(), two) == 0


def test_a_busy_machine_is_said() -> None:
    quiet = result("a", ours=1, others=9)
    busy = replace(quiet, timings={"facecascade": Timing((1.0,) * 7, 0.2, 2)})
    assert disturbance([quiet]).startswith("Quiet: ")
    assert disturbance([quiet, busy]).startswith("WARNING: others took cores away (20% waiting")


def test_measuring_this_package_alone() -> None:
    with started(["facecascade"], Options(threads=1)) as clients:
        found = measure(clients, "grey", np.full((40, 60, 3), 90, np.uint8), plan=PLAN)
    assert (found.width, found.height, found.common) == (60, 40, {"facecascade": 0})
    assert found.ratio("facecascade") == 1
    assert "| grey, 60 x 40 |" in times([found])


@pytest.mark.parametrize(
    ("shape", "fitted"), [((1000, 2000), (320, 640)), ((2000, 1000), (640, 320)), ((100, 100), (480, 480))]
)
def test_a_photo_fits_into_vga(shape: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert within(np.zeros((*shape, 3), np.uint8), (640, 480)).shape == (*fitted, 3)


def test_a_process_is_timed_and_its_memory_is_its_own(tmp_path: Path) -> None:
    """Not that of the one that started it, which holds 200 MB more here."""
    held = np.ones(200_000_000, np.uint8)
    done = process.run([sys.executable, "-I", "-S", "-c", "import time; time.sleep(.1)"], {})
    assert held.all()
    assert done.seconds >= 0.1
    assert 2 < done.megabytes < 100


def test_a_process_that_fails_is_an_error() -> None:
    with pytest.raises(SystemExit, match="expected success, got exit code 3"):
        process.run([sys.executable, "-c", "import sys; sys.exit(3)"], {})


def test_the_sections_need_a_data_folder(tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "x.png")
    with pytest.raises(FileNotFoundError):
        process.report(tmp_path, rounds=1, threads=1)

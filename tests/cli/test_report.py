from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest

from facecascade.cli.report import NOTHING_FOUND, Report, one_line
from facecascade.errors import ImageError
from facecascade.extract import Detected, Unreadable
from facecascade.faces import Faces


def read(faces: int) -> Detected:
    found = Faces(np.zeros((faces, 4), np.float32), np.ones(faces, np.float32))
    return Detected(Path("a.jpg"), np.zeros((4, 4, 3), np.uint8), found)


def test_counts_and_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(4)
    with report.progress():
        for outcome in (read(2), Unreadable("b.jpg", ImageError("b.jpg: broken")), read(0)):
            report.count(outcome)
    assert report.finish(interrupted=False) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "facecascade: b.jpg: broken"
    assert re.fullmatch(r"facecascade: 2 pictures, 2 faces, 1 unreadable in \d+\.\d s, \S+ pictures/s", lines[1])


def test_all_well(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(1)
    report.count(read(1))
    assert report.finish() == 0
    assert "1 picture, 1 face in" in capsys.readouterr().err


def test_interrupted_says_how_far_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(10)
    report.count(read(1))
    report.count(Unreadable("b.jpg", ImageError("b.jpg: broken")))
    assert report.finish(interrupted=True) == 130
    assert "interrupted after 2 of 10 pictures: 1 picture, 1 face, 1 unreadable" in capsys.readouterr().err


def test_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert Report(0).finish() == 0
    assert capsys.readouterr().err == f"facecascade: {NOTHING_FOUND}\n"


def test_no_bar_where_nobody_sees_it(capsys: pytest.CaptureFixture[str]) -> None:
    with Report(100).progress():
        pass
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ImageError("a.jpg: broken\n  in two lines"), "a.jpg: broken in two lines"),
        (ImageError(""), "ImageError"),
        (OSError(28, "No space left on device", "faces.csv"), "faces.csv: No space left on device"),
        (OSError(28, "No space left on device"), "output: No space left on device"),
        (OSError("odd"), "odd"),
        (ImageError(os.fsdecode(b"\xff.jpg")), "\\udcff.jpg"),
    ],
)
def test_errors_fit_on_a_line(error: Exception, line: str) -> None:
    assert one_line(error) == line

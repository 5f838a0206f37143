from __future__ import annotations

import os

import numpy as np
import pytest

from facecascade.cli.table import TableWriter
from facecascade.errors import ImageError
from facecascade.faces import Faces


def test_one_row_a_face(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    boxes = np.array([[1.25, 2, 30.77, 40], [5, 6, 70, 80]], np.float32)
    with TableWriter() as table:
        table.write("a.jpg", Faces(boxes, np.array([0.99951, 0.7], np.float32)), width=640, height=480)
        table.write("none.jpg", Faces.empty(), width=5, height=6)
        table.write_error("bad.jpg", ImageError("bad.jpg: broken"))
        assert capsys.readouterr().out == "", "columns are as wide as all rows need"
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == ["Picture", "Size", "Face", "x1", "y1", "x2", "y2", "Score"]
    assert lines[2:] == [
        ["a.jpg", "640", "x", "480", "0", "1.2", "2.0", "30.8", "40.0", "1.000"],
        ["1", "5.0", "6.0", "70.0", "80.0", "0.700"],
        ["none.jpg", "5", "x", "6", "none"],
        ["bad.jpg", "unreadable"],
    ]


@pytest.mark.parametrize("name", ["[red]x[/red].jpg", "[/].jpg", os.fsdecode(b"\xff.jpg"), "名.jpg"])
def test_names_are_no_markup(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with TableWriter() as table:
        table.write(name, Faces.empty(), width=5, height=6)
    assert name.encode("utf-8", "backslashreplace").decode() in capsys.readouterr().out


def test_nothing_is_printed_for_nothing_or_after_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with TableWriter():
        pass
    with pytest.raises(KeyboardInterrupt), TableWriter() as table:  # noqa: PT012
        table.write("a.jpg", Faces.empty(), width=5, height=6)
        raise KeyboardInterrupt
    assert capsys.readouterr().out == ""

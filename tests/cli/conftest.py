"""Pictures that the tests of commands work on."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.painted import Painted, paint

import facecascade.detector


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """a.jpg with two faces, b.png with none, sub/a.png with one, below the current folder; `Painted` finds them."""
    monkeypatch.setattr(facecascade.detector, "MTCNN", Painted)
    monkeypatch.chdir(tmp_path)
    paint(tmp_path / "photos" / "a.jpg", 2)
    paint(tmp_path / "photos" / "b.png", 0)
    paint(tmp_path / "photos" / "sub" / "a.png", 1)
    return Path("photos")

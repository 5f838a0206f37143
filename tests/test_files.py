"""Files and folders that are written beside their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecascade.files import beside


def test_a_file_takes_its_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "model.keras"
    target.write_text("older")
    with beside(target) as aside:
        assert aside.name == target.name
        aside.write_text("newer")
        assert target.read_text() == "older"
    assert target.read_text() == "newer"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_does_too(tmp_path: Path) -> None:
    with beside(tmp_path / "model") as aside:
        aside.mkdir()
        (aside / "part").write_text("whole")
    assert (tmp_path / "model" / "part").read_text() == "whole"
    assert len(list(tmp_path.iterdir())) == 1


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "model.keras"
    target.write_text("older")
    with pytest.raises(RuntimeError, match="halfway"):
        _stop_halfway(target)
    assert target.read_text() == "older"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"), beside(tmp_path / "missing" / "model"):
        pass
    assert list(tmp_path.iterdir()) == []


def _stop_halfway(target: Path) -> None:
    with beside(target) as aside:
        aside.write_text("newer")
        raise RuntimeError("halfway")

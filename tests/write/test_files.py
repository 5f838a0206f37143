from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from facecascade.write.files import AtomicText


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_on_commit(tmp_path: Path) -> None:
    text = AtomicText(tmp_path / "new" / "x.txt")
    text.stream.write("é")
    assert not (tmp_path / "new" / "x.txt").exists()
    text.commit()
    assert (tmp_path / "new" / "x.txt").read_bytes() == "é".encode()
    assert names_in(tmp_path / "new") == ["x.txt"]


def test_lines_end_as_written_on_any_system(tmp_path: Path) -> None:
    text = AtomicText(tmp_path / "x.txt")
    text.stream.write("a\nb\r\n")
    text.commit()
    assert (tmp_path / "x.txt").read_bytes() == b"a\nb\r\n"


def test_discard_leaves_the_older_file(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("old")
    text = AtomicText(tmp_path / "x.txt")
    text.stream.write("new")
    text.discard()
    assert (tmp_path / "x.txt").read_text() == "old"
    assert names_in(tmp_path) == ["x.txt"]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "real" / "x.txt")
    text = AtomicText(tmp_path / "link.txt")
    text.stream.write("new")
    text.commit()
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real" / "x.txt").read_text() == "new"


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    text = AtomicText(pipe)
    text.stream.write("through")
    text.commit()
    reader.join(timeout=10)
    assert received == ["through"]
    assert pipe.is_fifo()


def test_a_folder_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="expected a file to write, got a folder"):
        AtomicText(tmp_path)


def test_a_folder_that_came_meanwhile_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    text = AtomicText(tmp_path / "x.txt")
    (tmp_path / "x.txt").mkdir()
    with pytest.raises(OSError):  # noqa: PT011  # which one is the system's choice
        text.commit()
    assert names_in(tmp_path) == ["x.txt"]


def test_a_read_only_folder_is_an_error_before_any_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(PermissionError, match=r"x\.txt"):
        AtomicText(tmp_path / "x.txt")


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError):  # noqa: PT011  # which one is the system's choice
        AtomicText(tmp_path / "file" / "x.txt")

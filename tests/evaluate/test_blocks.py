"""The text form of WIDER FACE and FDDB, whole and broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecascade.errors import AnnotationError
from facecascade.evaluate.blocks import read_blocks


def read(tmp_path: Path, text: str) -> dict[str, list[list[float]]]:
    (tmp_path / "f.txt").write_text(text, encoding="utf-8")
    return {block.name: block.rows.tolist() for block in read_blocks(tmp_path / "f.txt")}


def test_names_counts_and_rows(tmp_path: Path) -> None:
    text = "a b/1.jpg\n2\n1 2 3 4\n5 6 7 8.5 \n\nb/2.jpg\n0\nb/3.jpg\n1\n-1,2,3,4\n"
    assert read(tmp_path, text) == {
        "a b/1.jpg": [[1, 2, 3, 4], [5, 6, 7, 8.5]],
        "b/2.jpg": [],
        "b/3.jpg": [[-1, 2, 3, 4]],
    }


def test_the_row_of_zeros_after_a_count_of_0_is_skipped(tmp_path: Path) -> None:
    text = "a.jpg\n0\n0 0 0 0 0 0 0 0 0 0 \nb.jpg\n1\n1 2 3 4 0 0 0 0 0 0\nc.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n"
    assert {name: len(rows) for name, rows in read(tmp_path, text).items()} == {"a.jpg": 0, "b.jpg": 1, "c.jpg": 0}


def test_an_empty_file_has_no_blocks(tmp_path: Path) -> None:
    assert read(tmp_path, "\n\n") == {}


def test_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffa.jpg\r\n1\r\n1 2 3 4\r\n") == {"a.jpg": [[1, 2, 3, 4]]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.jpg\nb.jpg\n", "line 2: expected a number of faces, got 'b.jpg'"),
        ("a.jpg\n-1\n", "line 2: expected a number of faces"),
        ("a.jpg\n2\n1 2 3 4\n", "expected 2 rows for 'a.jpg', got 1"),
        ("a.jpg\n1\nx 2 3 4\n", "line 3: expected numbers, got 'x 2 3 4'"),
        ("a.jpg\n1\nnan 2 3 4\n", "line 3: expected finite numbers"),
        ("a.jpg\n2\n1 2 3 4\n1 2 3\n", "line 3: expected rows of one length"),
        ("a.jpg\n", "expected the number of faces of 'a.jpg', got the end"),
    ],
)
def test_a_broken_file_is_named_with_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AnnotationError, match=rf"f\.txt.*{message}"):
        read(tmp_path, text)


def test_a_missing_file_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"none\.txt: expected a text file"):
        list(read_blocks(tmp_path / "none.txt"))
    (tmp_path / "f.txt").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(AnnotationError, match=r"f\.txt: expected a text file"):
        list(read_blocks(tmp_path / "f.txt"))

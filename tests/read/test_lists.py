"""Lists of paths."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.read.lists import CHUNK, listed_paths


def paths(data: bytes, folder: str = "") -> list[str]:
    return list(listed_paths(io.BytesIO(data), folder=folder))


def test_one_path_a_line() -> None:
    assert paths(b"a.jpg\r\n\n  \nsub/b c.jpg\n./d.jpg", "photos") == [
        "photos/a.jpg",
        "photos/sub/b c.jpg",
        "photos/d.jpg",
    ]


def test_zero_bytes_between_paths_keep_line_ends() -> None:
    assert paths(b"two\nlines.jpg\0/abs/b.jpg\0", "photos") == ["photos/two\nlines.jpg", "/abs/b.jpg"]


def test_the_mark_of_windows_editors_is_no_part_of_a_name() -> None:
    assert paths(b"\xef\xbb\xbfa.jpg\r\n") == ["a.jpg"]


def test_names_that_are_no_utf_8() -> None:
    assert paths(b"\xff.jpg\n") == [os.fsdecode(b"\xff.jpg")]


def test_nothing() -> None:
    assert paths(b"") == paths(b"\n\n") == []


@pytest.mark.parametrize("separator", [b"\n", b"\0"])
def test_long_lists_come_whole(separator: bytes) -> None:
    names = [f"{number:050d}.jpg" for number in range(5000)]
    assert paths(separator.join(name.encode() for name in names)) == names


@given(st.lists(st.text(st.characters(blacklist_characters="\0\n\r", blacklist_categories=["Cs"]), min_size=1)))
def test_whatever_is_listed_comes_back(names: list[str]) -> None:
    names = [f"d{name.replace('/', '')}" for name in names]
    assert paths("\n".join(names).encode()) == names


def test_what_is_no_list_is_said() -> None:
    with pytest.raises(ValueError, match="expected paths of at most 65536 bytes, one a line, got a longer one"):
        paths(b"x" * (2 * CHUNK + 1))

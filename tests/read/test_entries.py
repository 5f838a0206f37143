"""Ids, and entries as a person reads them."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facecascade.errors import ImageError
from facecascade.read import Entry, printable, read_ahead, read_picture
from facecascade.read.entries import error_entry, file_entry, reason

PATHS = st.text(st.one_of(st.characters(), st.sampled_from("\\x0a\nu2028\u2028\udcff\x85/.")), max_size=12)


@given(PATHS, PATHS)
def test_different_paths_have_different_ids(one: str, two: str) -> None:
    assert (printable(one) == printable(two)) == (one == two)


@given(PATHS)
def test_ids_are_one_line_of_utf_8(path: str) -> None:
    shown = printable(path)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert len(shown.splitlines()) <= 1
    assert "\0" not in shown


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("photos/a b.jpg", "photos/a b.jpg"),
        ("名前 é/👩‍🚀.jpg", "名前 é/👩‍🚀.jpg"),
        ("two\nlines\t.jpg", r"two\x0alines\x09.jpg"),
        ("\udcff.jpg", r"\xff.jpg"),
        ("\x85\u2028.jpg", r"\u0085\u2028.jpg"),
        (r"a\x0a.jpg", r"a\\x0a.jpg"),
    ],
)
def test_what_ids_look_like(path: str, shown: str) -> None:
    assert printable(path) == shown


def test_a_file_is_read_and_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (5, 4), (1, 2, 3)).save(path)
    entry = file_entry(str(path))
    assert (entry.id, entry.kind, entry.container, entry.time) == (str(path), "picture", None, None)
    assert Path(entry) == path
    assert entry.read().shape == (4, 5, 3)
    assert read_picture(entry)[0, 0].tolist() == [1, 2, 3]
    with entry.open() as file:
        assert file.read() == path.read_bytes()
    with pytest.raises(ImageError, match=r"a\.png: expected at most 19 pixels, got 5 x 4"):
        read_picture(entry, max_pixels=19)


def test_a_file_is_named_by_its_id_where_it_cannot_be_read(tmp_path: Path) -> None:
    entry = file_entry(str(tmp_path / "no\nfile.jpg"))
    with pytest.raises(ImageError, match=r"no\\x0afile\.jpg: expected a file that can be read, got: No such file"):
        entry.read()
    with pytest.raises(ImageError, match="expected a file that can be read"):
        file_entry("a\0b.jpg").open()


@pytest.mark.parametrize(("kind", "what"), [("zip", "an archive"), ("tar", "an archive"), ("video", "a video")])
def test_what_holds_pictures_is_none(kind: str, what: str) -> None:
    with pytest.raises(ImageError, match=rf"x: expected a picture, got {what}; expand\(\) gives what is in it"):
        file_entry("x", kind=kind).read()  # type: ignore[arg-type]


def test_an_error_has_the_id_and_its_cause() -> None:
    cause = OSError("no")
    entry = error_entry("fol\nder", "expected one thing, got another", cause=cause)
    for _ in range(2):
        with pytest.raises(ImageError, match=r"fol\\x0ader: expected one thing, got another") as caught:
            entry.read()
        assert caught.value.__cause__ is cause
    (result,) = read_ahead([entry], threads=1, depth=1)
    assert (result.source, result.pixels) == (entry, None)


def test_what_an_error_says() -> None:
    assert reason(OSError(2, "No such file", "x")) == "No such file"
    assert reason(ValueError("bad")) == "bad"
    assert reason(EOFError()) == "EOFError"


def test_a_frame_has_pixels_and_no_file() -> None:
    pixels = np.zeros((2, 3, 3), np.uint8)
    entry = Entry("a.gif/#0", "a.gif/0", pixels=lambda _: pixels)
    assert entry.read() is pixels
    with pytest.raises(ImageError, match="expected a picture with a file of its own, got a frame"):
        entry.open()


def test_entries_are_equal_by_id_and_files_can_be_pickled() -> None:
    entry = file_entry("a.jpg")
    assert entry == Entry("a.jpg", "elsewhere", opener=io.BytesIO)
    assert len({entry, file_entry("a.jpg"), file_entry("b.jpg")}) == 2
    assert pickle.loads(pickle.dumps(entry)) == entry
    with pytest.raises(AttributeError):
        entry.id = "b.jpg"  # type: ignore[misc]

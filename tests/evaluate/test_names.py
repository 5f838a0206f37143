"""Names that end alike."""

from __future__ import annotations

import pytest

from facecascade.errors import AnnotationError
from facecascade.evaluate.names import pair_names


@pytest.mark.parametrize(
    ("name", "marked"),
    [
        ("photos/0--Parade/0_1.jpg", "0--Parade/0_1.jpg"),
        ("photos/0--Parade/0_1.jpg", "0--Parade/0_1"),
        ("/data/x/0_1.JPEG", "images/0_1.png"),
        ("C:\\data\\images\\0_1.jpg", "images/0_1"),
        ("./0_1.txt", "0--Parade/0_1"),
        ("0_1", "a/b/0_1"),
        ("2002/08/11/big/img_591", "2002/08/11/big/img_591"),
        ("v1.2/photo.tar", "photo.tar"),
    ],
)
def test_these_belong_together(name: str, marked: str) -> None:
    assert pair_names([name], [marked]) == {marked: name}


@pytest.mark.parametrize(("name", "marked"), [("a/0_2.jpg", "a/0_1.jpg"), ("x0_1.jpg", "0_1.jpg"), ("a.b", "a.c")])
def test_these_do_not(name: str, marked: str) -> None:
    assert pair_names([name], [marked]) == {}


def test_folders_tell_pictures_of_one_name_apart() -> None:
    marked = ["2002/07/19/big/img_1", "2002/07/20/big/img_1"]
    assert pair_names(["pics/2002/07/20/big/img_1.jpg", "pics/2002/07/19/big/img_1.jpg"], marked) == {
        marked[0]: "pics/2002/07/19/big/img_1.jpg",
        marked[1]: "pics/2002/07/20/big/img_1.jpg",
    }


def test_the_order_is_that_of_the_annotations() -> None:
    assert list(pair_names(["b.jpg", "a.jpg", "extra.jpg"], ["a", "b", "c"])) == ["a", "b"]


def test_a_name_that_fits_two_marked_pictures_is_an_error() -> None:
    with pytest.raises(AnnotationError, match=r"one marked picture for 'big/img_1.jpg', got 2, such as '19/big/img_1'"):
        pair_names(["big/img_1.jpg"], ["19/big/img_1", "20/big/img_1"])


def test_the_longer_ending_wins() -> None:
    assert pair_names(["drawn/1.png", "images/1.jpg", "1.jpg"], ["images/1.jpg"]) == {"images/1.jpg": "images/1.jpg"}


def test_two_names_for_one_marked_picture_are_an_error() -> None:
    with pytest.raises(AnnotationError, match=r"'a/1.jpg' and 'b/1.jpg'"):
        pair_names(["a/1.jpg", "b/1.jpg"], ["1"])

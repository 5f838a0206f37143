"""What is measured of the service: attacks are what they say, and answers are judged."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from benchmarks.service.attackers import Tally
from benchmarks.service.attacks import ATTACKS, BOMB, JPEG, PNG, SCANS, post
from benchmarks.service.clients import Told, request_of
from benchmarks.service.throughput import _costs
from facecascade import read_picture
from facecascade.errors import ImageError
from facecascade.serve.formats import passes

PROBLEM = b"HTTP/1.1 %d Wrong\r\ncontent-type: application/problem+json\r\n\r\n%s"


def test_pictures_that_are_cut_are_whole_before() -> None:
    assert read_picture(JPEG).shape == read_picture(PNG).shape == (160, 160, 3)


def test_the_bomb_is_a_small_file_of_very_many_pixels() -> None:
    assert len(BOMB) < 1_000_000
    Image.MAX_IMAGE_PIXELS, before = None, Image.MAX_IMAGE_PIXELS
    try:
        with Image.open(io.BytesIO(BOMB)) as image:
            assert image.size == (40_000, 40_000)
    finally:
        Image.MAX_IMAGE_PIXELS = before
    with pytest.raises(ImageError, match="at most"):
        read_picture(BOMB)


def test_the_endless_jpeg_has_scans_without_end() -> None:
    assert passes(SCANS, "jpeg") > 100_000


def test_requests_are_well_formed() -> None:
    assert post(b"abc").endswith(b"Content-Length: 3\r\n\r\nabc")
    assert b"Content-Length: 99\r\n\r\n" in post(b"abc", length=99)
    assert request_of(b"abc", "a=b").startswith(b"POST /v1/detect?a=b HTTP/1.1\r\n")


@pytest.mark.parametrize("name", [name for name in ATTACKS if name != "aborted"])
def test_a_right_answer_is_a_4xx_with_a_reason(name: str) -> None:
    right = min(ATTACKS[name].statuses)
    for status, body, wrong in (
        (right, b'{"detail": "why"}', 0),
        (right, b'{"detail": ""}', 1),
        (200, b'{"detail": "why"}', 1),
        (500, b'{"detail": "why"}', 1),
    ):
        tally = Tally()
        tally.answer(name, PROBLEM % (status, body))
        told = tally.to_dict()
        assert told["wrong"].get(name, {"count": 0})["count"] == wrong
        assert told["statuses"][name] == {str(status): 1}


def test_a_load_that_is_answered_wrongly_is_counted() -> None:
    told = Told({})
    right = b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n"
    for picture, answer in (
        (0, right + b"a"),
        (0, right + b"a"),
        (0, right + b"b"),
        (1, right + b"b"),
        (1, b"HTTP/1.1 503 "),
    ):
        told.answer(picture, answer, 0.1)
    assert (len(told.seconds), told.wrong) == (5, 2)


def test_costs_are_those_of_one_picture() -> None:
    turn = {"api": {"cpu": 1.0, "count": 100}, "service": {"server_cpu": 2.0, "cpu": 0.5, "count": 200}}
    assert _costs([turn, turn]) == pytest.approx(0.8)

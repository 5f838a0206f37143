"""Forms: what httpx writes is read back, and what is broken is told."""

from __future__ import annotations

import time
from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecascade.serve.multipart import FilePart, files_of
from facecascade.serve.problems import Problem

KIND = "multipart/form-data; boundary=b"


def read(body: bytes, *, most: int = 100, kind: str = KIND) -> list[FilePart]:
    return files_of(kind, body, field="pictures", most=most)


def part(data: bytes, disposition: bytes = b'form-data; name="pictures"') -> bytes:
    return b"--b\r\nContent-Disposition: " + disposition + b"\r\n\r\n" + data + b"\r\n"


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\%"), min_size=1, max_size=30)
DATA = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from([b"\r\n", b"--", b"b", b"-"])).map(b"".join))


@given(st.lists(st.tuples(NAMES, DATA), min_size=1, max_size=6))
def test_files_come_back_as_they_were(pictures: list[tuple[str, bytes]]) -> None:
    request = httpx.Request("POST", "http://x/", files=[("pictures", picture) for picture in pictures])
    request.read()
    found = read(request.content, kind=request.headers["content-type"])
    assert [one.data for one in found] == [data for _, data in pictures]
    assert [one.name for one in found] == [name for name, _ in pictures]


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(body: bytes) -> None:
    for prefix in (b"", b"--b", part(b"x")):
        with suppress(Problem):
            assert isinstance(read(prefix + body), list)


def test_what_a_form_may_have() -> None:
    assert read(part(b"x") + b"--b--") == [FilePart(None, b"x")]
    assert read(part(b"") + b"--b--\r\n") == [FilePart(None, b"")]
    assert read(b"preamble\r\n" + part(b"\r\n") + b"--b--\r\nepilogue") == [FilePart(None, b"\r\n")]
    assert read(b"--b--") == []
    assert read(b"--b  \t\r\ncontent-DISPOSITION:form-data;name=pictures;filename=a.b\r\n\r\nx\r\n--b--") == [
        FilePart("a.b", b"x")
    ]
    named = part(b"x", b'form-data; name="pictures"; filename="a %22b%22.png"')
    assert read(named + b"--b--") == [FilePart('a "b".png', b"x")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"--b",
        b"--b\r\n",
        b"--bad\r\n",
        part(b"x"),
        part(b"x") + b"--b",
        b"--b\r\nno headers\r\n--b--",
        b"--b\r\n\r\nno name\r\n--b--",
        part(b"x", b'form-data; name="other"') + b"--b--",
        b"--b\r\n" + b"X: y\r\n" * 9 + b"\r\nx\r\n--b--",
        b"--b\r\nX: " + b"y" * 5000 + b"\r\n\r\nx\r\n--b--",
    ],
)
def test_what_is_broken_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        read(body)
    assert caught.value.status == 400


def test_more_parts_than_there_may_be_are_refused() -> None:
    assert len(read(5 * part(b"x") + b"--b--", most=5)) == 5
    with pytest.raises(Problem) as caught:
        read(6 * part(b"x") + b"--b--", most=5)
    assert caught.value.status == 413


@pytest.mark.parametrize("piece", [b"\r\n", b"\r\n--", b"\r", b"-", b"\r\n--a"])
def test_bodies_full_of_half_boundaries_take_no_longer(piece: bytes) -> None:
    data = piece * (8_000_000 // len(piece))
    started = time.process_time()
    assert read(part(data) + b"--b--")[0].data == data
    assert time.process_time() - started < 1

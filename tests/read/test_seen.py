"""A set of texts in few bytes."""

from __future__ import annotations

import pytest

from facecascade.read import seen
from facecascade.read.seen import Seen


def test_each_text_is_new_once() -> None:
    some = Seen()
    assert [some.add(text) for text in ("a", "b", "a", "", "", "\udcff", "\udcff")] == [1, 1, 0, 1, 0, 1, 0]


def test_many_texts_across_the_sorted_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "RECENT", 64)
    some = Seen()
    assert all(some.add(f"photo {number}") for number in range(1000))
    assert not any(some.add(f"photo {number}") for number in range(1000))
    assert some.add("photo 1000")


def test_digests_that_end_in_zeros_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = {"a": b"x" + bytes(15), "b": b"xy" + bytes(14), "c": bytes(16), "d": bytes(15) + b"x"}
    monkeypatch.setattr(seen, "RECENT", 1)

    class Fixed:
        def __init__(self, text: bytes, **_: int) -> None:
            self._text = text.decode()

        def digest(self) -> bytes:
            return digests[self._text]

    monkeypatch.setattr(seen, "blake2b", Fixed)
    some = Seen()
    assert [some.add(text) for text in "abcd"] == [True] * 4
    assert [some.add(text) for text in "abcd"] == [False] * 4

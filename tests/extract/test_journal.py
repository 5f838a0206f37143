"""The journal: which files it says are done, whatever lies between them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecascade.extract.journal import MOST_ASKED, MOST_PASSED, Journal, Run
from facecascade.extract.record import NO_FACES, Record, Stamp

MANY = MOST_PASSED * MOST_ASKED + 7
"""Files of one folder that no walk from a file before them to one behind them may pass."""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path) as journal:
        journal.begin(Run({}, "facecascade", "0"), started="2024-05-31T18:20:01+00:00")
        yield journal


def stamp(number: int) -> Stamp:
    return Stamp(number, 1_700_000_000_000_000_000 + number)


def fill(journal: Journal, keys: list[str], *, error: str | None = None) -> dict[str, Stamp | None]:
    """Adds pictures, and returns the stamps they have."""
    stamps = {key: stamp(number) for number, key in enumerate(keys)}
    with journal.together():
        for key, own in stamps.items():
            journal.add(Record(key=key, path=key, stamp=own, faces=NO_FACES, error=error), suffix="jpg")
    return dict(stamps)


def test_what_has_its_stamp_is_done_and_nothing_else(journal: Journal) -> None:
    stamps = fill(journal, [f"{number:04d}.jpg" for number in range(1000)])
    larger, newer, none = "0003.jpg", "0300.jpg", "0999.jpg"
    asked = stamps | {
        larger: Stamp(4, stamp(3).mtime),
        newer: Stamp(300, stamp(301).mtime),
        none: None,
        "0500.jpeg": stamp(500),
        "": stamp(0),
        "\U0001f600.jpg": stamp(1),
    }
    assert journal.done(asked) == stamps.keys() - {larger, newer, none}
    assert journal.done({}) == frozenset()


def test_a_large_folder_between_two_files_hides_neither(journal: Journal) -> None:
    inside = fill(journal, [f"b/{number:06d}.jpg" for number in range(MANY)])
    around = fill(journal, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    assert journal.done(around) == around.keys()
    assert journal.done(inside) == inside.keys()
    assert journal.done({"a.jpg": stamp(0), "c.jpg": stamp(1), "d.jpg": stamp(3)}) == {"a.jpg", "d.jpg"}


def test_the_order_in_which_files_are_asked_for_is_of_no_account(journal: Journal) -> None:
    stamps = fill(journal, [f"{number % 7}/{number:05d}é\uffff\U0001f600.jpg" for number in range(3000)])
    keys = list(stamps)
    random.Random(1).shuffle(keys)
    assert journal.done({key: stamps[key] for key in keys}) == stamps.keys()
    some = keys[::13]
    assert journal.done({key: stamps[key] for key in some}) == set(some)


def test_what_could_not_be_read_is_done_unless_it_is_tried_again(journal: Journal) -> None:
    broken = fill(journal, [f"b{number}.jpg" for number in range(MANY)], error="expected a picture")
    whole = fill(journal, ["a.jpg", "c.jpg"])
    assert journal.done(broken | whole) == broken.keys() | whole.keys()
    assert journal.done(broken | whole, but_errors=True) == whole.keys()


def test_archives_are_done_by_their_own_stamp(journal: Journal) -> None:
    fill(journal, ["a.zip/1.jpg", "b.jpg"])
    journal.add_container("a.zip", stamp(5))
    assert journal.done({"a.zip": stamp(5), "b.jpg": stamp(1)}) == {"a.zip", "b.jpg"}
    assert journal.done({"a.zip": stamp(6), "b.jpg": stamp(1)}) == {"b.jpg"}
    assert journal.done({"a.zip": stamp(5)}, but_errors=True) == frozenset()


def test_a_file_that_was_missing_is_not_done(journal: Journal) -> None:
    journal.add(Record(key="a.jpg", path="a.jpg", stamp=None, faces=NO_FACES, error="expected a file"), suffix="jpg")
    assert journal.done({"a.jpg": None}) == journal.done({"a.jpg": stamp(0)}) == frozenset()

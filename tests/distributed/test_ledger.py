"""What tries of a unit leave for the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecascade.distributed.ledger import Ledger
from facecascade.distributed.parts import Container
from facecascade.distributed.places import Place
from facecascade.extract.record import NO_FACES, Record, Stamp

STAMP = Stamp(3, 4)


def record(key: str) -> Record:
    return Record(key=key, path=key, stamp=STAMP, faces=NO_FACES, width=5, height=6)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def again(place: Place) -> Ledger:
    return Ledger(place, unit="run/1", known={})


def test_the_first_try_is_quick_and_the_second_careful(place: Place) -> None:
    assert not again(place).is_careful
    assert again(place).is_careful
    assert not Ledger(place, unit="run/2", known={}).is_careful


def test_what_is_kept_is_done_for_the_next_try(place: Place) -> None:
    first = again(place)
    first.add_container("z.zip", STAMP)
    first.keep([record("a"), record("b")])
    second = again(place)
    assert [one.key for one in second.kept] == ["a", "b", "z.zip"]
    assert second.kept[2] == Container("z.zip", STAMP)
    assert second.done({"a": STAMP, "b": Stamp(9, 9), "c": STAMP, "z.zip": STAMP, "d": None}) == {"a", "z.zip"}
    assert not second.is_done


def test_a_unit_that_is_done_is_not_done_again(place: Place) -> None:
    again(place).keep([record("a")])
    again(place).keep([], end=True)
    third = again(place)
    assert third.is_done
    assert [one.key for one in third.kept] == ["a"]


def test_what_earlier_runs_have_done_of_an_archive_is_done(place: Place) -> None:
    assert Ledger(place, unit="run/1", known={"z.zip/a": STAMP}).done({"z.zip/a": STAMP}) == {"z.zip/a"}


def test_the_last_mark_of_a_try_tells_what_ended_it(place: Place) -> None:
    again(place)
    second = again(place)
    second.mark("a")
    second.keep([record("a")])
    second.mark("b")
    third = again(place)
    assert (third.tries("a"), third.tries("b")) == (0, 1)
    for _ in range(2):
        again(place).mark("b")
    assert again(place).tries("b") == 3


def test_a_try_that_ended_between_two_pictures_blames_none(place: Place) -> None:
    again(place)
    second = again(place)
    second.mark("a")
    second.keep([record("a")])
    assert again(place).tries("a") == 0

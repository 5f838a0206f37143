"""Batches of files: the entries and stamps that each file by itself would have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facecascade.extract.batches import FILES, Batch, batches, batches_of
from facecascade.extract.record import Stamp
from facecascade.read import Entry, find_entries
from facecascade.read.find import find_folders


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"x" * len(name))


def found(*inputs: str) -> list[Batch]:
    return list(batches(find_folders(inputs)))


def entries(some: list[Batch]) -> list[Entry]:
    return [entry for batch in some for entry, _ in batch.looked()]


@pytest.mark.parametrize("inputs", [("in",), (".",), ("in/",), ("in", "in/a.jpg"), ("in/**/*.jpg",), ("in/a.jpg",)])
def test_entries_are_those_of_the_files_one_by_one(here: Path, inputs: tuple[str, ...]) -> None:
    touch("in/a.jpg", "in/b\n.jpg", "in/c\\.jpg", "in/d\udcff.jpg", "in/sub\t/é.jpg", "in/sub\t/deep/z.jpg", "in/e.zip")
    (here / "in" / "locked").symlink_to("nowhere")
    listed, alone = entries(found(*inputs)), list(find_entries(inputs))
    assert [(one.id, one.path, one.kind) for one in listed] == [(one.id, one.path, one.kind) for one in alone]


def test_stamps_are_those_of_the_files_that_links_lead_to(here: Path) -> None:
    touch("in/a.jpg", "far/away/long-name.jpg")
    os.utime("in/a.jpg", ns=(1, 1_234_567_890_123_456_789))
    os.utime("far/away/long-name.jpg", ns=(1, 987_654_321))
    Path("in/b.jpg").symlink_to(here / "far/away/long-name.jpg")
    Path("in/gone.jpg").symlink_to("nowhere.jpg")
    Path("in/round.jpg").symlink_to("round.jpg")
    (batch,) = found("in")
    assert batch.stamps == [Stamp(8, 1_234_567_890_123_456_789), Stamp(22, 987_654_321), None, None]
    assert batch.links == ["in/b.jpg", "in/gone.jpg", "in/round.jpg"]


def test_what_is_missing_or_cannot_be_listed_has_no_stamp(here: Path) -> None:
    touch("a.jpg")
    (batch,) = found("none.jpg", "a.jpg", "none/*.jpg", "\0.jpg")
    assert [stamp is None for stamp in batch.stamps] == [True, False, True, True]


def test_no_batch_is_large_and_none_is_small_without_need(here: Path) -> None:
    touch(*(f"in/{number:04d}.jpg" for number in range(2 * FILES + 3)))
    touch(*(f"in/sub{number:03d}/a.jpg" for number in range(FILES)))
    some = found("in")
    assert [len(batch) for batch in some] == [FILES, FILES, FILES, 3]
    assert len(found("in", "in/none.jpg")) == 4
    assert entries(some) == list(find_entries("in"))


def test_files_of_known_stamps(here: Path) -> None:
    looked = [(Entry(f"{number}", f"{number}"), Stamp(number, number)) for number in range(FILES + 1)]
    some = list(batches_of(looked))
    assert [len(batch) for batch in some] == [FILES, 1]
    assert [one for batch in some for one in batch.looked()] == looked

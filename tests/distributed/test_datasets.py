"""The lists at the destination, as datasets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest

from facecascade.distributed import datasets
from facecascade.distributed.datasets import COMPLETE, ERRORS, FACES, write_datasets
from facecascade.distributed.places import Place
from facecascade.extract import Journal
from facecascade.extract.journal import SUFFIX, Run
from facecascade.extract.record import FACE, NO_FACES, Record
from facecascade.extract.root import Root


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Five pictures with a face each, in no order, and two that could not be read."""
    made = Journal(tmp_path / "journal")
    made.begin(Run({}, "facecascade 1", "0" * 64), started="")
    made.tell_root(Root("/pictures", "/pictures"))
    made.tell(SUFFIX, "jpg")
    for number in (3, 1, 4, 0, 2):
        faces = np.zeros(1, FACE)
        faces["hash"] = (0x0123456789ABCDEF * (number + 1)) % (1 << 64)
        made.add(
            Record(key=f"{number}.png", path=f"{number}.png", stamp=None, faces=faces, name=f"{number}"), suffix="jpg"
        )
    for name in ("b", "a"):
        made.add(Record(key=name, path=name, stamp=None, faces=NO_FACES, error=f"{name} is broken"), suffix="jpg")
    return made


def write(journal: Journal, tmp_path: Path, *, rows: int = 1) -> Place:
    place = Place(tmp_path / "out")
    with journal:
        write_datasets(journal, place, scratch=tmp_path, best_per_track=False, rows=rows)
    return place


def test_both_lists_are_sorted_and_complete(journal: Journal, tmp_path: Path) -> None:
    place = write(journal, tmp_path)
    faces = parquet.read_table(tmp_path / "out" / FACES)
    assert faces["source"].to_pylist() == [f"/pictures/{number}.png" for number in range(5)]
    assert faces["crop"].to_pylist() == [f"{number}_00.jpg" for number in range(5)]
    assert parquet.read_table(tmp_path / "out" / ERRORS).to_pylist() == [
        {"source": f"/pictures/{name}", "error": f"{name} is broken"} for name in ("a", "b")
    ]
    assert place.has(f"{FACES}/{COMPLETE}")


def test_files_hold_whole_groups_and_those_of_before_go(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Place(tmp_path / "out")
    old.put(f"{FACES}/part-000099.parquet", b"of an earlier run")
    monkeypatch.setattr("facecascade.write.parquet.GROUP_ROWS", 1)
    monkeypatch.setattr(datasets, "GROUP_ROWS", 1)
    place = write(journal, tmp_path, rows=2)
    files = [name for name in place.names(FACES) if name.endswith(".parquet")]
    assert files == [f"{FACES}/part-{number:06d}.parquet" for number in range(3)]
    assert [parquet.read_table(tmp_path / "out" / name).num_rows for name in files] == [2, 2, 1]


def test_no_faces_and_no_errors_are_tables_too(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.begin(Run({}, "facecascade 1", "0" * 64), started="")
    write(journal, tmp_path)
    assert parquet.read_table(tmp_path / "out" / FACES).num_rows == 0
    assert parquet.read_table(tmp_path / "out" / ERRORS).column_names == ["source", "error"]

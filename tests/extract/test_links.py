"""Tracks and near duplicates of a whole journal, and what is listed of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.extract.rows import content, files

from facecascade.extract import Journal, link
from facecascade.extract.journal import Run
from facecascade.extract.manifest import COLUMNS, dropped_crops, list_faces, outcomes, rows
from facecascade.extract.record import FACE, Record, Stamp, measures_of, unpacked
from facecascade.extract.root import Root
from facecascade.write import CsvWriter, JsonLinesWriter, ParquetWriter
from facecascade.write.writer import source_id

RUN = Run({"min_face_size": 20}, "facecascade 0", "0" * 64)


def face(x: float, *, hash: int = 0, sharpness: float = 1.0, yaw: float = 0.0) -> Any:  # noqa: A002  # as the column
    row = np.zeros(1, FACE)
    row["box"], row["score"], row["hash"], row["sharpness"], row["yaw"] = (x, 10, x + 20, 35), 0.9, hash, sharpness, yaw
    row["landmarks"] = np.arange(10).reshape(5, 2) + x
    row["matrix"] = np.arange(6).reshape(2, 3)
    return row


def record(key: str, *faces: Any, **more: Any) -> Record:
    packed = np.concatenate([np.empty(0, FACE), *faces])
    name = key.rpartition(".")[0] or key
    details = {"path": key, "stamp": Stamp(1, 1), "width": 100, "height": 80, "name": name if faces else None, **more}
    return Record(key=key, faces=packed, **details)


def frame(video: str, time: float, *faces: Any) -> Record:
    key = f"{video}/00:00:{time:06.3f}"
    return record(key, *faces, container=video, time=time, path=key.replace(":", "-"), name=f"{video}/{time:06.3f}")


@pytest.fixture
def journal(tmp_path: Path) -> Any:
    with Journal(tmp_path) as journal:
        journal.begin(RUN, started="2024-05-31T18:20:01+00:00")
        journal.tell_root(Root("/data/photos", "photos"))
        journal.tell("suffix", "jpg")
        yield journal


def add(journal: Journal, *records: Record) -> None:
    for one in records:
        journal.add(one, suffix="jpg")
        for crop in one.crops("jpg"):
            (journal.path.parent / crop).parent.mkdir(parents=True, exist_ok=True)
            (journal.path.parent / crop).write_bytes(crop.encode())


def test_pictures_have_no_tracks_and_frames_have(journal: Journal) -> None:
    add(
        journal,
        record("a.jpg", face(0, hash=0xFF)),
        *(frame("clip.mp4", time, face(10 + time, hash=0xFF00 << 8)) for time in (0.0, 0.1, 0.2)),
        frame("other.mp4", 0.0, face(10, hash=2**63 + 2**62 - 1), face(70, hash=0xF0F0F0F0)),
        record("z.jpg"),
    )
    links = link(journal)
    assert links.tracks.tolist() == [-1, 0, 0, 0, 0, 1]
    assert links.track_count == 3
    listed = [row.tracks for row in rows(journal, links)]
    assert listed == [[None], *[["clip.mp4#0"]] * 3, ["other.mp4#0", "other.mp4#1"], []]


def test_duplicates_are_named_by_their_crops(journal: Journal) -> None:
    add(
        journal,
        record("a.jpg", face(0, hash=2**60), face(50, hash=0xFFFF)),
        record("b.jpg", face(0, hash=0xFFFF ^ 3)),
        record("c.jpg", face(0, hash=2**60)),
    )
    links = link(journal)
    assert links.duplicates.tolist() == [-1, -1, 1, 0]
    assert links.duplicate_count == 2
    assert [row.duplicate_of for row in rows(journal, links)] == [[None, None], ["a_01.jpg"], ["a_00.jpg"]]


def video(journal: Journal) -> None:
    add(
        journal,
        record("a.jpg", face(0)),
        frame("clip.mp4", 0.0, face(10, yaw=50, sharpness=9), face(70, sharpness=3)),
        frame("clip.mp4", 0.1, face(10, sharpness=5), face(70, sharpness=1)),
        frame("clip.mp4", 0.2, face(10, yaw=45, sharpness=7)),
    )


def test_the_best_of_each_track_is_kept_once_the_video_is_done(journal: Journal) -> None:
    video(journal)
    assert link(journal, best_per_track=True).kept.all(), "a better one may come"
    journal.add_container("clip.mp4", Stamp(1, 1))
    assert link(journal).kept.all()
    links = link(journal, best_per_track=True)
    assert links.kept.tolist() == [True, False, True, True, False, False]
    before = files(journal.path.parent)
    gone = list(dropped_crops(journal, links))
    assert gone == ["clip.mp4/00.000_00.jpg", "clip.mp4/00.100_01.jpg", "clip.mp4/00.200_00.jpg"]
    journal.leave_over(gone)
    journal.drop_leftovers()
    assert files(journal.path.parent) == [name for name in before if name not in gone]
    left = [(row.source.id, row.crops) for row in rows(journal, links)]
    assert left == [
        ("photos/a.jpg", ["a_00.jpg"]),
        ("photos/clip.mp4/00:00:00.000", ["clip.mp4/00.000_01.jpg"]),
        ("photos/clip.mp4/00:00:00.100", ["clip.mp4/00.100_00.jpg"]),
        ("photos/clip.mp4/00:00:00.200", []),
    ]


def test_crops_left_over_by_a_killed_process_go_with_the_next(journal: Journal) -> None:
    video(journal)
    journal.leave_over(["clip.mp4/00.000_00.jpg", "never-there.jpg"])
    folder = journal.path.parent
    journal.close()
    with Journal(folder) as again:
        again.drop_leftovers()
    assert "clip.mp4/00.000_00.jpg" not in content(folder)


def test_what_is_told_comes_back_from_the_journal(journal: Journal) -> None:
    video(journal)
    add(journal, record("bad.jpg", error="expected a picture, got nothing", width=0, height=0))
    told = list(outcomes(journal, link(journal)))
    first = told[0]
    assert (source_id(first.source), os.fspath(first.source)) == ("photos/a.jpg", "photos/a.jpg")
    assert str(told[1].error) == "photos/bad.jpg: expected a picture, got nothing"  # type: ignore[union-attr]
    rows_of = journal.records()
    (record_of_a,) = [one for one in rows_of if one.key == "a.jpg"]
    assert first.faces == unpacked(record_of_a.faces)  # type: ignore[union-attr]
    assert first.measures == measures_of(record_of_a.faces)  # type: ignore[union-attr]


def test_all_writers_tell_the_same(journal: Journal, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    video(journal)
    add(journal, record("bad.jpg", error="expected a picture, got nothing", width=0, height=0))
    add(journal, record("c.jpg", face(3, hash=2**64 - 1), captured="2024-05-31T18:20:01"), record("none.jpg"))
    with (
        ParquetWriter(tmp_path / "f.parquet", crops=True, columns=COLUMNS) as table,
        JsonLinesWriter(tmp_path / "f.jsonl", columns=COLUMNS) as lines,
        CsvWriter(tmp_path / "f.csv", crops=True, columns=COLUMNS) as csv,
    ):
        list_faces(journal, link(journal), [table, lines, csv])
    faces = [
        (line["source"], one)
        for line in map(json.loads, (tmp_path / "f.jsonl").read_text().splitlines())
        for one in line.get("faces", ())
    ]
    listed = parquet.read_table(tmp_path / "f.parquet").to_pylist()
    assert len(listed) == len(faces) == 7
    for row, (source, one) in zip(listed, faces, strict=True):
        assert row["source"] == source
        for name in ("crop", "matrix", "hash", "duplicate_of", "time", "track", "captured"):
            assert row[name] == one[name], name
    assert (tmp_path / "f.csv").read_text().count("\n") == 1 + 7 + 1
    assert "photos/bad.jpg" in (tmp_path / "f.parquet.errors.csv").read_text()

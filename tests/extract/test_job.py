"""Jobs: files, order, options, and what a later run of the same job does."""

from __future__ import annotations

import errno
import os
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image
from tests.extract.rows import FacesInARow, age, content, extract, files, picture, put, put_all

from facecascade.errors import JournalError, SettingsError
from facecascade.extract import (
    Cropping,
    Extracted,
    ExtractJob,
    ExtractOptions,
    Inputs,
    Journal,
    Selection,
    Shard,
    Unreadable,
    aligned_crops,
    box_crops,
    crop_faces,
    dry_run,
    measure_faces,
)
from facecascade.read import read_picture
from facecascade.write.writer import source_id

PNG = ExtractOptions(format="png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "in"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "faces"


def test_one_file_a_face(folder: Path, out: Path) -> None:
    outcomes = extract(put_all(folder, a__jpg=2, b__png=0, c__jpg=1), to=out)
    assert files(out) == ["a_00.jpg", "a_01.jpg", "c_00.jpg"]
    assert [outcome.crops for outcome in outcomes if isinstance(outcome, Extracted)] == [
        (Path("a_00.jpg"), Path("a_01.jpg")),
        (),
        (Path("c_00.jpg"),),
    ]
    first = outcomes[0]
    assert isinstance(first, Extracted)
    assert (source_id(first.source), first.width, first.height, len(first.faces)) == (str(folder / "a.jpg"), 100, 80, 2)


def test_png_files_hold_exactly_the_crops(folder: Path, out: Path) -> None:
    pixels = put(folder / "a.jpg", 3)
    options = ExtractOptions(format="png", cropping=Cropping(size=24, margin=0.1))
    (outcome,) = extract(folder, to=out, options=options)
    assert isinstance(outcome, Extracted)
    for crop, file in zip(crop_faces(pixels, outcome.faces, size=24, margin=0.1), outcome.crops, strict=True):
        assert np.array_equal(read_picture(out / file), crop)


def test_unreadable_pictures_are_told_and_stop_nothing(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=1, c__jpg=1)
    (folder / "b.jpg").write_bytes(b"broken")
    outcomes = extract(folder, folder / "none.jpg", to=out)
    assert [type(outcome) for outcome in outcomes] == [Extracted, Unreadable, Extracted, Unreadable]
    assert files(out) == ["a_00.jpg", "c_00.jpg"]
    with Journal(out) as journal:
        errors = {record.key: record.error for record in journal.records() if record.error}
    assert errors.keys() == {"b.jpg", "none.jpg"}
    assert errors["none.jpg"] is not None
    assert errors["none.jpg"].startswith("expected")


def test_folders_are_kept_and_names_never_shared(folder: Path, out: Path) -> None:
    for seed, name in enumerate(("p.jpg", "p.png", "sub/p.jpg", "名.jpg", "P.JPG")):
        put(folder / name, 1, seed)
    extract(folder, to=out)
    assert files(out) == ["P_00.jpg", "p_jpg_00.jpg", "p_png_00.jpg", "sub/p_00.jpg", "名_00.jpg"]


def test_names_that_are_no_text_give_files_that_are(folder: Path, out: Path) -> None:
    folder.mkdir()
    Image.fromarray(picture(1)).save(folder / "x.png")
    (folder / "x.png").rename(folder / "a\udcff\nb.png")
    (outcome,) = extract(folder, to=out)
    assert isinstance(outcome, Extracted)
    assert [str(crop) for crop in outcome.crops] == ["a\\xff\\x0ab_00.jpg"]
    assert extract(folder, to=out) == []


def test_more_than_a_hundred_faces(folder: Path, out: Path) -> None:
    put(folder / "crowd.jpg", 120)
    (outcome,) = extract(folder, to=out, options=ExtractOptions(cropping=Cropping(size=8)))
    assert isinstance(outcome, Extracted)
    assert len(set(outcome.crops)) == 120
    assert outcome.crops[119] == Path("crowd_119.jpg")


def test_low_scores_are_left_out(folder: Path, out: Path) -> None:
    put(folder / "a.jpg", 5)
    (outcome,) = extract(folder, to=out, options=ExtractOptions(selection=Selection(min_score=0.75)))
    assert isinstance(outcome, Extracted)
    assert outcome.faces.scores.tolist() == pytest.approx([0.9, 0.8])
    assert files(out) == ["a_00.jpg", "a_01.jpg"]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"format": "gif"}, 'format "jpg", "png" or "webp"'), ({"quality": 0}, "quality of 1 to 100")],
)
def test_options_that_cannot_work(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        ExtractOptions(**options)


def test_a_limit_that_cannot_work(folder: Path, out: Path) -> None:
    with pytest.raises(SettingsError, match="limit of at least 1"):
        extract(put_all(folder, a__jpg=1), to=out, limit=0)


def test_aligned_crops_with_matrices_and_measures(folder: Path, out: Path) -> None:
    pixels = put(folder / "a.jpg", 3)
    (outcome,) = extract(folder, to=out, options=ExtractOptions(format="png", cropping=Cropping(kind="aligned")))
    assert isinstance(outcome, Extracted)
    for crop, file in zip(aligned_crops(pixels, outcome.faces), outcome.crops, strict=True):
        assert np.array_equal(read_picture(out / file), crop)
    assert outcome.matrices.shape == (3, 2, 3)
    assert outcome.measures == measure_faces(pixels, outcome.faces)


def test_measures_are_the_same_whatever_is_cut_out(folder: Path, tmp_path: Path) -> None:
    put(folder / "a.jpg", 3)
    ways: list[dict[str, Any]] = [
        {"cropping": Cropping()},
        {"cropping": Cropping(kind="aligned", fill=(255, 0, 0))},
        {"cropping": Cropping(kind="aligned"), "selection": Selection(max_yaw=90)},
    ]
    measures = []
    for number, way in enumerate(ways):
        (outcome,) = extract(folder, to=tmp_path / str(number), options=ExtractOptions(**way))
        assert isinstance(outcome, Extracted)
        measures.append(outcome.measures)
    assert len(measures[0]) == 3
    assert measures[1:] == measures[:1] * 2


@pytest.mark.parametrize("kind", ["box", "aligned"])
def test_measures_choose_and_stay_with_their_faces(
    folder: Path, tmp_path: Path, kind: Literal["box", "aligned"]
) -> None:
    put(folder / "a.jpg", 5)
    cropping = Cropping(kind=kind)
    (every,) = extract(folder, to=tmp_path / "every", options=ExtractOptions(cropping=cropping))
    assert isinstance(every, Extracted)
    values = [one.sharpness for one in every.measures]
    limit = sorted(values)[2]
    options = ExtractOptions(cropping=cropping, selection=Selection(min_sharpness=limit))
    (some,) = extract(folder, to=tmp_path / "some", options=options)
    assert isinstance(some, Extracted)
    kept = [place for place, value in enumerate(values) if value >= limit]
    assert some.measures == tuple(every.measures[place] for place in kept)
    assert some.faces == every.faces[kept]
    assert np.array_equal(some.matrices, every.matrices[kept])
    assert len(files(tmp_path / "some")) == 3
    for file, place in zip(some.crops, kept, strict=True):
        assert (tmp_path / "some" / file).read_bytes() == (tmp_path / "every" / every.crops[place]).read_bytes()


def test_crops_in_the_shape_of_their_boxes(folder: Path, out: Path) -> None:
    pixels = put(folder / "a.jpg", 2)
    cropping = Cropping(size=30, margin=0, shape="box", fill=(0, 255, 0))
    (outcome,) = extract(folder, to=out, options=ExtractOptions(format="png", cropping=cropping))
    assert isinstance(outcome, Extracted)
    (first, _) = box_crops(pixels, outcome.faces, size=30, margin=0, fill=(0, 255, 0))
    assert first.shape == (30, 20, 3)
    assert np.array_equal(read_picture(out / "a_00.png"), first)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_order_and_bytes_do_not_depend_on_threads(folder: Path, tmp_path: Path, threads: int) -> None:
    for number in range(40):
        put(folder / f"{number:02d}.jpg", number % 4, number)
    outcomes = extract(folder, to=tmp_path / "out", threads=threads)
    assert [source_id(outcome.source)[-6:-4] for outcome in outcomes] == [f"{number:02d}" for number in range(40)]
    extract(folder, to=tmp_path / "one", threads=1)
    assert content(tmp_path / "out") == content(tmp_path / "one")


def test_a_later_run_does_nothing_twice(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=2, b__png=0, c__jpg=1)
    (folder / "bad.jpg").write_bytes(b"broken")
    extract(folder, to=out)
    before = content(out)
    put(folder / "d.jpg", 1)
    detector = FacesInARow()
    outcomes = extract(folder, to=out, detector=detector)
    assert [source_id(outcome.source) for outcome in outcomes] == [str(folder / "d.jpg")]
    assert detector.pictures == 1
    assert content(out).items() >= before.items()
    assert extract(folder, to=out) == []


def test_what_cannot_be_read_is_tried_again_when_asked(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=1)
    (folder / "bad.jpg").write_bytes(b"broken")
    extract(folder, to=out)
    assert [type(one) for one in extract(folder, to=out, retry=True)] == [Unreadable]
    assert extract(folder, to=out) == []


def test_a_file_that_is_missing_is_looked_for_each_time(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=1)
    late = folder / "late.jpg"
    assert [type(one) for one in extract(folder / "a.jpg", late, to=out)] == [Extracted, Unreadable]
    put(late, 1)
    assert [type(one) for one in extract(folder / "a.jpg", late, to=out)] == [Extracted]


def test_a_picture_that_has_changed_is_done_again_and_its_old_crops_go(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=3, b__jpg=1)
    extract(folder, to=out)
    put(folder / "a.jpg", 1, seed=9)
    age(folder / "a.jpg")
    (outcome,) = extract(folder, to=out)
    assert source_id(outcome.source) == str(folder / "a.jpg")
    assert files(out) == ["a_00.jpg", "b_00.jpg"]
    put(folder / "a.jpg", 0)
    age(folder / "a.jpg")
    extract(folder, to=out)
    assert files(out) == ["b_00.jpg"]


def test_a_limit_stops_and_the_next_run_goes_on(folder: Path, out: Path, tmp_path: Path) -> None:
    for number in range(10):
        put(folder / f"{number}.jpg", 1, number)
    assert [len(extract(folder, to=out, limit=4)) for _ in range(4)] == [4, 4, 2, 0]
    extract(folder, to=tmp_path / "whole")
    assert content(out) == content(tmp_path / "whole")


@pytest.mark.parametrize("stop_at", [0, 1, 7, 20])
def test_leaving_in_the_middle_loses_nothing(folder: Path, out: Path, tmp_path: Path, stop_at: int) -> None:
    for number in range(40):
        put(folder / f"{number:02d}.jpg", 2, number)
    with ExtractJob(Inputs([folder]), out, detector=FacesInARow()) as job:
        run = job.run()
        for _ in range(stop_at):
            next(run)
        run.close()
        assert job.journal.counts().pictures == stop_at
    assert len(extract(folder, to=out)) == 40 - stop_at
    extract(folder, to=tmp_path / "whole")
    assert content(out) == content(tmp_path / "whole")


def test_stopping_finishes_what_is_begun(folder: Path, out: Path) -> None:
    for number in range(60):
        put(folder / f"{number:02d}.jpg", 1, number)
    outcomes: list[Extracted | Unreadable] = []
    with ExtractJob(Inputs([folder]), out, detector=FacesInARow(), threads=1) as job:
        outcomes.extend(job.run(stop=lambda: bool(outcomes)))
        assert 1 <= len(outcomes) < 60
        assert job.journal.counts().pictures == len(outcomes)


def test_a_crop_that_cannot_be_written_stops_the_job_and_the_journal_does_not_know_it(
    folder: Path, out: Path, tmp_path: Path
) -> None:
    put_all(folder, a__jpg=1, b__jpg=2)
    (out / "b_01.jpg").mkdir(parents=True)
    with pytest.raises(OSError, match=r"b_01\.jpg"):
        extract(folder, to=out)
    with Journal(out) as journal:
        assert [record.key for record in journal.records()] == ["a.jpg"]
    (out / "b_01.jpg").rmdir()
    assert not list(out.rglob(".*"))
    extract(folder, to=out)
    extract(folder, to=tmp_path / "whole")
    assert content(out) == content(tmp_path / "whole")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"detector": FacesInARow(min_face_size=40)}, "min_face_size was 20.0 and is 40.0"),
        ({"detector": FacesInARow(sha256="1" * 64)}, "weights was "),
        ({"options": ExtractOptions(format="png")}, 'format was "jpg" and is "png"'),
        ({"options": ExtractOptions(cropping=Cropping(kind="aligned"))}, 'crop was "box" and is "aligned"'),
        ({"options": ExtractOptions(selection=Selection(min_score=0.5))}, "min_score was 0.0 and is 0.5"),
    ],
)
def test_other_settings_are_refused_and_named(folder: Path, out: Path, change: dict[str, Any], message: str) -> None:
    put_all(folder, a__jpg=1)
    extract(folder, to=out)
    with pytest.raises(SettingsError, match=message):
        extract(folder, to=out, **change)
    with pytest.raises(SettingsError, match=message):
        dry_run(Inputs([folder]), out, **{"detector": FacesInARow(), **change})
    assert extract(folder, to=out) == [], "and nothing was changed"


def test_a_new_version_is_told(folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_all(folder, a__jpg=1)
    extract(folder, to=out)
    with ExtractJob(Inputs([folder]), out, detector=FacesInARow()) as job:
        assert job.software_before is None
    monkeypatch.setattr("facecascade.extract.agreement.VERSION", "99.0")
    with ExtractJob(Inputs([folder]), out, detector=FacesInARow()) as job:
        assert job.software_before is not None
        assert job.software_before.startswith("facecascade ")


def test_pictures_of_another_place_are_refused_unless_they_have_moved(folder: Path, out: Path, tmp_path: Path) -> None:
    put_all(folder, a__jpg=1, b__jpg=1)
    put(folder / "sub" / "c.jpg", 1)
    extract(folder, to=out)
    assert extract(folder / "sub", to=out) == [], "below the same root"
    moved = tmp_path / "elsewhere"
    folder.rename(moved)
    with pytest.raises(SettingsError, match="moved"):
        extract(moved, to=out)
    assert extract(moved, to=out, moved=True) == []
    put(moved / "d.jpg", 1)
    assert len(extract(moved, to=out)) == 1


def test_one_process_at_a_time(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=1)
    with (
        ExtractJob(Inputs([folder]), out, detector=FacesInARow()),
        pytest.raises(JournalError, match="another process is at work"),
    ):
        extract(folder, to=out)
    assert len(extract(folder, to=out)) == 1


def test_a_file_that_is_no_journal_is_refused(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=1)
    out.mkdir(parents=True)
    (out / "journal.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(JournalError, match="not a database"):
        extract(folder, to=out)
    (out / "journal.sqlite").unlink()
    sqlite3.connect(out / "journal.sqlite").execute("CREATE TABLE mine (x)").connection.close()
    with pytest.raises(JournalError, match="expected a journal of facecascade"):
        extract(folder, to=out)


def archive(path: Path, **faces: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        for name, count in faces.items():
            put(path.with_name("member.png"), count)
            file.write(path.with_name("member.png"), f"{name}.png")
    path.with_name("member.png").unlink()
    return path


def test_archives_are_done_as_a_whole(folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    album = archive(folder / "album.zip", a=1, b=2)
    assert len(extract(album, to=out, limit=1)) == 1
    assert [source_id(outcome.source) for outcome in extract(album, to=out)] == [f"{album}/b.png"]
    assert files(out) == ["album.zip/a_00.jpg", "album.zip/b_00.jpg", "album.zip/b_01.jpg"]

    def never(*_: object, **__: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(zipfile, "ZipFile", never)
    assert extract(album, to=out) == []


def test_an_archive_that_has_changed_is_done_again(folder: Path, out: Path) -> None:
    album = archive(folder / "album.zip", a=1, b=2)
    extract(album, to=out)
    archive(album, a=2, b=2)
    age(album)
    assert len(extract(album, to=out)) == 2
    assert "album.zip/a_01.jpg" in files(out)


def test_a_plan_counts_without_opening(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=1, b__jpg=1)
    (folder / "bad.jpg").write_bytes(b"broken")
    job: dict[str, Any] = {"detector": FacesInARow()}
    assert dry_run(Inputs([folder]), out, **job) == (3, 3, 3)
    assert not out.exists()
    extract(folder, to=out, limit=1)
    before = (out / "journal.sqlite").read_bytes()
    assert dry_run(Inputs([folder]), out, **job) == (3, 2, 2)
    extract(folder, to=out)
    assert dry_run(Inputs([folder]), out, **job) == (3, 0, 0)
    assert dry_run(Inputs([folder]), out, retry=True, **job) == (3, 1, 1)
    assert dry_run(Inputs([folder, archive(folder / "x.zip", a=1)]), out, **job) == (4, 1, None)
    assert {path.name for path in out.iterdir()} == {"a_00.jpg", "b_00.jpg", "journal.sqlite"}
    assert before


@pytest.mark.parametrize("surveyed", [False, True])
def test_a_plan_is_the_same_whether_the_inputs_were_looked_for_or_not(folder: Path, out: Path, surveyed: bool) -> None:
    for number in range(600):
        put(folder / f"{number:03d}.jpg", 0)
    extract(folder, to=out, limit=300)
    inputs = Inputs([folder], survey=surveyed)
    with ExtractJob(inputs, out, detector=FacesInARow()) as job:
        assert job.plan() == (600, 300, 300)
    assert inputs.total == 600


@pytest.mark.parametrize("count", [1, 3, 16])
def test_shards_share_out_all_pictures(folder: Path, tmp_path: Path, count: int) -> None:
    for number in range(40):
        put(folder / f"{number:02d}.jpg", 1, number)
    done: list[str] = []
    for number in range(count):
        out = tmp_path / f"{number}"
        outcomes = extract(folder, to=out, shard=Shard(number + 1, count))
        planned = dry_run(Inputs([folder]), tmp_path / "none", detector=FacesInARow(), shard=Shard(number + 1, count))
        assert planned.files == len(outcomes)
        done += [source_id(outcome.source) for outcome in outcomes]
    assert sorted(done) == [str(folder / f"{number:02d}.jpg") for number in range(40)]


def test_what_a_killed_process_leaves_is_replaced(folder: Path, out: Path, tmp_path: Path) -> None:
    put_all(folder, a__jpg=2, b__jpg=1)
    out.mkdir(parents=True)
    (out / ".a_01.jpg.part").write_bytes(b"half")
    (out / ".facecascade-0123.part").write_bytes(b"half")
    extract(folder, to=out)
    extract(folder, to=tmp_path / "whole")
    assert content(out) == content(tmp_path / "whole")


def test_a_full_disk_names_the_crop(folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_all(folder, a__jpg=1)

    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as writing does, which knows no name

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space left on device") as raised:
            extract(folder, to=out)
    assert raised.value.filename == str(out / "a_00.jpg")
    assert files(out) == []
    extract(folder, to=out)
    assert files(out) == ["a_00.jpg"]


@pytest.mark.parametrize("where", ["files", "journal"])
def test_a_failure_between_files_and_journal_heals(
    folder: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    for number in range(20):
        put(folder / f"{number:02d}.jpg", 2, number)

    def failing(real: Callable[..., Any], after: int) -> Callable[..., Any]:
        calls = 0

        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > after:
                raise MemoryError
            return real(*arguments, **named)

        return call

    target = "facecascade.extract.job.write_whole" if where == "files" else "facecascade.extract.journal.Journal.add"
    for after in (0, 1, 5, 9):
        with monkeypatch.context() as patch:
            module, _, name = target.rpartition(".")
            holder = Journal if where == "journal" else __import__(module, fromlist=["x"])
            patch.setattr(holder, name, failing(getattr(holder, name), after))
            with pytest.raises(MemoryError):
                extract(folder, to=out)
    extract(folder, to=out)
    extract(folder, to=tmp_path / "whole")
    assert content(out) == content(tmp_path / "whole")
    with Journal(out) as one, Journal(tmp_path / "whole") as other:
        assert one.counts() == other.counts() == (20, 20, 40, 0)

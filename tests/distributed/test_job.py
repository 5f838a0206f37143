"""The job on several machines: the result of one machine, and what a later run does."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.distributed.machines import (
    DEADLY,
    SMALL,
    Deadly,
    Here,
    Processes,
    crops,
    distributed,
    errors,
    faces,
    one_machine,
)
from tests.extract.rows import FacesInARow, age, picture, put, put_all

from facecascade.distributed import Amounts, DistributedJob, Summary, extract
from facecascade.errors import SettingsError
from facecascade.extract import Cropping, ExtractOptions, Shard

ALIGNED = ExtractOptions(cropping=Cropping(kind="aligned"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "in"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def album(folder: Path) -> Path:
    """Pictures of all kinds: names that meet, folders, what cannot be read, no faces, many."""
    for seed, name in enumerate(("p.jpg", "p.png", "P.JPG", "p_png.jpg", "sub/p.jpg", "名.jpg", "a\\b.png")):
        put(folder / name, 1 + seed % 3, seed)
    for seed in range(20):
        put(folder / f"day/{seed:03d}.jpg", seed % 4, seed % 13)
    put(folder / "none.png", 0, 99)
    (folder / "broken.jpg").write_bytes(b"broken")
    return folder


def same(one: Path, many: Path) -> None:
    """Every crop and every row."""
    assert faces(one) == faces(many)
    assert crops(one) == crops(many)


def test_the_result_is_that_of_one_machine(folder: Path, out: Path, tmp_path: Path) -> None:
    one_machine(album(folder), to=tmp_path / "one", options=ALIGNED)
    records, summary = distributed(folder, to=out, options=ALIGNED)
    same(tmp_path / "one", out)
    assert len(records) == len({record.key for record in records}) == 29
    listed = faces(out)
    duplicates = sum(row["duplicate_of"] is not None for row in listed)
    assert summary == Summary(pictures=28, faces=len(listed), errors=1, duplicates=duplicates, tracks=0)
    assert errors(out).keys() == {str(folder / "broken.jpg")}
    assert errors(out)[str(folder / "broken.jpg")].startswith("expected a picture")


@pytest.mark.parametrize("pictures", [1, 2, 7, 1000])
def test_the_result_does_not_depend_on_the_units(folder: Path, out: Path, tmp_path: Path, pictures: int) -> None:
    one_machine(album(folder), to=tmp_path / "one")
    distributed(folder, to=out, amounts=Amounts(pictures=pictures))
    same(tmp_path / "one", out)


def test_archives_and_animations_are_opened_where_the_work_is(folder: Path, out: Path, tmp_path: Path) -> None:
    put_all(folder, x__jpg=1, y__png=2)
    frames = [Image.fromarray(picture(count, count)) for count in (1, 2)]
    frames[0].save(folder / "moves.png", save_all=True, append_images=frames[1:])
    with zipfile.ZipFile(tmp_path / "album.zip", "w") as archive:
        for number, name in enumerate(("p.jpg", "p.png", "q/r.png")):
            archive.write(_file(folder.parent / "made", number + 1), name)
        archive.writestr("bad.jpg", b"broken")
    with tarfile.open(tmp_path / "roll.tar", "w") as roll:
        for number in range(6):
            roll.add(_file(folder.parent / "made", number), f"{number:04d}.png")
    inputs = [folder, tmp_path / "album.zip", tmp_path / "roll.tar"]
    one_machine(*inputs, to=tmp_path / "one", frames="all")
    distributed(inputs, to=out, frames="all")
    same(tmp_path / "one", out)
    assert errors(out).keys() == {str(tmp_path / "album.zip/bad.jpg")}
    again = Here()
    distributed(inputs, to=out, frames="all", machines=again)
    assert again.units == []


def _file(folder: Path, number: int) -> Path:
    put(folder / f"{number}.png", number, number)
    return folder / f"{number}.png"


def test_a_later_run_does_what_is_missing_alone(folder: Path, out: Path, tmp_path: Path) -> None:
    album(folder)
    distributed(folder, to=out)
    put(folder / "p.webp", 2, 50)
    put(folder / "day/new.jpg", 1, 51)
    records, _ = distributed(folder, to=out)
    assert {record.key for record in records} == {"p.webp", "day/new.jpg"}
    assert distributed(folder, to=out)[0] == []
    one_machine(folder, to=tmp_path / "one")
    assert len(faces(out)) == len(faces(tmp_path / "one"))
    assert sorted(crops(out).values()) == sorted(crops(tmp_path / "one").values())


def test_a_picture_that_changed_is_done_again_and_loses_what_it_has_no_more(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=3, b__jpg=1)
    distributed(folder, to=out)
    put(folder / "a.jpg", 1, 9)
    age(folder / "a.jpg")
    records, summary = distributed(folder, to=out)
    assert [(record.key, len(record.faces)) for record in records] == [("a.jpg", 1)]
    assert crops(out).keys() == {"a_00.jpg", "b_00.jpg"}
    assert summary.faces == len(faces(out)) == 2


def test_a_name_that_is_free_again_keeps_its_new_crop(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=1)
    distributed(folder, to=out)
    put(folder / "a.jpg", 0, 9)
    age(folder / "a.jpg")
    distributed(folder, to=out)
    assert crops(out).keys() == set()
    put(folder / "a.png", 1, 10)
    distributed(folder, to=out)
    distributed(folder, to=out)
    assert crops(out).keys() == {"a_00.jpg"}


def test_crops_that_a_run_had_no_time_to_remove_are_removed_by_the_next(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=2)
    distributed(folder, to=out)
    before = (out / "a_01.jpg").read_bytes()
    put(folder / "a.jpg", 1, 9)
    age(folder / "a.jpg")
    distributed(folder, to=out)
    (out / "a_01.jpg").write_bytes(before)
    distributed(folder, to=out)
    assert crops(out).keys() == {"a_00.jpg"}


def test_what_could_not_be_read_is_tried_again_if_asked(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=1)
    (folder / "b.jpg").write_bytes(b"broken")
    distributed(folder, to=out)
    assert distributed(folder, to=out)[0] == []
    records, _ = distributed(folder, to=out, retry=True)
    assert [record.key for record in records] == ["b.jpg"]


def test_other_settings_are_refused_and_change_nothing(folder: Path, out: Path) -> None:
    put_all(folder, a__jpg=1)
    distributed(folder, to=out)
    before = sorted(path for path in out.rglob("*") if path.is_file())
    with pytest.raises(SettingsError, match=r"min_face_size was 20.* and is 30"):
        distributed(folder, to=out, detector=_Other)
    with pytest.raises(SettingsError, match='format was "jpg" and is "png"'):
        distributed(folder, to=out, options=ExtractOptions(format="png"))
    with pytest.raises(SettingsError, match='layout was "files" and is "shards"'):
        distributed(folder, to=out, layout="shards")
    assert sorted(path for path in out.rglob("*") if path.is_file()) == before


class _Other(FacesInARow):
    def __init__(self) -> None:
        super().__init__(min_face_size=30)


def test_other_pictures_are_refused(folder: Path, out: Path, tmp_path: Path) -> None:
    distributed(put_all(folder, a__jpg=1), to=out)
    elsewhere = put_all(tmp_path / "elsewhere", b__jpg=1)
    with pytest.raises(SettingsError, match="holds the faces of pictures in"):
        distributed(elsewhere, to=out)
    records, _ = distributed(elsewhere, to=out, moved=True)
    assert [record.key for record in records] == ["b.jpg"]


def test_a_job_that_is_left_goes_on(folder: Path, out: Path, tmp_path: Path) -> None:
    one_machine(album(folder), to=tmp_path / "one")
    with DistributedJob(folder, out, detector=FacesInARow, amounts=SMALL) as job:
        running = job.run(cluster=Here())
        first = [next(running) for _ in range(6)]
        running.close()
    records, _ = distributed(folder, to=out)
    assert 4 <= len(first) < 29
    assert {record.key for record in records}.isdisjoint({record.key for record in first[:4]})
    same(tmp_path / "one", out)


def test_parts_of_a_job(folder: Path, out: Path) -> None:
    put_all(folder, **{f"p{number:02d}__jpg": 1 for number in range(12)})
    assert len(distributed(folder, to=out, limit=5)[0]) == 5
    halves = [distributed(folder, to=out, shard=Shard(number, 2))[0] for number in (1, 2)]
    assert sum(map(len, halves)) == 7
    assert len(faces(out)) == 12


@pytest.mark.parametrize("alone", [True, False])
def test_a_picture_that_ends_its_process_is_found_and_listed(
    folder: Path, out: Path, tmp_path: Path, alone: bool
) -> None:
    put_all(folder, **{f"p{number}__png": number % 3 for number in range(3 if alone else 6)})
    one_machine(folder, to=tmp_path / "one")
    put(folder / "p1x.png", DEADLY)
    machines = Processes()
    _, summary = distributed(folder, to=out, detector=Deadly, machines=machines, amounts=Amounts(pictures=100))
    assert errors(out) == {
        str(folder / "p1x.png"): (
            "expected a picture that can be worked on, got one at which the process ended 3 times"
        )
    }
    assert machines.ended == 4, "once among others, three times alone"
    assert summary.errors == 1
    same(tmp_path / "one", out)


def test_an_archive_with_such_a_picture_keeps_its_others(folder: Path, out: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "album.zip", "w") as archive:
        for name, count in (("a.png", 1), ("b.png", DEADLY), ("c.png", 2)):
            archive.write(_file(folder, count), name)
    distributed(tmp_path / "album.zip", to=out, detector=Deadly, machines=Processes())
    assert errors(out).keys() == {str(tmp_path / "album.zip/b.png")}
    assert [Path(row["source"]).name for row in faces(out)] == ["a.png", "c.png", "c.png"]


def test_shards_hold_the_same_crops_by_the_same_names(folder: Path, out: Path, tmp_path: Path) -> None:
    one_machine(album(folder), to=tmp_path / "one")
    put(folder / "v1.2.jpg", 1, 70)
    distributed(folder, to=out, layout="shards", amounts=Amounts(pictures=8, shard_bytes=20_000))
    one_machine(folder, to=tmp_path / "both")
    members: dict[str, bytes] = {}
    for path in sorted(out.glob("shards/*.tar")):
        with tarfile.open(path) as shard:
            for info in shard.getmembers():
                file = shard.extractfile(info)
                assert file is not None
                members[info.name] = file.read()
    expected = crops(tmp_path / "both")
    expected["v1%2E2_00.jpg"] = expected.pop("v1.2_00.jpg")
    assert members == expected
    assert len(list(out.glob("shards/*.tar"))) > 3
    listed = [row["crop"] for row in faces(out)]
    assert {crop.split("/", 2)[2] for crop in listed} == set(members)
    assert all((out / "/".join(crop.split("/", 2)[:2])).is_file() for crop in listed)


def test_shards_of_processes_that_ended_count_for_nothing(folder: Path, out: Path) -> None:
    put_all(folder, **{f"p{number}__png": 2 for number in range(6)})
    put(folder / "p3x.png", DEADLY)
    amounts = Amounts(pictures=100, shard_bytes=8000)
    distributed(folder, to=out, detector=Deadly, machines=Processes(), layout="shards", amounts=amounts)
    named = {row["crop"].split("/")[1] for row in faces(out)}
    assert {path.name for path in out.glob("shards/*")} == named
    assert len(faces(out)) == 12


def test_a_picture_of_100_megapixels_among_small_ones_does_no_harm(folder: Path, out: Path, tmp_path: Path) -> None:
    put_all(folder, **{f"p{number}__png": number % 3 for number in range(6)})
    Image.new("RGB", (10_000, 10_000), (2, 0, 0)).save(folder / "p3x.jpg", quality=90)
    one_machine(folder, to=tmp_path / "one")
    _, summary = distributed(folder, to=out, amounts=Amounts(pictures=100))
    assert (summary.pictures, summary.errors) == (7, 0)
    same(tmp_path / "one", out)


def test_tables_of_pictures_are_read_row_by_row(folder: Path, out: Path) -> None:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    put_all(folder, a__png=1, b__png=2)
    data = [(folder / name).read_bytes() for name in ("a.png", "b.png")]
    rows = {"image": [*data, b"broken", None], "key": ["x/a.png", "x/b.png", "c", "d"]}
    parquet.write_table(arrow.table(rows), folder / "some.parquet")
    distributed(folder / "some.parquet", to=out)
    assert crops(out).keys() == {f"some.parquet/x/{name}.jpg" for name in ("a_00", "b_00", "b_01")}
    assert {Path(source).name for source in errors(out)} == {"c", "d"}


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"layout": "zip"}, 'layout "files" or "shards"'),
        ({"limit": 0}, "limit of at least 1"),
        ({"layout": "shards", "options": ExtractOptions(best_per_track=True)}, "crops as files"),
    ],
)
def test_arguments_that_cannot_work(folder: Path, out: Path, how: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        extract(put_all(folder, a__jpg=1), out, **how)
    assert not out.exists()


@pytest.mark.parametrize("make", [lambda: Amounts(pictures=0), lambda: Amounts(readers=0)])
def test_amounts_that_cannot_work(make: Callable[[], Any]) -> None:
    with pytest.raises(SettingsError, match="at least 1"):
        make()

"""What `extract` cuts out, and what it lists."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.painted import run, tree


def test_extract_writes_a_file_and_a_row_a_face(photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"no picture")
    result = run("extract", photos, "-o", "faces", "--size", "32", "--margin", "0", "--format", "png", "--sheet")
    assert result.code == 1
    assert tree(Path("faces")) == ["a_00.png", "a_01.png", "contact-sheet-001.png", "faces.csv", "sub/a_00.png"]
    with Path("faces/faces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["source"], row["crop"], bool(row["error"])) for row in rows] == [
        ("photos/a.jpg", "a_00.png", False),
        ("photos/a.jpg", "a_01.png", False),
        ("photos/bad.jpg", "", True),
        ("photos/sub/a.png", "sub/a_00.png", False),
    ]
    with Image.open("faces/sub/a_00.png") as crop:
        assert crop.size == (32, 32)
        assert np.asarray(crop)[4:28, 4:28].mean(axis=(0, 1)).tolist() == [255, 0, 0]


def test_extract_again_does_not_take_its_own_faces_for_pictures(photos: Path) -> None:
    for _ in range(3):
        assert run("extract", ".", "-o", "./found").code == 0
    assert tree(Path("found")) == ["faces.csv", "photos/a_00.jpg", "photos/a_01.jpg", "photos/sub/a_00.jpg"]


def test_extract_leaves_out_low_scores(photos: Path) -> None:
    run("extract", photos / "a.jpg", "-o", "faces", "--min-score", "0.9")
    assert tree(Path("faces")) == ["a_00.jpg", "faces.csv"]


def test_extract_aligned(photos: Path) -> None:
    assert run("extract", photos / "a.jpg", "-o", "faces", "--crop", "aligned", "--format", "webp").code == 0
    assert tree(Path("faces")) == ["a_00.webp", "a_01.webp", "faces.csv"]
    with Image.open("faces/a_00.webp") as crop:
        assert crop.size == (112, 112)
    Path("mine.json").write_text('{"size": 50, "points": [[15, 20], [35, 20], [25, 30], [17, 40], [33, 40]]}')
    run("extract", photos / "a.jpg", "-o", "mine", "--crop", "aligned", "--template", "mine.json", "--size", "100")
    with Image.open("mine/a_00.jpg") as crop:
        assert crop.size == (100, 100)


def test_extract_in_the_shape_of_the_box_on_a_colour(photos: Path) -> None:
    options = "--shape box --size 40 --margin 1 --fill lime --format png"
    assert run("extract", photos / "a.jpg", "-o", "faces", *options.split()).code == 0
    with Image.open("faces/a_00.png") as crop:
        assert crop.size == (40, 40)
        assert crop.convert("RGB").getpixel((0, 0)) == (0, 255, 0)


@pytest.mark.parametrize(
    ("limits", "names"),
    [
        ("--at-most 1", ["a_00.jpg"]),
        ("--at-most 1 --prefer centre", ["a_00.jpg"]),
        ("--min-size 20", ["a_00.jpg", "a_01.jpg"]),
        ("--min-size 21", []),
        ("--max-yaw 5 --max-roll 5", ["a_00.jpg", "a_01.jpg"]),
        ("--min-sharpness 1e9", []),
    ],
)
def test_extract_chooses(photos: Path, limits: str, names: list[str]) -> None:
    assert run("extract", photos / "a.jpg", "-o", "faces", *limits.split()).code == 0
    assert tree(Path("faces")) == [*names, "faces.csv"]


def test_extract_prefers_the_centre(photos: Path) -> None:
    run("extract", photos / "a.jpg", "-o", "faces", "--at-most", "1", "--prefer", "centre")
    with Path("faces/faces.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["x1"]) == 40, "the second face is nearer to the centre"


@pytest.mark.parametrize("keep", [False, True])
def test_extract_keeps_the_capture_time(photos: Path, keep: bool) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:31 18:20:01"
    exif.get_ifd(0x8825)[1] = "N"
    with Image.open(photos / "a.jpg") as image:
        image.save(photos / "b.jpg", exif=exif)
    assert run("extract", photos / "b.jpg", "-o", "faces", *(["--keep-exif"] if keep else [])).code == 0
    with Image.open("faces/b_00.jpg") as crop:
        kept = crop.getexif()
    assert dict(kept.get_ifd(0x8769)) == {0x9000: b"0232", 0x9003: "2024:05:31 18:20:01"}
    assert kept.get(0x010F) == ("Maker" if keep else None)
    assert 0x8825 not in kept


MEASURED = [*(f"matrix_{place}" for place in range(6)), "sharpness", "roll", "yaw", "hash", "duplicate_of"]
MEASURED += ["time", "track", "captured"]


def test_the_list_of_faces_tells_what_was_measured(photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"no picture")
    assert run("extract", photos, "-o", "faces", "--crop", "aligned").code == 1
    with Path("faces/faces.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    names = list(reader.fieldnames or ())
    assert names[names.index("crop") + 1 :] == [*MEASURED, "error"]
    assert [row["source"] for row in rows] == ["photos/a.jpg"] * 2 + ["photos/bad.jpg", "photos/sub/a.png"]
    assert [float(row["roll"]) for row in rows if row["crop"]] == [0, 0, 0]
    unknown = ("time", "track", "captured")
    assert all(row[name] == "" for row in rows for name in MEASURED if row["error"] or name in unknown)
    assert [row["duplicate_of"] for row in rows] == ["", "", "", "a_00.jpg"], "both are in the corner"


def test_extract_goes_on_where_it_was_stopped(photos: Path) -> None:
    first = run("extract", photos, "-o", "faces", "--limit", "1")
    assert first.code == 0
    assert first.err.startswith("facecascade: 1 picture, 2 faces in ")
    plan = "3 pictures: 1 done, 2 to do"
    assert run("extract", photos, "-o", "faces", "--dry-run").out == f"{plan}\n"
    assert run("extract", photos, "-o", "faces", "--dry-run", "--limit", "1").out == f"{plan}, 1 of them now\n"
    second = run("extract", photos, "-o", "faces")
    assert "1 of 3 inputs are done: 2 to do" in second.err
    assert tree(Path("faces")) == ["a_00.jpg", "a_01.jpg", "faces.csv", "sub/a_00.jpg"]
    before = Path("faces/faces.csv").read_bytes()
    third = run("extract", photos, "-o", "faces")
    assert (third.code, third.err) == (0, "facecascade: 3 of 3 inputs are done: nothing to do\n")
    assert Path("faces/faces.csv").read_bytes() == before
    whole = run("extract", photos, "-o", "whole")
    assert whole.code == 0
    assert Path("whole/faces.csv").read_bytes() == before


def test_extract_writes_other_lists_of_what_is_done(photos: Path) -> None:
    run("extract", photos, "-o", "faces")
    others = "--manifest jsonl --manifest csv --write coco:c.json"
    assert run("extract", photos, "-o", "faces", *others.split()).code == 0
    assert len(Path("faces/faces.jsonl").read_text().splitlines()) == 3
    assert len(json.loads(Path("c.json").read_text())["annotations"]) == 3
    assert run("extract", photos, "-o", "faces", "--manifest", "xls").err.endswith("got 'xls'\n")


def test_extract_refuses_other_settings(photos: Path) -> None:
    run("extract", photos, "-o", "faces")
    result = run("extract", photos, "-o", "faces", "--size", "64")
    assert result.code == 2
    assert "size was 160 and is 64. Use the settings of before, or another output folder" in result.err


def test_a_dry_run_writes_nothing(photos: Path) -> None:
    assert run("extract", photos, "-o", "faces", "--dry-run").out == "3 pictures: 0 done, 3 to do\n"
    assert not Path("faces").exists()


def test_shards_and_merge(photos: Path) -> None:
    for number in (1, 2):
        assert run("extract", photos, "-o", f"part{number}", "--shard", f"{number}/2").code == 0
    result = run("merge", "part1", "part2", "-o", "faces")
    assert result.code == 0
    assert result.err.startswith("facecascade: 3 pictures, 3 faces in ")
    run("extract", photos, "-o", "whole")
    assert tree(Path("faces")) == tree(Path("whole"))
    assert Path("faces/faces.csv").read_bytes() == Path("whole/faces.csv").read_bytes()
    assert run("extract", photos, "-o", "x", "--shard", "3/2").code == 2

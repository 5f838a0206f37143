"""The commands in this process, with a detector that finds what the pictures say."""

from __future__ import annotations

import csv
import json
import os
import signal
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.painted import Painted, lines, paint, run, tree
from tests.read.videos import make_video, steady

import facecascade.cli.writing
from facecascade.cli.report import NOTHING_FOUND
from facecascade.faces import Faces
from facecascade.read import PictureSource, printable
from facecascade.settings import PRESETS, Preset
from facecascade.write import Run


def test_detect_in_a_pipe_gives_json_lines(photos: Path) -> None:
    result = run("detect", photos)
    assert result.code == 0
    found = {picture["source"]: len(picture["faces"]) for picture in lines(result.out)}
    assert found == {"photos/a.jpg": 2, "photos/b.png": 0, "photos/sub/a.png": 1}
    assert "3 pictures, 3 faces in" in result.err
    assert lines(result.out)[0]["faces"][1]["box"] == [40.0, 0.0, 60.0, 20.0]


@pytest.mark.parametrize("name", ["f.jsonl", "f.json", "f.csv"])
def test_detect_into_a_file(photos: Path, name: str) -> None:
    result = run("detect", photos, "-o", f"out/{name}")
    assert (result.code, result.out) == (0, "")
    assert tree(Path("out")) == [name]
    assert "photos/sub/a.png" in Path("out", name).read_text("utf-8")


def test_detect_to_standard_output_by_name(photos: Path) -> None:
    assert len(lines(run("detect", photos, "-o", "-").out)) == 3
    assert not Path("-").exists()


def test_unreadable_pictures_are_told_and_stop_nothing(photos: Path) -> None:
    (photos / "a_first.jpg").write_bytes(b"no picture")
    (photos / "z_last.png").write_bytes(b"")
    result = run("detect", photos, "none.jpg")
    assert result.code == 1
    assert [("error" in picture, picture["source"]) for picture in lines(result.out)] == [
        (False, "photos/a.jpg"),
        (True, "photos/a_first.jpg"),
        (False, "photos/b.png"),
        (True, "photos/z_last.png"),
        (False, "photos/sub/a.png"),
        (True, "none.jpg"),
    ]
    told = result.err.splitlines()
    assert len(told) == 4
    assert told[0].startswith("facecascade: photos/a_first.jpg: ")
    assert "3 pictures, 3 faces, 3 unreadable" in told[3]


def test_detect_draws_beside_nothing_of_the_input(photos: Path) -> None:
    paint(photos / "a.png", 1)
    before = {name: (photos / name).read_bytes() for name in tree(photos)}
    result = run("detect", photos, "--draw", "drawn", "-o", "f.csv")
    assert result.code == 0
    assert tree(Path("drawn")) == ["a.jpg", "a_png.png", "b.png", "sub/a.png"]
    assert {name: (photos / name).read_bytes() for name in tree(photos)} == before
    with Image.open("drawn/sub/a.png") as drawn, Image.open("photos/sub/a.png") as plain:
        assert drawn.size == plain.size
        assert not np.array_equal(np.asarray(drawn), np.asarray(plain))
    with Image.open("drawn/a.jpg") as drawn:
        assert drawn.format == "JPEG"


def test_drawn_pictures_of_other_formats_are_png(photos: Path) -> None:
    Image.new("RGB", (50, 50)).save(photos / "w.webp")
    run("detect", photos / "w.webp", "--draw", "drawn")
    assert tree(Path("drawn")) == ["w.png"]


def test_scores_are_drawn_when_asked(photos: Path) -> None:
    run("detect", photos / "sub", "--draw", "one")
    run("detect", photos / "sub", "--draw", "two", "--scores")
    assert Path("one/a.png").read_bytes() != Path("two/a.png").read_bytes()


@pytest.mark.parametrize("arguments", [["detect", "--draw"], ["extract", "-o"]])
def test_results_never_lie_among_the_pictures(photos: Path, arguments: list[str]) -> None:
    before = {name: (photos / name).read_bytes() for name in tree(photos)}
    result = run(arguments[0], photos, arguments[1], photos)
    assert result.code == 2
    assert "expected an output folder apart from the pictures, got photos" in result.err
    assert {name: (photos / name).read_bytes() for name in tree(photos)} == before


def test_a_signal_while_the_output_opens_leaves_the_pictures_undone(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Run:
        signal.raise_signal(signal.SIGINT)
        return Run(crops=True)

    monkeypatch.setattr(facecascade.cli.writing, "run_of", interrupted)
    for command in (["detect", "-o", "f.csv"], ["extract", "-o", "faces"]):
        result = run(*command, photos)
        assert result.code == 130
        assert "interrupted after 0 of 3 pictures" in result.err
    assert tree(Path()) == ["f.csv", "faces/faces.csv", "photos/a.jpg", "photos/b.png", "photos/sub/a.png"]


def test_options_reach_the_detector(photos: Path) -> None:
    for command in (["detect"], ["extract", "-o", "faces"]):
        options = "--min-face-size 33 --scale-factor 0.8 --thresholds 0.1 0.2 0.3 --geometry classic --stages 2"
        assert (
            run(*command, photos, *options.split(), "--engine", "reference", "--device", "cpu", "--threads", "3").code
            == 0
        )
        assert Painted.made == {
            "min_face_size": 33.0,
            "scale_factor": 0.8,
            "thresholds": (0.1, 0.2, 0.3),
            "geometry": "classic",
            "stages": 2,
            "engine": "reference",
            "device": "cpu",
            "threads": 3,
        }


def test_defaults_are_those_of_the_library(photos: Path) -> None:
    for command in (["detect"], ["extract", "-o", "faces"]):
        assert run(*command, photos).code == 0
        assert Painted.made == {"engine": "native"}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_where_the_options_start(photos: Path, name: Preset) -> None:
    for command in (["detect"], ["extract", "-o", "faces"]):
        assert run(*command, photos, "--preset", name).code == 0
        assert Painted.made == {**PRESETS[name], "engine": "native"}
        assert run(*command, photos, "--preset", name, "--min-face-size", "31", "--stages", "2").code == 0
        assert Painted.made == {**PRESETS[name], "min_face_size": 31.0, "stages": 2, "engine": "native"}


def test_an_option_that_repeats_a_default_still_replaces_the_presets_value(photos: Path) -> None:
    run("detect", photos, "--preset", "thorough", "--min-face-size", "20")
    assert Painted.made["min_face_size"] == 20
    assert Painted.made["scale_factor"] == 0.79


def test_large_pictures_can_be_refused(photos: Path) -> None:
    result = run("detect", photos / "b.png", "--max-megapixels", "0.01")
    assert result.code == 1
    assert "10000 pixels" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["detect", "photos", "--engine", "none"], "error: expected an engine, got none"),
        (["detect", "photos", "--weights", "w.npy"], "error: expected weights, got w.npy"),
        (
            ["detect", "photos", "--preset", "best"],
            "expected a preset out of default, thorough, fast, careful, got 'best'",
        ),
        (
            ["extract", "photos", "-o", "faces", "--preset", ""],
            "a preset out of default, thorough, fast, careful, got ''",
        ),
        (["detect", "photos", "-o", "faces.xml"], "ending in .jsonl, .json, .csv, .parquet, got 'faces.xml'"),
        (["detect", "photos", "-o", "photos"], "ending in .jsonl, .json, .csv, .parquet, got 'photos'"),
        (["detect", "photos", "-o", "f.csv", "--write", "voc:v"], "expected a format out of jsonl"),
        (["detect", "photos", "--write", "coco:c.json", "--write", "yolo"], "expected a place to write yolo to"),
        (["extract", "photos", "-o", "faces", "--write", "wider+x:w"], "expected wider with no options, got +x"),
        (["detect", "photos", "--max-megapixels", "0"], "expected --max-megapixels above 0, got 0"),
        (["detect", "photos", "-o", "photos/a.jpg/f.csv"], "photos/a.jpg"),
        (["extract", "photos", "-o", "faces", "--size", "0"], "expected a crop size of 1 to 4096"),
        (["extract", "photos", "-o", "faces", "--margin", "-1"], "expected a margin of 0 to 10"),
        (
            ["extract", "photos", "-o", "faces", "--format", "gif"],
            'expected format "jpg", "png" or "webp", got \'gif\'',
        ),
        (["extract", "photos", "-o", "faces", "--quality", "101"], "expected a quality of 1 to 100"),
        (["extract", "photos", "-o", "faces", "--min-score", "2"], "expected min_score from 0 to 1"),
        (["extract", "photos", "-o", "photos/a.jpg"], "photos/a.jpg"),
        (["extract", "photos", "-o", "faces", "--crop", "round"], 'expected crop "box" or "aligned"'),
        (["extract", "photos", "-o", "faces", "--template", "ffhq-512"], "template for aligned crops alone"),
        (["extract", "photos", "-o", "faces", "--crop", "aligned", "--template", "x"], "out of arcface-112"),
        (["extract", "photos", "-o", "faces", "--crop", "aligned", "--margin", "1"], "margin for crops by box alone"),
        (["extract", "photos", "-o", "faces", "--fill", "blackish"], "expected a colour such as"),
        (["extract", "photos", "-o", "faces", "--at-most", "0"], "expected at_most of at least 1"),
        (["extract", "photos", "-o", "faces", "--prefer", "beauty"], 'expected prefer="score", "size" or "centre"'),
    ],
)
def test_wrong_settings_are_one_clear_line_and_leave_nothing(photos: Path, arguments: list[str], message: str) -> None:
    before = tree(Path())
    result = run(*arguments)
    assert result.code == 2
    assert message in result.err
    assert len(result.err.splitlines()) == 1
    assert result.out == ""
    assert tree(Path()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["detect"],
        ["extract", "photos"],
        ["detect", "photos", "--min-face-size", "small"],
        ["detect", "photos", "--thresholds", "0.5"],
        ["detect", "photos", "--nonsense"],
    ],
)
def test_wrong_usage(photos: Path, arguments: list[str]) -> None:
    assert run(*arguments).code == 2


def test_an_older_file_stays_when_a_run_fails(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("f.csv").write_text("old")

    def broken(self: Painted, pictures: Iterable[PictureSource], /) -> list[Faces]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Painted, "detect_batch", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        run("detect", photos, "-o", "f.csv")
    assert Path("f.csv").read_text() == "old"
    assert tree(Path()) == ["f.csv", "photos/a.jpg", "photos/b.png", "photos/sub/a.png"]


def test_exhausted_memory_is_no_bug(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(self: Painted, pictures: Iterable[PictureSource], /) -> list[Faces]:
        raise MemoryError

    monkeypatch.setattr(Painted, "detect_batch", exhausted)
    result = run("detect", photos)
    assert result.code == 2
    assert "not enough memory" in result.err


@pytest.mark.parametrize("name", ["名前 é.jpg", "-dash.jpg", "two\nlines.jpg", "[red].jpg", os.fsdecode(b"\xff.jpg")])
def test_any_file_name(photos: Path, name: str) -> None:
    paint(photos / "odd" / name, 1)
    result = run("detect", photos / "odd", "--draw", "drawn")
    assert (result.code, lines(result.out)[0]["source"]) == (0, printable(f"photos/odd/{name}"))
    assert run("extract", photos / "odd", "-o", "faces").code == 0
    assert Path("drawn", name).exists()
    assert Path("faces", f"{printable(name)[:-4]}_00.jpg").exists()


def test_archives_lists_patterns_and_standard_input(photos: Path) -> None:
    with zipfile.ZipFile("album.zip", "w") as archive:
        archive.write("photos/a.jpg", "../x/a.jpg")
        archive.writestr("bad.jpg", b"no picture")
    Path("list").write_text("photos/b.png\n")
    result = run("extract", "album.zip", "@list", "photos/**/*.jpg", "-", "-o", "faces", stdin="photos/sub/a.png\n")
    assert result.code == 1
    with Path("faces/faces.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["source"], row["crop"]) for row in csv.DictReader(file)]
    assert rows == [
        ("album.zip/bad.jpg", ""),
        ("album.zip/x/a.jpg", "album.zip/x/a_00.jpg"),
        ("album.zip/x/a.jpg", "album.zip/x/a_01.jpg"),
        ("photos/a.jpg", "photos/a_00.jpg"),
        ("photos/a.jpg", "photos/a_01.jpg"),
        ("photos/sub/a.png", "photos/sub/a_00.jpg"),
    ]
    assert "4 pictures, 5 faces, 1 unreadable in" in result.err
    assert tree(Path("album.zip").parent / "faces")[0] == "album.zip/x/a_00.jpg"


def test_frames_of_videos_by_their_times(photos: Path) -> None:
    make_video(Path("clip.mkv"), steady(30))
    result = run("detect", "clip.mkv", "--every", "0.5s", "--start", "0:00.2", "--end", "1", "--draw", "drawn")
    assert [line["source"] for line in lines(result.out)] == ["clip.mkv/00:00:00.200", "clip.mkv/00:00:00.720"]
    assert tree(Path("drawn")) == ["clip.mkv/00-00-00-200.png", "clip.mkv/00-00-00-720.png"]
    assert lines(result.out)[0]["width"] == 64
    assert run("detect", "clip.mkv", "--start", "60").err == f"facecascade: {NOTHING_FOUND}\n"


def test_frames_of_animations(photos: Path) -> None:
    Image.new("RGB", (50, 50)).save("a.gif", save_all=True, append_images=[Image.new("RGB", (50, 50), "white")])
    assert [line["source"] for line in lines(run("detect", "a.gif").out)] == ["a.gif"]
    assert [line["source"] for line in lines(run("detect", "a.gif", "--frames", "all").out)] == ["a.gif/#0", "a.gif/#1"]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--every", "often", 'expected a number of frames like "10"'),
        ("--start", "noon", 'expected a time like "90"'),
        ("--frames", "some", 'expected frames="first" or "all"'),
    ],
)
def test_wrong_options_of_inputs(photos: Path, option: str, value: str, message: str) -> None:
    for command in (["detect"], ["extract", "-o", "faces"]):
        result = run(*command, photos, option, value)
        assert (result.code, result.out) == (2, "")
        assert message in result.err


def test_an_empty_folder_is_no_error(photos: Path) -> None:
    Path("empty").mkdir()
    result = run("detect", "empty", "-o", "f.json")
    assert (result.code, result.err) == (0, f"facecascade: {NOTHING_FOUND}\n")
    assert json.loads(Path("f.json").read_text()) == []

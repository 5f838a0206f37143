"""The commands in this process, with a detector that finds what the pictures say."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.read.videos import make_video, steady
from typer.testing import CliRunner

import facecascade.detector
from facecascade.cli.app import app
from facecascade.errors import EngineError, WeightsError
from facecascade.faces import Faces
from facecascade.read import printable

Pixels = NDArray[np.uint8]


class Painted:
    """Finds a face for every red square of 20 pixels on a grid of 40; knows how it was made."""

    made: dict[str, Any]

    def __init__(self, **arguments: Any) -> None:
        type(self).made = arguments
        if arguments["engine"] == "none":
            raise EngineError("expected an engine,\n got none")
        if arguments["weights"] is not None:
            raise WeightsError(f"expected weights, got {arguments['weights']}")

    def detect_batch(self, pictures: Sequence[Pixels], /) -> list[Faces]:
        return [self._faces(picture) for picture in pictures]

    @staticmethod
    def _faces(picture: Pixels) -> Faces:
        rows, columns = np.nonzero((picture[10::40, 10::40, 0] > 200) & (picture[10::40, 10::40, 1] < 50))
        if not len(rows):
            return Faces.empty()
        x, y = columns * 40.0, rows * 40.0
        boxes = np.stack([x, y, x + 20, y + 20], axis=1).astype(np.float32)
        points = (np.array([[5, 8], [15, 8], [10, 12], [6, 16], [14, 16]]) + boxes[:, None, :2]).astype(np.float32)
        return Faces(boxes, np.linspace(0.95, 0.75, len(rows), dtype=np.float32), points)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def _painted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facecascade.detector, "MTCNN", Painted)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """a.jpg with two faces, b.png with none, sub/a.png with one, all below the current folder."""
    monkeypatch.chdir(tmp_path)
    paint(tmp_path / "photos" / "a.jpg", 2)
    paint(tmp_path / "photos" / "b.png", 0)
    paint(tmp_path / "photos" / "sub" / "a.png", 1)
    return Path("photos")


def paint(path: Path, faces: int) -> None:
    picture = np.full((100, 240, 3), 90, np.uint8)
    for number in range(faces):
        picture[:20, 40 * number : 40 * number + 20] = (255, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, quality=98, subsampling=0) if path.suffix == ".jpg" else Image.fromarray(
        picture
    ).save(path)


def run(*arguments: str | Path, stdin: str | None = None) -> SimpleNamespace:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return SimpleNamespace(code=result.exit_code, out=result.stdout, err=result.stderr)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


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


def test_options_reach_the_detector(photos: Path) -> None:
    for command in (["detect"], ["extract", "-o", "faces"]):
        options = "--min-face-size 33 --scale-factor 0.8 --thresholds 0.1 0.2 0.3 --geometry classic --stages 2"
        assert run(*command, photos, *options.split(), "--engine", "reference", "--threads", "3").code == 0
        assert Painted.made == {
            "min_face_size": 33.0,
            "scale_factor": 0.8,
            "thresholds": (0.1, 0.2, 0.3),
            "geometry": "classic",
            "stages": 2,
            "weights": None,
            "engine": "reference",
            "threads": 3,
        }


def test_defaults_are_those_of_the_library(photos: Path) -> None:
    run("detect", photos)
    assert Painted.made == {
        "min_face_size": 20.0,
        "scale_factor": 0.709,
        "thresholds": (0.6, 0.7, 0.7),
        "geometry": "subpixel",
        "stages": 3,
        "weights": None,
        "engine": "native",
        "threads": None,
    }


def test_large_pictures_can_be_refused(photos: Path) -> None:
    result = run("detect", photos / "b.png", "--max-megapixels", "0.01")
    assert result.code == 1
    assert "10000 pixels" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["detect", "photos", "--engine", "none"], "error: expected an engine, got none"),
        (["detect", "photos", "--weights", "w.npy"], "error: expected weights, got w.npy"),
        (["detect", "photos", "-o", "faces.xml"], "ending in .jsonl, .json, .csv, got 'faces.xml'"),
        (["detect", "photos", "-o", "photos"], "ending in .jsonl, .json, .csv, got 'photos'"),
        (["detect", "photos", "--max-megapixels", "0"], "expected --max-megapixels above 0, got 0"),
        (["detect", "photos", "-o", "photos/a.jpg/f.csv"], "photos/a.jpg"),
        (["extract", "photos", "-o", "faces", "--size", "0"], "expected a crop size of 1 to 4096"),
        (["extract", "photos", "-o", "faces", "--margin", "-1"], "expected a margin of 0 to 10"),
        (["extract", "photos", "-o", "faces", "--format", "gif"], 'expected format "jpg" or "png", got \'gif\''),
        (["extract", "photos", "-o", "faces", "--quality", "101"], "expected a JPEG quality of 1 to 100"),
        (["extract", "photos", "-o", "faces", "--min-score", "2"], "expected min_score from 0 to 1"),
        (["extract", "photos", "-o", "photos/a.jpg"], "photos/a.jpg"),
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

    def broken(self: Painted, pictures: Sequence[Pixels], /) -> list[Faces]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Painted, "detect_batch", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        run("detect", photos, "-o", "f.csv")
    assert Path("f.csv").read_text() == "old"
    assert tree(Path()) == ["f.csv", "photos/a.jpg", "photos/b.png", "photos/sub/a.png"]


def test_exhausted_memory_is_no_bug(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(self: Painted, pictures: Sequence[Pixels], /) -> list[Faces]:
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
    assert Path("faces", f"{name[:-4]}_00.jpg").exists()


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
        ("album.zip/x/a.jpg", "album.zip/x/a_00.jpg"),
        ("album.zip/x/a.jpg", "album.zip/x/a_01.jpg"),
        ("album.zip/bad.jpg", ""),
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
    assert run("detect", "clip.mkv", "--start", "60").err == "facecascade: no pictures found\n"


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
    assert (result.code, result.err) == (0, "facecascade: no pictures found\n")
    assert json.loads(Path("f.json").read_text()) == []


@pytest.mark.parametrize("command", [[], ["detect"], ["extract"], ["info"]])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(command: list[str], option: str) -> None:
    result = run(*command, option)
    assert result.code == 0
    assert "Usage:" in result.out
    assert "\b" not in result.out
    if command in (["detect"], ["extract"]):
        assert "Examples:\n" in result.out
        assert f"facecascade {command[0]} photos -o faces" in result.out
    if not command:
        assert "130  interrupted" in result.out


def test_version() -> None:
    assert run("--version").out == f"facecascade {facecascade.__version__}\n"

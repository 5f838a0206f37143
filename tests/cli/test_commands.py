"""The commands in this process, with a detector that finds what the pictures say."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.read.videos import make_video, steady
from typer.testing import CliRunner

import facecascade.detector
from facecascade.cli.app import app
from facecascade.detector import MTCNN
from facecascade.errors import EngineError, WeightsError
from facecascade.faces import Faces
from facecascade.read import Color, PictureSource, printable
from facecascade.settings import PRESETS, Preset, Settings

Pixels = NDArray[np.uint8]


class Painted(MTCNN):
    """Finds a face for every red square of 20 pixels on a grid of 40; knows how it was made."""

    made: dict[str, Any]
    settings = Settings()
    weights = cast("Any", SimpleNamespace(name="painted", sha256="0" * 64))

    def __init__(self, **arguments: Any) -> None:
        type(self).made = arguments
        if arguments["engine"] == "none":
            raise EngineError("expected an engine,\n got none")
        if "weights" in arguments:
            raise WeightsError(f"expected weights, got {arguments['weights']}")

    def detect_batch(self, pictures: Iterable[PictureSource], *, color: Color = "rgb") -> list[Faces]:
        return [self._faces(np.asarray(picture)) for picture in pictures]

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


def test_detect_writes_other_formats_and_then_prints_nothing(photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"no picture")
    orders = ["coco:out/coco.json", "yolo+pose:out/yolo", "wider:out/wider.txt", "xmp:out/xmp", "csv:out/f"]
    result = run("detect", photos, *(word for order in orders for word in ("--write", order)))
    assert (result.code, result.out) == (1, "")
    assert tree(Path("out")) == [
        *["coco.json", "coco.json.errors.csv", "f", "wider.txt", "wider.txt.errors.csv"],
        *["xmp/a.jpg.xmp", "xmp/errors.csv", "xmp/sub/a.png.xmp"],
        *["yolo/classes.txt", "yolo/data.yaml", "yolo/errors.csv"],
        *["yolo/labels/a.txt", "yolo/labels/b.txt", "yolo/labels/sub/a.txt"],
    ]
    found = json.loads(Path("out/coco.json").read_text())
    assert [len(found[name]) for name in ("images", "annotations")] == [3, 3]
    assert found["info"]["weights_sha256"] == "0" * 64
    assert json.loads(found["info"]["settings"])["min_face_size"] == 20


def test_detect_prints_all_the_same_when_asked(photos: Path) -> None:
    assert len(lines(run("detect", photos, "-o", "-", "--write", "wider:w.txt").out)) == 3
    assert Path("w.txt").exists()


def test_parquet_by_suffix_and_by_name(photos: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    assert run("detect", photos, "-o", "f.parquet").code == 0
    assert parquet.read_table("f.parquet")["source"].to_pylist() == ["photos/a.jpg"] * 2 + ["photos/sub/a.png"]
    assert b"facecascade.weights_sha256" in parquet.read_schema("f.parquet").metadata
    assert run("extract", photos, "-o", "faces", "--write", "parquet:faces/faces.parquet").code == 0
    assert parquet.read_table("faces/faces.parquet")["crop"].to_pylist() == ["a_00.jpg", "a_01.jpg", "sub/a_00.jpg"]
    assert Path("faces/faces.csv").exists()


def test_sidecars_are_never_replaced_and_merged_when_asked(photos: Path) -> None:
    assert run("detect", photos, "--write", "xmp").code == 0
    assert tree(photos) == ["a.jpg", "a.jpg.xmp", "b.png", "sub/a.png", "sub/a.png.xmp"]
    before = {name: (photos / name).read_bytes() for name in tree(photos)}
    result = run("detect", photos, "--write", "xmp", "-o", "f.csv")
    assert (result.code, tree(Path())) == (2, [f"photos/{name}" for name in before])
    assert "expected no sidecar yet, got photos/a.jpg.xmp" in result.err
    assert run("detect", photos, "--write", "xmp+merge").code == 0
    for name in ("a.jpg.xmp", "sub/a.png.xmp"):
        assert (photos / name).read_text().count("<mwg-rs:Type>Face") == before[name].count(b"<mwg-rs:Type>Face")


def test_pictures_of_one_name_get_labels_of_their_own(photos: Path) -> None:
    paint(photos / "a.png", 1)
    assert run("detect", photos, "--write", "yolo:y").code == 0
    assert tree(Path("y/labels")) == ["a.txt", "a_png.txt", "b.txt", "sub/a.txt"]


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


def test_help_of_extract_has_a_heading_for_each_kind_of_option() -> None:
    lines = run("extract", "--help").out.splitlines()
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == [
        "Arguments:",
        "Files:",
        "Crops:",
        "Selection (by default all faces):",
        "Detector:",
        "Options:",
    ]
    assert sum(line.lstrip().startswith("--") for line in lines) >= 20


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
            "engine": "reference",
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
        (["detect", "photos", "--preset", "best"], "expected a preset out of default, thorough, fast, got 'best'"),
        (["extract", "photos", "-o", "faces", "--preset", ""], "a preset out of default, thorough, fast, got ''"),
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


@pytest.mark.parametrize("command", ["detect", "extract", "evaluate"])
def test_help_teaches_the_presets_and_the_defaults(command: str) -> None:
    text = run(command, "--help").out
    lines = {words[0]: line for line in text.splitlines() if (words := line.split()) and words[0] in PRESETS}
    assert lines.keys() == PRESETS.keys()
    for name, line in lines.items():
        assert f"from {PRESETS[name].get('min_face_size', Settings().min_face_size):g} pixels" in line
    flowing = " ".join(text.split())
    assert "[default: 20, or the preset's]" in flowing
    assert "[default: 0.6 0.7 0.7, or the preset's]" in flowing
    assert "[default: subpixel]" in flowing
    assert "None" not in text


def test_version() -> None:
    assert run("--version").out == f"facecascade {facecascade.__version__}\n"

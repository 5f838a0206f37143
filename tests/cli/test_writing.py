"""What `--write` writes, for all commands and inputs."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.painted import lines, paint, run, tree

from facecascade.extract import warp


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


def test_matrices_lead_from_the_picture_to_the_crop_in_every_format(photos: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2024:05:31 18:20:01"
    with Image.open(photos / "a.jpg") as image:
        image.save(photos / "b.jpg", exif=exif)
    orders = ["--write", "parquet:f.parquet", "--write", "coco:f.json"]
    options = ["--crop", "aligned", "--format", "png", *orders]
    assert run("extract", photos / "b.jpg", "-o", "faces", *options).code == 0
    rows = parquet.read_table("f.parquet").to_pylist()
    annotations = json.loads(Path("f.json").read_text())["annotations"]
    for row, annotation in zip(rows, annotations, strict=True):
        assert annotation["matrix"] == row["matrix"]
        assert annotation["hash"] == row["hash"] > 0
        assert row["captured"] == "2024-05-31T18:20:01"
        with Image.open(photos / "b.jpg") as picture, Image.open(Path("faces", row["crop"])) as crop:
            again = warp(np.asarray(picture), np.reshape(row["matrix"], (2, 3)), size=112)
            assert np.array_equal(again, np.asarray(crop))


@pytest.mark.parametrize("command", [["detect"], ["extract", "-o", "faces"]])
def test_every_input_reaches_every_format(photos: Path, command: list[str]) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    with zipfile.ZipFile("album.zip", "w") as archive:
        archive.write("photos/a.jpg", "day/a.jpg")
    Image.new("RGB", (50, 50)).save("a.gif", save_all=True, append_images=[Image.new("RGB", (50, 50), "white")])
    orders = [f"{name}:out/{name}" for name in ("jsonl", "json", "csv", "parquet", "coco", "yolo", "wider", "xmp")]
    words = [word for order in orders for word in ("--write", order)]
    inputs = ["album.zip", "a.gif", "photos/sub/*.png", "--frames", "all"]
    result = run(*command, *inputs, *words)
    assert (result.code, result.out) == (0, ""), result.err
    names = ["a.gif/0", "a.gif/1", "album.zip/day/a", "photos/sub/a"]
    assert tree(Path("out/yolo/labels")) == [f"{name}.txt" for name in names]
    assert tree(Path("out/wider")) == [f"{name}.txt" for name in names]
    assert tree(Path("out/xmp")) == ["album.zip/day/a.jpg.xmp", "photos/sub/a.png.xmp"]
    sources = [picture["source"] for picture in lines(Path("out/jsonl").read_text())]
    assert sorted(sources) == ["a.gif/#0", "a.gif/#1", "album.zip/day/a.jpg", "photos/sub/a.png"]
    assert [image["file_name"] for image in json.loads(Path("out/coco").read_text())["images"]] == sources


def test_sidecars_beside_what_is_in_archives_are_refused_before_any_work(photos: Path) -> None:
    with zipfile.ZipFile("album.zip", "w") as archive:
        archive.write("photos/a.jpg", "a.jpg")
    before = tree(Path())
    result = run("detect", photos, "album.zip", "--write", "xmp", "-o", "f.csv")
    assert (result.code, tree(Path())) == (2, before)
    assert "name a folder for the sidecars" in result.err

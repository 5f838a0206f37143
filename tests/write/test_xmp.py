"""XMP sidecars, read back by an XML parser."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.write.test_regions import DIGIKAM, regions_in

from facecascade.errors import AnnotationError, ImageError, SettingsError
from facecascade.faces import Faces
from facecascade.read import stored_orientation
from facecascade.write import XmpWriter
from facecascade.write.regions import Region

MakeFaces = Callable[..., Faces]


def found_in(path: Path) -> list[Region]:
    return [region for _, region in regions_in(path.read_text("utf-8"))]


def upright_boxes(path: Path) -> Any:
    """x1 y1 x2 y2 in pixels of a picture of 640 x 480 that stands as it is stored."""
    regions = np.array(found_in(path)).reshape(-1, 4)
    edges = np.concatenate([regions[:, :2] - regions[:, 2:] / 2, regions[:, :2] + regions[:, 2:] / 2], axis=1)
    return edges * [640, 480, 640, 480]


def test_a_sidecar_lies_beside_each_picture_with_faces(tmp_path: Path, some_faces: MakeFaces) -> None:
    with XmpWriter() as writer:
        writer.write(tmp_path / "a.jpg", some_faces(3), width=640, height=480)
        writer.write(tmp_path / "none.jpg", Faces.empty(), width=640, height=480)
        writer.write_error(tmp_path / "bad.jpg", ImageError("broken"))
        assert list(tmp_path.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg.xmp"]
    assert np.allclose(upright_boxes(tmp_path / "a.jpg.xmp"), some_faces(3).boxes, atol=1e-3)


def test_sidecars_by_adobe_s_name(tmp_path: Path, some_faces: MakeFaces) -> None:
    with XmpWriter(sidecar="stem") as writer:
        writer.write(tmp_path / "a.b.jpg", some_faces(1), width=640, height=480)
    assert [path.name for path in tmp_path.iterdir()] == ["a.b.xmp"]


def test_in_a_folder_with_errors_listed(tmp_path: Path, some_faces: MakeFaces) -> None:
    with XmpWriter(tmp_path / "out", names=lambda source: Path("sub", Path(source).stem)) as writer:
        writer.write("nowhere/a.jpg", some_faces(1), width=640, height=480)
        writer.write_error("bad.jpg", ImageError("bad.jpg: broken"))
    assert len(found_in(tmp_path / "out" / "sub" / "a.jpg.xmp")) == 1
    with (tmp_path / "out" / "errors.csv").open(newline="") as file:
        assert list(csv.reader(file))[1] == ["bad.jpg", "bad.jpg: broken"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_the_file_is_undone(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (40, 30)).save(tmp_path / "a.jpg", exif=exif)
    width, height = (30, 40) if orientation >= 5 else (40, 30)
    faces = Faces(np.array([[0, 0, 10, 20]], np.float32), np.ones(1, np.float32))
    with XmpWriter(orientation=stored_orientation) as writer:
        writer.write(tmp_path / "a.jpg", faces, width=width, height=height)
    (region,) = found_in(tmp_path / "a.jpg.xmp")
    size = (20 / 40, 10 / 30) if orientation >= 5 else (10 / 40, 20 / 30)
    left, top = orientation in (1, 4, 5, 6), orientation in (1, 2, 5, 8)
    centre = (size[0] / 2 if left else 1 - size[0] / 2, size[1] / 2 if top else 1 - size[1] / 2)
    assert region == pytest.approx((*centre, *size), abs=1e-6)
    assert "<stDim:w>40</stDim:w>" in (tmp_path / "a.jpg.xmp").read_text("utf-8")


def test_a_picture_without_orientation_stands_as_it_is(tmp_path: Path) -> None:
    Image.new("RGB", (4, 3)).save(tmp_path / "a.png")
    assert stored_orientation(tmp_path / "a.png") == 1
    (tmp_path / "b.png").write_bytes(b"no picture")
    for name in ("b.png", "c.png"):
        with pytest.raises(ImageError, match=name):
            stored_orientation(tmp_path / name)


def test_a_sidecar_that_is_there_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "b.jpg.xmp").write_text("old")
    with pytest.raises(SettingsError, match=r"expected no sidecar yet, got .*b\.jpg\.xmp: move it away, or ask for"):
        XmpWriter(sources=[tmp_path / "a.jpg", tmp_path / "b.jpg"])
    assert (tmp_path / "b.jpg.xmp").read_text() == "old"


def test_a_sidecar_that_came_meanwhile_is_left_alone_and_the_others_are_written(
    tmp_path: Path, some_faces: MakeFaces
) -> None:
    writer = XmpWriter()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        writer.write(tmp_path / name, some_faces(1), width=640, height=480)
    (tmp_path / "a.jpg.xmp").write_text("new")
    (tmp_path / "b.jpg.xmp").write_text("new")
    with pytest.raises(SettingsError, match=r"a\.jpg\.xmp: .*; so with 1 more; all other sidecars are written"):
        writer.close()
    assert (tmp_path / "a.jpg.xmp").read_text() == "new"
    assert len(found_in(tmp_path / "c.jpg.xmp")) == 1


def test_merging_reads_what_is_there_at_the_end(tmp_path: Path) -> None:
    faces = Faces(np.array([[184, 37.5, 234, 112.5], [0, 0, 30, 30]], np.float32), np.ones(2, np.float32))
    with XmpWriter(existing="merge", sources=[tmp_path / "a.jpg"]) as writer:
        writer.write(tmp_path / "a.jpg", faces, width=400, height=300)
        (tmp_path / "a.jpg.xmp").write_text(DIGIKAM, "utf-8")
    names = [name for name, _ in regions_in((tmp_path / "a.jpg.xmp").read_text("utf-8"))]
    assert names == ["Ann", ""]


def test_what_cannot_be_merged_is_left_as_it_was_and_the_others_are_written(
    tmp_path: Path, some_faces: MakeFaces
) -> None:
    (tmp_path / "a.jpg.xmp").write_text("<broken")
    writer = XmpWriter(existing="merge")
    for name in ("a.jpg", "b.jpg"):
        writer.write(tmp_path / name, some_faces(1), width=640, height=480)
    with pytest.raises(AnnotationError, match=r"a\.jpg\.xmp: expected XMP.*all other sidecars are written"):
        writer.close()
    assert (tmp_path / "a.jpg.xmp").read_text() == "<broken"
    assert len(found_in(tmp_path / "b.jpg.xmp")) == 1


def test_a_folder_that_cannot_be_written_to_stops_no_other(tmp_path: Path, some_faces: MakeFaces) -> None:
    (tmp_path / "blocked").write_text("a file where a folder must be")
    writer = XmpWriter(tmp_path, names=lambda source: Path(source).with_suffix(""))
    for name in ("blocked/a.jpg", "free/b.jpg"):
        writer.write(name, some_faces(1), width=640, height=480)
    with pytest.raises(OSError, match=r"blocked.*all other sidecars are written"):
        writer.close()
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["b.jpg.xmp"]


def test_a_picture_that_is_gone_meanwhile_stops_no_other(tmp_path: Path, some_faces: MakeFaces) -> None:
    Image.new("RGB", (640, 480)).save(tmp_path / "b.jpg")
    with pytest.raises(ImageError, match=r"a\.jpg"), XmpWriter(orientation=stored_orientation) as writer:  # noqa: PT012
        for name in ("a.jpg", "b.jpg"):
            writer.write(tmp_path / name, some_faces(1), width=640, height=480)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.jpg", "b.jpg.xmp"]


def test_pictures_that_are_no_files_need_a_folder(tmp_path: Path, some_faces: MakeFaces) -> None:
    (tmp_path / "x.zip").touch()
    with pytest.raises(SettingsError, match="name a folder"), XmpWriter() as writer:
        writer.write(tmp_path / "x.zip" / "a.jpg", some_faces(1), width=640, height=480)


def test_two_pictures_never_share_a_sidecar(tmp_path: Path, some_faces: MakeFaces) -> None:
    with pytest.raises(SettingsError, match=r"a\.xmp for '.*a\.jpg' and for"), XmpWriter(sidecar="stem") as writer:  # noqa: PT012
        writer.write(tmp_path / "a.jpg", some_faces(1), width=640, height=480)
        writer.write(tmp_path / "a.png", some_faces(1), width=640, height=480)
    assert list(tmp_path.iterdir()) == []


def test_any_name(tmp_path: Path, some_faces: MakeFaces, odd_name: str) -> None:
    with XmpWriter(tmp_path) as writer:
        writer.write(odd_name, some_faces(1), width=640, height=480)
    assert len(found_in(tmp_path / (Path(odd_name).name + ".xmp"))) == 1


def test_a_failure_midway_writes_nothing(tmp_path: Path, some_faces: MakeFaces) -> None:
    with pytest.raises(RuntimeError), XmpWriter() as writer:  # noqa: PT012
        writer.write(tmp_path / "a.jpg", some_faces(1), width=640, height=480)
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_unknown_ways_are_refused() -> None:
    with pytest.raises(SettingsError, match="got 'overwrite', 'whole'"):
        XmpWriter(existing="overwrite")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="got 'refuse', 'half'"):
        XmpWriter(sidecar="half")  # type: ignore[arg-type]

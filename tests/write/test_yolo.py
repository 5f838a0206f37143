"""YOLO, read back by supervision where it is installed, and by its own rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facecascade.errors import ImageError, SettingsError
from facecascade.faces import Faces
from facecascade.write import YoloWriter

MakeFaces = Callable[..., Faces]


def rows(path: Path) -> list[list[float]]:
    return [[float(number) for number in line.split()] for line in path.read_text().splitlines()]


def test_supervision_reads_the_boxes(tmp_path: Path, some_faces: MakeFaces) -> None:
    sv = pytest.importorskip("supervision", reason="supervision is not installed: a large package, for this test alone")
    faces = some_faces(3)
    with YoloWriter(tmp_path) as writer:
        writer.write("a.png", faces, width=640, height=480)
        writer.write("none.png", Faces.empty(), width=640, height=480)
    (tmp_path / "images").mkdir()
    for name in ("a.png", "none.png"):
        Image.new("RGB", (640, 480)).save(tmp_path / "images" / name)
    data = sv.DetectionDataset.from_yolo(
        str(tmp_path / "images"), str(tmp_path / "labels"), str(tmp_path / "data.yaml")
    )
    assert data.classes == ["face"]
    found = {Path(path).name: detections for path, _, detections in data}
    assert np.allclose(found["a.png"].xyxy, faces.boxes, atol=1e-3)
    assert found["a.png"].class_id.tolist() == [0, 0, 0]
    assert len(found["none.png"]) == 0


def test_a_line_is_class_centre_and_size(tmp_path: Path) -> None:
    faces = Faces(np.array([[10, 20, 30, 60]], np.float32), np.array([0.9], np.float32))
    with YoloWriter(tmp_path) as writer:
        writer.write("sub/a.jpg", faces, width=100, height=80)
    assert (tmp_path / "labels" / "sub" / "a.txt").read_text() == "0 0.2000000 0.5000000 0.2000000 0.5000000\n"
    assert (tmp_path / "classes.txt").read_text() == "face\n"
    assert "kpt_shape" not in (tmp_path / "data.yaml").read_text()


def test_boxes_are_cut_to_the_picture_and_those_outside_left_out(tmp_path: Path) -> None:
    boxes = np.array([[-10, -10, 10, 10], [90, 70, 200, 200], [100, 0, 120, 20], [-9, 0, 0, 9]], np.float32)
    with YoloWriter(tmp_path) as writer:
        writer.write("a.jpg", Faces(boxes, np.ones(4, np.float32)), width=100, height=80)
    found = np.array(rows(tmp_path / "labels" / "a.txt"))
    assert np.allclose(found, [[0, 0.05, 0.0625, 0.1, 0.125], [0, 0.95, 0.9375, 0.1, 0.125]])


def test_pose_has_five_points_from_the_corner_of_the_picture(tmp_path: Path) -> None:
    points = np.array([[[-0.5, -0.5], [99.5, 79.5], [49.5, 39.5], [100, 5], [5, -0.6]]], np.float32)
    faces = Faces(np.array([[0, 0, 50, 40]], np.float32), np.array([0.9], np.float32), points)
    with YoloWriter(tmp_path, pose=True) as writer:
        writer.write("a.jpg", faces, width=100, height=80)
    (row,) = rows(tmp_path / "labels" / "a.txt")
    assert len(row) == 20
    assert np.reshape(row[5:], (5, 3)).tolist() == [[0, 0, 2], [1, 1, 2], [0.5, 0.5, 2], [0, 0, 0], [0, 0, 0]]
    description = (tmp_path / "data.yaml").read_text()
    assert "kpt_shape: [5, 3]\nflip_idx: [1, 0, 2, 4, 3]\n" in description


def test_every_number_is_a_share(tmp_path: Path) -> None:
    numbers = np.random.default_rng(3)
    boxes = np.sort(numbers.uniform(-50, 150, (50, 2, 2)), axis=1).reshape(50, 4).astype(np.float32)
    points = numbers.uniform(-50, 150, (50, 5, 2)).astype(np.float32)
    with YoloWriter(tmp_path, pose=True) as writer:
        writer.write("a.jpg", Faces(boxes, np.ones(50, np.float32), points), width=100, height=80)
    found = np.array(rows(tmp_path / "labels" / "a.txt"))
    assert 20 < len(found) < 50
    coordinates = np.delete(found, [0, *range(7, 20, 3)], axis=1)
    assert coordinates.min() >= 0
    assert coordinates.max() <= 1
    assert set(np.unique(found[:, 7::3])) == {0, 2}


def test_pose_without_landmarks_has_zeros(tmp_path: Path, some_faces: MakeFaces) -> None:
    with YoloWriter(tmp_path, pose=True) as writer:
        writer.write("a.jpg", some_faces(1, landmarks=False), width=640, height=480)
    assert rows(tmp_path / "labels" / "a.txt")[0][5:] == [0] * 15


def test_any_name(tmp_path: Path, some_faces: MakeFaces, odd_name: str) -> None:
    with YoloWriter(tmp_path) as writer:
        writer.write(odd_name, some_faces(1), width=640, height=480)
    name = re.sub(r"\.jpg$", "", odd_name) + ".txt"
    assert len(rows(tmp_path / "labels" / name)) == 1


def test_absolute_and_climbing_paths_stay_in_the_folder(tmp_path: Path, some_faces: MakeFaces) -> None:
    with YoloWriter(tmp_path / "out") as writer:
        writer.write("/somewhere/a.jpg", some_faces(1), width=640, height=480)
        writer.write("../../b.jpg", some_faces(1), width=640, height=480)
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.txt"))
    assert found == ["out/classes.txt", "out/labels/b.txt", "out/labels/somewhere/a.txt"]


def test_two_pictures_never_share_a_file(tmp_path: Path, some_faces: MakeFaces) -> None:
    with pytest.raises(SettingsError, match=r"'labels/a.txt' for 'a.jpg' and for 'a.png'"), YoloWriter(tmp_path) as one:  # noqa: PT012
        one.write("a.jpg", some_faces(1), width=640, height=480)
        one.write("a.png", some_faces(1), width=640, height=480)
    assert list(tmp_path.iterdir()) == []
    with YoloWriter(tmp_path, names=lambda source: Path(str(source).replace(".", "_"))) as two:
        two.write("a.jpg", some_faces(1), width=640, height=480)
        two.write("a.png", some_faces(1), width=640, height=480)
    assert sorted(path.name for path in (tmp_path / "labels").iterdir()) == ["a_jpg.txt", "a_png.txt"]


@pytest.mark.parametrize("name", ["/a", "../a"])
def test_names_never_lead_out_of_the_folder(tmp_path: Path, some_faces: MakeFaces, name: str) -> None:
    with (
        pytest.raises(SettingsError, match="expected a name below the folder"),
        YoloWriter(tmp_path, names=lambda _: Path(name)) as writer,
    ):
        writer.write("a.jpg", some_faces(1), width=640, height=480)


def test_errors_are_listed_in_the_folder(tmp_path: Path) -> None:
    with YoloWriter(tmp_path) as writer:
        writer.write_error("bad.jpg", ImageError("bad.jpg: broken"))
    assert (tmp_path / "errors.csv").read_text() == "source,error\nbad.jpg,bad.jpg: broken\n"


def test_a_failure_midway_leaves_everything_as_it_was(tmp_path: Path, some_faces: MakeFaces) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("old")
    with pytest.raises(RuntimeError), YoloWriter(tmp_path) as writer:  # noqa: PT012
        writer.write("a.jpg", some_faces(1), width=640, height=480)
        writer.write("b.jpg", some_faces(1), width=640, height=480)
        raise RuntimeError
    assert (tmp_path / "labels" / "a.txt").read_text() == "old"
    assert len(list(tmp_path.rglob("*"))) == 2


def test_a_place_that_cannot_be_written_changes_no_other_file(tmp_path: Path, some_faces: MakeFaces) -> None:
    (tmp_path / "labels" / "a.txt").mkdir(parents=True)
    (tmp_path / "labels" / "b").write_text("a file where a folder must be")
    (tmp_path / "labels" / "c.txt").write_text("old")
    writer = YoloWriter(tmp_path)
    for name in ("c.jpg", "b/d.jpg"):
        writer.write(name, some_faces(1), width=640, height=480)
    with pytest.raises(OSError):  # noqa: PT011  # which one is the system's choice
        writer.close()
    assert (tmp_path / "labels" / "c.txt").read_text() == "old"
    assert not list(tmp_path.rglob("*.part"))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="expected a folder to write into"):
        YoloWriter(tmp_path / "file")

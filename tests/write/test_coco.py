"""COCO, read back by pycocotools, and by supervision where it is installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facecascade.errors import ImageError
from facecascade.faces import LANDMARK_NAMES, Faces
from facecascade.write import CocoWriter

MakeFaces = Callable[..., Faces]


def document(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


def write(path: Path, faces: Faces, *, clip: bool = False) -> None:
    with CocoWriter(path, clip=clip, metadata={"version": "1"}) as writer:
        writer.write("a.png", faces, width=640, height=480)
        writer.write("none.png", Faces.empty(), width=10, height=20)
        writer.write_error("bad.png", ImageError("bad.png: broken"))
        writer.write("b.png", faces[:1], width=640, height=480)


def test_pycocotools_reads_boxes_and_keypoints(tmp_path: Path, some_faces: MakeFaces) -> None:
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed")
    faces = some_faces(3)
    write(tmp_path / "f.json", faces)
    truth = coco.COCO(str(tmp_path / "f.json"))
    assert [image["file_name"] for image in truth.loadImgs(truth.getImgIds())] == ["a.png", "none.png", "b.png"]
    assert truth.loadCats(truth.getCatIds(catNms=["face"]))[0]["keypoints"] == list(LANDMARK_NAMES)
    found = truth.loadAnns(truth.getAnnIds(imgIds=[1]))
    boxes = np.array([annotation["bbox"] for annotation in found])
    assert np.allclose(boxes[:, :2], faces.boxes[:, :2], atol=1e-4)
    assert np.allclose(boxes[:, :2] + boxes[:, 2:], faces.boxes[:, 2:], atol=1e-4)
    assert np.allclose([annotation["area"] for annotation in found], np.prod(boxes[:, 2:], axis=1), rtol=1e-5)
    points = np.array([annotation["keypoints"] for annotation in found], np.float32).reshape(3, 5, 3)
    assert np.array_equal(points[..., :2], faces.landmarks)  # type: ignore[arg-type]
    assert (points[..., 2] == 2).all()
    assert truth.getAnnIds(imgIds=[2]) == []


@pytest.mark.parametrize("kind", ["bbox", "keypoints"])
def test_pycocotools_finds_faces_equal_to_themselves(tmp_path: Path, some_faces: MakeFaces, kind: str) -> None:
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    write(tmp_path / "f.json", some_faces(3))
    truth = coco.COCO(str(tmp_path / "f.json"))
    judge = evaluation.COCOeval(truth, truth.loadRes(document(tmp_path / "f.json")["annotations"]), kind)
    judge.params.kpt_oks_sigmas = np.full(5, 0.05)
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    assert judge.stats[0] == pytest.approx(1)


def test_supervision_reads_the_boxes(tmp_path: Path, some_faces: MakeFaces) -> None:
    sv = pytest.importorskip("supervision", reason="supervision is not installed: a large package, for this test alone")
    faces = some_faces(3)
    write(tmp_path / "f.json", faces)
    for name in ("a.png", "none.png", "b.png"):
        Image.new("RGB", (640, 480)).save(tmp_path / name)
    data = sv.DetectionDataset.from_coco(str(tmp_path), str(tmp_path / "f.json"))
    assert data.classes == ["face"]
    found = {Path(path).name: detections for path, _, detections in data}
    assert np.allclose(found["a.png"].xyxy, faces.boxes, atol=1e-3)
    assert {name: len(detections) for name, detections in found.items()} == {"a.png": 3, "none.png": 0, "b.png": 1}


def test_ids_count_from_one_and_scores_and_crops_are_kept(tmp_path: Path, some_faces: MakeFaces) -> None:
    faces = some_faces(2)
    with CocoWriter(tmp_path / "f.json", metadata={"weights_sha256": "ab"}) as writer:
        writer.write("a.png", faces, width=640, height=480, crops=["0.png", "1.png"])
    loaded = document(tmp_path / "f.json")
    assert loaded["info"]["weights_sha256"] == "ab"
    assert [(a["id"], a["image_id"], a["category_id"], a["iscrowd"]) for a in loaded["annotations"]] == [
        (1, 1, 1, 0),
        (2, 1, 1, 0),
    ]
    assert np.array_equal(np.array([a["score"] for a in loaded["annotations"]], np.float32), faces.scores)
    assert [a["crop"] for a in loaded["annotations"]] == ["0.png", "1.png"]


def test_boxes_are_cut_when_asked_and_points_outside_are_not_visible(tmp_path: Path) -> None:
    points = np.array([[[-0.6, 5], [-0.5, 5], [9.5, 5], [9.6, 5], [5, 19.6]]], np.float32)
    faces = Faces(np.array([[-5, -5, 5, 25]], np.float32), np.array([0.9], np.float32), points)
    for clip, box in ((False, [-5, -5, 10, 30]), (True, [0, 0, 5, 20])):
        with CocoWriter(tmp_path / "f.json", clip=clip) as writer:
            writer.write("a.png", faces, width=10, height=20)
        (annotation,) = document(tmp_path / "f.json")["annotations"]
        assert (annotation["bbox"], annotation["area"]) == (box, box[2] * box[3])
        assert annotation["keypoints"][2::3] == [1, 2, 2, 1, 1]
        assert annotation["num_keypoints"] == 5


def test_without_landmarks_no_keypoint_is_labelled(tmp_path: Path, some_faces: MakeFaces) -> None:
    with CocoWriter(tmp_path / "f.json") as writer:
        writer.write("a.png", some_faces(2, landmarks=False), width=640, height=480)
    for annotation in document(tmp_path / "f.json")["annotations"]:
        assert (annotation["keypoints"], annotation["num_keypoints"]) == ([0] * 15, 0)


def test_nothing_written_is_a_complete_document(tmp_path: Path) -> None:
    with CocoWriter(tmp_path / "f.json"):
        pass
    loaded = document(tmp_path / "f.json")
    assert (loaded["images"], loaded["annotations"], len(loaded["categories"])) == ([], [], 1)


def test_any_name(tmp_path: Path, some_faces: MakeFaces, odd_name: str) -> None:
    with CocoWriter(tmp_path / "f.json") as writer:
        writer.write(odd_name, some_faces(1), width=9, height=9)
    assert document(tmp_path / "f.json")["images"][0]["file_name"] == odd_name


def test_errors_are_listed_beside_the_file(tmp_path: Path, some_faces: MakeFaces) -> None:
    write(tmp_path / "f.json", some_faces(1))
    assert (tmp_path / "f.json.errors.csv").read_text() == "source,error\nbad.png,bad.png: broken\n"


def test_a_failure_midway_leaves_the_older_file(tmp_path: Path, some_faces: MakeFaces) -> None:
    (tmp_path / "f.json").write_text("old")
    with pytest.raises(RuntimeError), CocoWriter(tmp_path / "f.json") as writer:  # noqa: PT012
        writer.write("a.png", some_faces(2), width=9, height=9)
        raise RuntimeError
    assert (tmp_path / "f.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["f.json"]

"""The cascade in one ONNX file, run by ONNX Runtime, against the specification and the native engine."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.export.running import random_picture, session

from facecascade import views
from facecascade.engines.native import NativeEngine
from facecascade.engines.reference import ReferenceEngine
from facecascade.export.onnx.cascade import cascade_graph
from facecascade.export.sample import sample_picture
from facecascade.faces import Faces
from facecascade.overlap import iou, match_greedily
from facecascade.read import read_picture
from facecascade.settings import Geometry, Settings
from facecascade.weights import Weights

TENSORS = Weights.load().tensors
BUSY = (0.1, 0.01, 0.0)
"""Thresholds so low that noise, which is no face, keeps every stage busy."""
BOX_LIMIT, SCORE_LIMIT, LANDMARK_LIMIT = 0.05, 1e-4, 0.05

PHOTOGRAPHS = (
    "MTCNN__group2013.jpg",
    "MTCNN__test1.jpg",
    "FaceKit__imgs_14.jpg",
    "LFFD-A-Light-a__debug_image_test6.jpg",
    "Ultra-Light-Fa__imgs_9.jpg",
    "deepface__dataset_img16.jpg",
    "deepface__dataset_selfie-many-people.jpg",
    "face-api.js__images_bbt2.jpg",
    "facenet-pytorc__data_multiface.jpg",
    "yolov5-face__images_zidane.jpg",
)


@cache
def cascade(chosen: Settings) -> Any:
    return session(cascade_graph(TENSORS, chosen))


def detect(picture: NDArray[np.uint8], chosen: Settings) -> Faces:
    return Faces(*cascade(chosen).run(["boxes", "scores", "landmarks"][: chosen.stages], {"picture": picture}))


def assert_same_faces(found: Faces, expected: Faces) -> None:
    assert (np.diff(found.scores) <= 0).all()
    assert (found.landmarks is None) == (expected.landmarks is None)
    pairs = match_greedily(iou(found.boxes, expected.boxes), least=0.9)
    assert len(pairs) == len(found) == len(expected)
    left, right = np.array(pairs, np.intp).reshape(-1, 2).T
    assert np.abs(found.boxes[left] - expected.boxes[right]).max(initial=0) <= BOX_LIMIT
    assert np.abs(found.scores[left] - expected.scores[right]).max(initial=0) <= SCORE_LIMIT
    if found.landmarks is not None and expected.landmarks is not None:
        assert np.abs(found.landmarks[left] - expected.landmarks[right]).max(initial=0) <= LANDMARK_LIMIT


def reference(picture: NDArray[np.uint8], chosen: Settings) -> Faces:
    return views.detect(ReferenceEngine(TENSORS), [picture], chosen)[0]


@pytest.mark.parametrize(
    "chosen",
    [
        Settings(),
        Settings(geometry="classic"),
        Settings(min_face_size=31.5, scale_factor=0.8, thresholds=(0.5, 0.5, 0.3)),
        Settings(border=0.13),
    ],
)
def test_drawn_faces_are_found(chosen: Settings) -> None:
    picture = sample_picture()[:237]
    expected = reference(picture, chosen)
    assert len(expected) >= 5
    assert_same_faces(detect(picture, chosen), expected)


@pytest.mark.parametrize("seed", range(8))
def test_noise_gives_the_same_faces(seed: int) -> None:
    height, width = np.random.default_rng(seed).integers(20, 90, 2)
    geometry: Geometry = "classic" if seed % 2 else "subpixel"
    chosen = Settings(
        geometry=geometry, min_face_size=[12, 15.5, 20, 37.5][seed % 4], thresholds=BUSY, scale_factor=0.6
    )
    picture = random_picture(height, width, seed=seed)
    assert_same_faces(detect(picture, chosen), reference(picture, chosen))


def test_two_stages_end_after_rnet() -> None:
    chosen = Settings(stages=2, thresholds=(0.6, 0.9, 0))
    outputs = [output.name for output in cascade(chosen).get_outputs()]
    assert outputs == ["boxes", "scores"]
    boxes, scores = cascade(chosen).run(None, {"picture": sample_picture()})
    expected = reference(sample_picture(), chosen)
    assert len(expected) > 5
    assert np.abs(scores - expected.scores).max() < SCORE_LIMIT
    assert np.abs(boxes - expected.boxes).max() < BOX_LIMIT


@given(height=st.integers(0, 120), width=st.integers(0, 120), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_pictures_of_any_size_are_answered(height: int, width: int, seed: int) -> None:
    faces = detect(random_picture(height, width, seed=seed), Settings(thresholds=BUSY))
    assert np.isfinite(faces.boxes).all()
    assert ((faces.scores >= 0) & (faces.scores <= 1)).all()
    if min(height, width) < 20:
        assert len(faces) == 0


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (1, 1), (11, 11), (19, 400), (20, 20), (240, 320)])
@pytest.mark.parametrize("chosen", [Settings(), Settings(border=0.2), Settings(stages=2)])
def test_no_faces_are_arrays_of_length_0(size: tuple[int, int], chosen: Settings) -> None:
    found = cascade(chosen).run(None, {"picture": np.full((*size, 3), 200, np.uint8)})
    shapes = [(0, 4), (0,), (0, 5, 2)][: chosen.stages]
    assert [(array.shape, array.dtype) for array in found] == [(shape, np.float32) for shape in shapes]


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_give_the_same_faces(shared_data: Path, name: str) -> None:
    picture = read_picture(shared_data / "photos" / name)
    with_native = NativeEngine(TENSORS, threads=1)
    expected = with_native.detect([picture], Settings())[0]
    with_native.close()
    assert len(expected) > 0
    assert_same_faces(detect(picture, Settings()), expected)


def test_all_operators_are_those_of_the_standard() -> None:
    model = cascade_graph(TENSORS, Settings(border=0.1)).model("cascade")
    assert [one.domain for one in model.opset_import] == [""]
    kinds = set(_kinds(model.graph))
    assert all(onnx.defs.has(kind, 18) for kind in kinds)
    assert {"Loop", "Scan", "Conv", "NonMaxSuppression"} <= kinds


def _kinds(graph: Any) -> list[str]:
    """Of all nodes, in the bodies of loops too."""
    found = []
    for node in graph.node:
        assert node.domain == ""
        found.append(node.op_type)
        for attribute in node.attribute:
            found += _kinds(attribute.g) if attribute.HasField("g") else []
    return found

"""A study: everything on the way of one picture, and nothing that the trace and the networks do not say too."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from facecascade import MTCNN, Study
from facecascade.engines.reference import GEOMETRIES, level, normalised, onet, pnet, rnet, tightened
from facecascade.faces import Faces
from facecascade.overlap import iou
from facecascade.settings import CELL, NMS_ACROSS_LEVELS, NMS_WITHIN_LEVEL, Geometry
from facecascade.weights import Weights

TENSORS = Weights.load().tensors


@pytest.fixture(scope="module", params=["subpixel", "classic"])
def geometry(request: pytest.FixtureRequest) -> Geometry:
    name: Geometry = request.param
    return name


@pytest.fixture(scope="module")
def detector(geometry: Geometry) -> MTCNN:
    return MTCNN(min_face_size=60, geometry=geometry)


@pytest.fixture(scope="module")
def study(detector: MTCNN, astronaut: NDArray[np.uint8]) -> Study:
    return detector.study(astronaut)


def test_its_trace_is_that_of_the_engine(detector: MTCNN, study: Study, astronaut: NDArray[np.uint8]) -> None:
    native = detector.trace(astronaut)
    assert study.trace.scales == native.scales
    assert study.trace.candidates == native.candidates
    assert [len(study.trace.proposals), len(study.trace.refined)] == [len(native.proposals), len(native.refined)]
    assert len(study.trace.faces) == 1
    assert np.abs(study.trace.faces.boxes - native.faces.boxes).max() < 0.01


def test_levels_are_the_pyramid_with_p_nets_map(study: Study, astronaut: NDArray[np.uint8]) -> None:
    assert [one.scale for one in study.levels] == list(study.trace.scales)
    for one in study.levels[1:3]:
        side = int(np.ceil(512 * one.scale))
        assert np.array_equal(one.pixels, level(astronaut, side, side))
        assert one.probability.shape == (-(-side // 2) - 5,) * 2
        probability, _ = pnet(normalised(one.pixels), TENSORS)
        assert np.abs(one.probability - probability).max() < 1e-6


def test_windows_are_the_places_of_the_map_that_pass(study: Study) -> None:
    for one, count in zip(study.levels, study.trace.candidates, strict=True):
        assert len(one.windows) == count == (one.probability >= 0.6).sum()
        assert np.array_equal(one.windows.scores, one.probability[one.probability >= 0.6])
        width = one.windows.boxes[:, 2] - one.windows.boxes[:, 0]
        assert np.abs(width * one.scale - CELL).max(initial=0) < 2
    assert len(study.windows) == sum(study.trace.candidates)
    assert np.array_equal(study.windows.boxes[: len(study.levels[0].windows)], study.levels[0].windows.boxes)


def test_suppression_leaves_windows_that_hardly_overlap(study: Study, geometry: Geometry) -> None:
    extra = GEOMETRIES[geometry].last
    for one in study.levels:
        assert _rows(one.kept) <= _rows(one.windows)
        assert _largest_overlap(one.kept, extra=extra) <= NMS_WITHIN_LEVEL + 1e-6
    assert _rows(study.kept) <= _rows(study.windows)
    assert _largest_overlap(study.kept, extra=extra) <= NMS_ACROSS_LEVELS + 1e-6
    assert len(study.kept) < len(study.windows)
    assert np.array_equal(study.kept.scores, study.trace.proposals.scores)


def test_each_network_is_shown_what_the_one_before_hands_over(study: Study, geometry: Geometry) -> None:
    shares = GEOMETRIES[geometry]
    assert study.onet is not None
    for look, boxes, share, side in (
        (study.rnet, study.trace.proposals.boxes, shares.rnet_crop, 24),
        (study.onet, study.trace.refined.boxes, shares.onet_crop, 48),
    ):
        assert look.crops.shape == (len(boxes), side, side, 3)
        assert look.crops.dtype == np.uint8
        assert np.abs(look.squares.boxes - tightened(boxes.astype(np.float64), share)).max() < 1e-3
        assert np.array_equal(look.passed, look.squares.scores > 0.7)
        assert look.passed.any()
    assert not study.rnet.passed.all()


def test_crops_are_what_the_networks_judge(study: Study) -> None:
    assert study.onet is not None
    # Rounding to bytes moves a probability in the middle of the range by less than this.
    probability, _ = rnet(normalised(study.rnet.crops), TENSORS)
    assert np.abs(probability - study.rnet.squares.scores).max() < 0.05
    probability, _, landmarks = onet(normalised(study.onet.crops), TENSORS)
    assert np.abs(probability - study.onet.squares.scores).max() < 0.05
    assert study.onet.squares.landmarks is not None
    sides = study.onet.squares.boxes[:, 2] - study.onet.squares.boxes[:, 0]
    points = landmarks * sides[:, None, None] + study.onet.squares.boxes[:, None, :2]
    assert np.abs(points - study.onet.squares.landmarks).max() < 2


def test_two_stages_have_no_look_of_o_net(astronaut: NDArray[np.uint8]) -> None:
    study = MTCNN(min_face_size=60, stages=2).study(astronaut)
    assert study.onet is None
    assert study.trace.faces == study.trace.refined
    assert len(study.trace.refined) > 0


def test_a_picture_without_a_level_is_an_empty_study() -> None:
    study = MTCNN().study(np.zeros((19, 40, 3), np.uint8))
    assert study.levels == ()
    assert study.onet is not None
    assert [len(faces) for faces in (study.windows, study.kept, study.rnet.squares, study.onet.squares)] == [0] * 4
    assert study.rnet.crops.shape == (0, 24, 24, 3)


def _rows(faces: Faces) -> set[tuple[float, ...]]:
    return set(map(tuple, faces.boxes.tolist()))


def _largest_overlap(faces: Faces, *, extra: float) -> float:
    overlap = iou(faces.boxes, faces.boxes, extra=extra)
    np.fill_diagonal(overlap, 0)
    return float(overlap.max(initial=0))

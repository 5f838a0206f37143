"""The Keras engine against the specification, whole, on each backend of Keras, on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps
from tests.engines.on_backend import Remote

from facecascade import MTCNN
from facecascade.engines.reference import ReferenceEngine
from facecascade.faces import Faces
from facecascade.settings import PRESETS, Geometry, Settings
from facecascade.trace import Trace
from facecascade.weights import Weights

REFERENCE = ReferenceEngine(Weights.load().tensors)
BOX_LIMIT, SCORE_LIMIT, LANDMARK_LIMIT = 0.05, 1e-4, 0.05
BATCH_LIMIT = 1e-3
"""Pixels by which the boxes of a batch may differ from those of its pictures alone: float32 sums in another order."""

COARSE: dict[str, Any] = {"min_face_size": 24, "scale_factor": 0.5}
"""Few levels, and one pyramid in all tests: what is compiled for it takes longer than all else."""
BUSY = (0.1, 0.01, 0.0)
"""Thresholds so low that noise, which is no face, keeps every stage busy."""

geometries = pytest.mark.parametrize("geometry", ["subpixel", "classic"])
Picture = NDArray[np.uint8]


def noise(height: int, width: int) -> Picture:
    random = np.random.default_rng(5)
    blocks = random.integers(40, 216, (height // 8 + 1, width // 8 + 1, 3))
    large = np.kron(blocks, np.ones((8, 8, 1), np.int64))[:height, :width]
    return (large + random.integers(-40, 40, (height, width, 3))).astype(np.uint8)


@pytest.fixture(scope="module")
def scene(group: Picture) -> Picture:
    """(130, 200, 3) uint8: a group of people, in a bucket of 144 x 208 pixels."""
    return np.asarray(Image.fromarray(group).resize((200, 130)))


@pytest.fixture(scope="module")
def scenes(scene: Picture) -> list[Picture]:
    """Pictures of four sizes of that bucket: odd ones, one that fills it, and one that has no faces."""
    image = Image.fromarray(scene)
    return [scene, np.asarray(image.resize((193, 129))), np.asarray(image.resize((208, 144))), noise(135, 207)]


def assert_same_faces(found: Faces, expected: Faces, *, pixels: float = BOX_LIMIT, score: float = SCORE_LIMIT) -> None:
    """The same faces in the same order, but for those whose scores are equal within the limit."""
    assert len(found) == len(expected)
    assert (found.landmarks is None) == (expected.landmarks is None)
    if not len(expected):
        return
    alike = np.abs(found.scores[None] - expected.scores[:, None]) <= score
    apart = np.where(alike, np.abs(found.boxes[None] - expected.boxes[:, None]).max(axis=2), np.inf)
    partner = apart.argmin(axis=1)
    assert len(set(partner.tolist())) == len(expected)
    assert apart.min(axis=1).max() <= pixels
    if found.landmarks is not None and expected.landmarks is not None:
        assert np.abs(found.landmarks[partner] - expected.landmarks).max() <= max(pixels, LANDMARK_LIMIT)


def assert_same_trace(found: Trace, expected: Trace) -> None:
    assert found.scales == expected.scales
    assert found.candidates == expected.candidates
    assert_same_faces(found.proposals, expected.proposals)
    assert_same_faces(found.refined, expected.refined)
    assert_same_faces(found.faces, expected.faces)


@geometries
def test_every_stage_is_that_of_the_reference(on_keras: Remote, geometry: Geometry, scene: Picture) -> None:
    settings = Settings(geometry=geometry, **COARSE)
    expected = REFERENCE.trace(scene, settings)
    assert len(expected.faces) >= 4
    assert_same_trace(on_keras("trace", scene, settings), expected)


def test_a_batch_of_mixed_sizes_has_the_faces_of_each_alone(on_keras: Remote, scenes: list[Picture]) -> None:
    settings = Settings(**COARSE)
    tiny, flat = noise(23, 40), np.zeros((130, 200, 3), np.uint8)
    mixed = [scenes[3], tiny, scenes[0], flat, scenes[1], scenes[2]]
    batch = on_keras("detect", mixed, settings)
    for picture, found in zip(mixed, batch, strict=True):
        assert_same_faces(found, on_keras("detect", [picture], settings)[0], pixels=BATCH_LIMIT)
        assert_same_faces(found, REFERENCE.detect([picture], settings)[0])
    assert [len(faces) > 0 for faces in batch] == [False, False, True, False, True, True]


def test_the_edge_of_a_picture_smaller_than_its_bucket_is_an_edge(on_keras: Remote) -> None:
    """Windows at the edges, which are all that padding could reach, are looked at too, since all noise passes."""
    settings = Settings(thresholds=BUSY, **COARSE)
    for height, width in ((24, 25), (31, 26)):
        picture = 255 - noise(height, width)
        assert_same_trace(on_keras("trace", picture, settings), REFERENCE.trace(picture, settings))


def test_faces_far_from_the_corner_have_scores_as_exact(on_keras: Remote, scene: Picture) -> None:
    """Boxes of one face often have scores that are nearly equal, and the order says which of them stay."""
    settings = Settings(thresholds=BUSY, **COARSE)
    wide = np.zeros((64, 2048, 3), np.uint8)
    wide[:, -70:] = scene[20:84, 10:80]
    found, expected = on_keras("trace", wide, settings), REFERENCE.trace(wide, settings)
    assert len(expected.refined) == 10
    assert_same_faces(found.refined, expected.refined, pixels=5e-4, score=2e-6)


def test_no_pictures_and_pictures_without_a_level(on_keras: Remote) -> None:
    settings = Settings(**COARSE)
    assert on_keras("detect", [], settings) == []
    for height, width in ((1, 1), (11, 400), (23, 23), (400, 5)):
        assert on_keras("detect", [noise(height, width)], settings) == [Faces.empty(landmarks=True)]
        assert on_keras("trace", noise(height, width), settings) == REFERENCE.trace(noise(height, width), settings)


def test_many_boxes_are_none_too_many(on_keras: Remote) -> None:
    """Every window passes: more boxes than suppression compares at a time."""
    settings = Settings(thresholds=(0, 0, 0), stages=2, **COARSE)
    picture = noise(144, 208)
    found, expected = on_keras("trace", picture, settings), REFERENCE.trace(picture, settings)
    assert len(expected.proposals) > 512
    assert_same_trace(found, expected)


def test_more_crops_than_a_network_takes_go_through_in_groups(on_keras: Remote, scene: Picture) -> None:
    settings = Settings(**COARSE)
    whole, groups = on_keras("in_groups", scene, settings, {"rnet": 16, "onet": 4})
    assert_same_faces(groups, whole, pixels=BATCH_LIMIT)


def test_two_stages_end_after_r_net(on_keras: Remote, scene: Picture) -> None:
    settings = Settings(stages=2, **COARSE)
    faces = on_keras("detect", [scene], settings)[0]
    assert len(faces) > 0
    assert faces.landmarks is None
    assert_same_faces(faces, REFERENCE.detect([scene], settings)[0])


def test_views_are_taken_as_with_any_engine(on_keras: Remote, scene: Picture) -> None:
    arguments = PRESETS["careful"] | COARSE | {"mirror": True}
    crop = np.ascontiguousarray(scene[:100, :100])
    with MTCNN(engine="reference", **arguments) as detector:
        expected = detector.detect(crop)
    assert len(expected) > 0
    assert_same_faces(on_keras("found_by_detector", crop, arguments), expected)


def test_threads_may_share_an_engine(on_keras: Remote, scenes: list[Picture]) -> None:
    settings = Settings(**COARSE)
    alone = [on_keras("detect", [picture], settings)[0] for picture in scenes]
    for found, expected in zip(on_keras("from_threads", scenes, settings, 3), alone * 3, strict=True):
        assert_same_faces(found, expected, pixels=BATCH_LIMIT)


def test_new_sizes_are_compiled_a_few_times_and_not_for_ever(on_keras: Remote) -> None:
    settings = Settings(**COARSE)
    sizes = [(height, width) for height in (129, 136, 144) for width in (193, 200, 207, 208)]
    counts = on_keras("compilations", sizes, settings)
    assert counts[0] > 0
    assert counts[-1] == counts[0]


def test_other_thresholds_compile_nothing(on_keras: Remote) -> None:
    size = (129, 193)
    before = on_keras("compilations", [size], Settings(**COARSE))
    assert on_keras("compilations", [size], Settings(thresholds=(0.5, 0.8, 0.9), stages=2, **COARSE)) == before
    assert on_keras("compilations", [size], Settings(mirror=True, border=0.5, **COARSE)) == before


def test_photographs_have_the_faces_of_the_reference(on_keras: Remote, shared_data: Path) -> None:
    paths = sorted((shared_data / "photos").iterdir(), key=lambda path: (path.stat().st_size, path.name))
    settings = Settings(**COARSE)
    pictures = []
    for k, path in enumerate(paths[:8]):
        with Image.open(path) as image:
            pictures.append(np.asarray(ImageOps.pad(image.convert("RGB"), (208 - k, 144 - k))))
    found = on_keras("detect", pictures, settings)
    expected = REFERENCE.detect(pictures, settings)
    assert sum(map(len, expected)) >= 5
    for faces, truth in zip(found, expected, strict=True):
        assert_same_faces(faces, truth)

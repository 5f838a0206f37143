"""What other packages find is kept, and found again only where something changed."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pytest
from PIL import Image

from benchmarks.peers.peer import NAMES, OWN, Options
from benchmarks.ranking import detections
from facecascade import MTCNN
from facecascade.faces import Faces

NAME = "mtcnn_0_1_1"


class FakeClient:
    """A package that finds one face in each picture, as wide as the picture."""

    started: int = 0

    def __enter__(self) -> Self:
        FakeClient.started += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def set_picture(self, path: Path) -> None:
        self.width = np.load(path).shape[1]
        if self.width == 13:
            raise RuntimeError("an unlucky picture")

    def detect(self) -> None:
        pass

    def faces(self) -> Faces:
        box = np.array([[0, 0, self.width, 9]], np.float32)
        return Faces(box, np.ones(1, np.float32), np.zeros((1, 5, 2), np.float32))


@pytest.fixture(autouse=True)
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeClient.started = 0
    monkeypatch.setattr(detections, "start", lambda *_: FakeClient())


def picture(path: Path, *, width: int) -> Path:
    Image.new("RGB", (width, 20), (9, 9, 9)).save(path)
    return path


def widths(paths: list[Path], cache: Path, *, threads: int = 2) -> list[float]:
    found = detections.peer_faces(NAME, paths, options=Options(threads=threads), cache=cache)
    return [float(found[path].boxes[0, 2]) for path in paths]


def test_nothing_is_found_twice(tmp_path: Path) -> None:
    first, second = picture(tmp_path / "a.png", width=30), picture(tmp_path / "b.png", width=40)
    assert widths([first], tmp_path / "cache") == [30]
    assert widths([second, first], tmp_path / "cache") == [40, 30]
    assert FakeClient.started == 2
    assert widths([first, second], tmp_path / "cache") == [30, 40]
    assert FakeClient.started == 2


def test_another_picture_or_setting_or_pin_is_found_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = picture(tmp_path / "a.png", width=30)
    assert widths([path], tmp_path / "cache") == [30]
    assert widths([picture(path, width=50)], tmp_path / "cache") == [50]
    assert widths([path], tmp_path / "cache", threads=1) == [50]
    assert FakeClient.started == 3
    monkeypatch.setattr(detections, "source_hash", lambda _: "other pins")
    assert widths([path], tmp_path / "cache") == [50]
    assert FakeClient.started == 4


def test_an_interrupted_run_keeps_what_it_has(tmp_path: Path) -> None:
    paths = [picture(tmp_path / "a.png", width=30), picture(tmp_path / "b.png", width=13)]
    with pytest.raises(RuntimeError, match="unlucky"):
        widths(paths, tmp_path / "cache")
    assert widths(paths[:1], tmp_path / "cache") == [30]
    assert FakeClient.started == 1


def test_each_package_has_a_source_of_its_own() -> None:
    others = [name for name in NAMES if name != OWN]
    assert len({detections.source_hash(name) for name in others}) == len(others)
    with pytest.raises(ValueError, match="expected a package with an environment of its own"):
        detections.source_hash(OWN)


def test_this_package_finds_what_it_finds(tmp_path: Path) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (60, 80, 3), np.uint8)
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    found = detections.own_faces({"geometry": "classic"}, [path], threads=1)
    with MTCNN(geometry="classic") as detector:
        assert found == {path: detector.detect(pixels)}

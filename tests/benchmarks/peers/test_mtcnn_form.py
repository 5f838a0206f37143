"""The common form of mtcnn's results, and the calls of the other packages that have it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.peers import mtcnn_form
from benchmarks.peers.detectors import mtcnn_1_0_0, yunet
from benchmarks.peers.peer import Options
from facecascade.faces import LANDMARK_NAMES

PIXELS = np.zeros((40, 60, 3), np.uint8)
KEYPOINTS = {"nose": (5, 6), "mouth_right": (7, 8), "right_eye": (8, 3), "left_eye": (2, 3), "mouth_left": (3, 8)}
POINTS = [[2, 3], [8, 3], [5, 6], [3, 8], [7, 8]]

Modules = Callable[..., None]


def test_keypoints_come_in_the_order_of_this_package() -> None:
    assert mtcnn_form.ORDER == LANDMARK_NAMES
    face = {"box": [np.int64(3), 4, 10, 20], "confidence": np.float32(0.5), "keypoints": KEYPOINTS}
    assert mtcnn_form.common(face) == {"box": [3, 4, 13, 24], "score": 0.5, "landmarks": POINTS}


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Modules:
    """Lets a detector's file import stand-ins for packages that live in other environments."""

    def use(module: Any, **packages: Any) -> None:
        monkeypatch.setattr(module, "import_module", packages.__getitem__)

    return use


def test_mtcnn_1_is_called_with_the_least_face_size(modules: Modules) -> None:
    calls: list[dict[str, Any]] = []

    def detect_faces(_: Any, **options: Any) -> list[dict[str, Any]]:
        calls.append(options)
        return [{"box": [3, 4, 10, 20], "confidence": 0.5, "keypoints": KEYPOINTS}]

    threads: list[int] = []
    threading = SimpleNamespace(
        set_intra_op_parallelism_threads=threads.append, set_inter_op_parallelism_threads=threads.append
    )
    modules(
        mtcnn_1_0_0,
        tensorflow=SimpleNamespace(config=SimpleNamespace(threading=threading)),
        mtcnn=SimpleNamespace(MTCNN=lambda device: SimpleNamespace(detect_faces=detect_faces, device=device)),
    )
    detector = mtcnn_1_0_0.load(Options(min_face_size=30, threads=3))
    (face,) = detector.faces(detector.detect(PIXELS))
    assert face == {"box": [3, 4, 13, 24], "score": 0.5, "landmarks": POINTS}
    assert calls == [{"min_face_size": 30}]
    assert threads == [3, 3]


class FakeYuNet:
    """Fifteen numbers a face: x y width height, five points, score."""

    size: tuple[int, int] = (0, 0)
    rows: Any = np.array([[3, 4, 10, 20, 2, 3, 8, 3, 5, 6, 3, 8, 7, 8, 0.95]], np.float32)

    def setInputSize(self, size: tuple[int, int]) -> None:  # noqa: N802  # OpenCV's name
        self.size = size

    def detect(self, pixels: Any) -> tuple[int, Any]:
        assert pixels == "BGR"
        return 1, self.rows


def test_yunet_sees_the_picture_at_its_own_size(
    modules: Modules, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(yunet, "MODEL", tmp_path / "model.onnx")
    with pytest.raises(FileNotFoundError, match="expected YuNet's network at"):
        yunet.load(Options())
    yunet.MODEL.touch()
    network = FakeYuNet()
    cv2 = SimpleNamespace(
        setNumThreads=lambda _: None,
        FaceDetectorYN=SimpleNamespace(create=lambda *_: network),
        COLOR_RGB2BGR=4,
        cvtColor=lambda _, code: "BGR" if code == 4 else "?",
    )
    modules(yunet, cv2=cv2)
    detector = yunet.load(Options())
    (face,) = detector.faces(detector.detect(PIXELS))
    assert network.size == (60, 40)
    assert (face["box"], face["landmarks"]) == ([3, 4, 13, 24], POINTS)
    assert face["score"] == pytest.approx(0.95)
    network.rows = None
    assert detector.faces(detector.detect(PIXELS)) == []

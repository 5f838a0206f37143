"""OpenCV's own face detector, YuNet: one small network over the whole picture, and no cascade."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.mtcnn_form import corners
from benchmarks.peers.peer import Options, Peer

MODEL: Final = Path(__file__).resolve().parents[4] / "shared" / "models" / "yunet_s_640_640.onnx"
"""The network lies beside the repository and is no part of it."""

PEER = Peer(
    title="YuNet",
    requirements="yunet.txt",
    disk=0.3,
    notes=(
        "YuNet is no MTCNN: it looks at the picture in one size alone, has no least face size, and drops what scores"
        " below .9; turning RGB into the BGR that it takes is part of its time",
    ),
)


class YuNet:
    """`cv2.FaceDetectorYN` with its default thresholds: score .9, suppression .3, the best 5000."""

    def __init__(self, options: Options) -> None:
        if not MODEL.is_file():
            raise FileNotFoundError(f"expected YuNet's network at {MODEL}, got none: leave this package out (--peers)")
        # By name, so that type checkers do not ask for packages that live in another environment.
        self._cv2 = import_module("cv2")
        self._cv2.setNumThreads(options.threads)
        self._detector = self._cv2.FaceDetectorYN.create(str(MODEL), "", (320, 320))

    def versions(self) -> dict[str, str]:
        """OpenCV and NumPy."""
        return {"model": MODEL.stem} | {name: version(name) for name in ("opencv-python-headless", "numpy")}

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[int, Any]:
        """At the picture's own size; the channels change places here, since it takes them as BGR."""
        self._detector.setInputSize((pixels.shape[1], pixels.shape[0]))
        status, rows = self._detector.detect(self._cv2.cvtColor(pixels, self._cv2.COLOR_RGB2BGR))
        return status, rows

    def faces(self, result: tuple[int, Any]) -> list[dict[str, Any]]:
        """The result in the common form; OpenCV says None where it found nothing.

        Its order, the subject's right eye first, is that of the left of the picture first.
        """
        rows = [] if result[1] is None else result[1].tolist()
        return [
            {"box": corners(*row[:4]), "score": row[14], "landmarks": [row[i : i + 2] for i in range(4, 14, 2)]}
            for row in rows
        ]


def load(options: Options) -> YuNet:
    """A detector with its network loaded."""
    return YuNet(options)

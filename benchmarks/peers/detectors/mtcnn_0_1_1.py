"""mtcnn 0.1.1 on TensorFlow 2.15, the last one that comes with the Keras 2 it was written for."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.mtcnn_form import common
from benchmarks.peers.peer import Options, Peer

PEER = Peer(
    title="mtcnn 0.1.1",
    requirements="mtcnn_0_1_1.txt",
    newest_python=(3, 11),
    disk=2.0,
    golden="mtcnn_0.1.1.json",
    cascade=True,
    notes=("mtcnn 0.1.1 rounds boxes and landmarks down to whole pixels; its progress bars are switched off",),
)


class Mtcnn:
    """Its `MTCNN`; thresholds .6 .7 .7 and factor .709, its own defaults."""

    def __init__(self, options: Options) -> None:
        # By name, so that type checkers do not ask for packages that live in another environment.
        tensorflow = import_module("tensorflow")
        tensorflow.config.threading.set_intra_op_parallelism_threads(options.threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(options.threads)
        tensorflow.keras.utils.disable_interactive_logging()
        import_module("cv2").setNumThreads(options.threads)
        self._detector = import_module("mtcnn").MTCNN(min_face_size=options.min_face_size)

    def versions(self) -> dict[str, str]:
        """The package and what computes for it."""
        return {name: version(name) for name in ("mtcnn", "tensorflow-cpu", "keras", "opencv-python", "numpy")}

    def detect(self, pixels: NDArray[np.uint8]) -> Any:
        """All three stages."""
        return self._detector.detect_faces(pixels)

    def faces(self, result: Any) -> list[dict[str, Any]]:
        """The result in the common form."""
        return [common(face) for face in result]


def load(options: Options) -> Mtcnn:
    """A detector with its weights loaded; they come with the package."""
    return Mtcnn(options)

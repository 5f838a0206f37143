"""mtcnn 1.0.0, the rewrite of the package on TensorFlow; what pip installs today.

Its boxes are taken as it gives them by default, x y width height, each rounded. The recorded results that `--verify`
reads were asked for as corners, so that some sides differ by a pixel from x + width.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.mtcnn_form import common
from benchmarks.peers.peer import Options, Peer

PEER = Peer(
    title="mtcnn 1.0.0",
    requirements="mtcnn_1_0_0.txt",
    newest_python=(3, 12),
    disk=3.0,
    golden="mtcnn_1.0.0.json",
    cascade=True,
    notes=("mtcnn 1.0.0 rounds boxes and landmarks to whole pixels; its last threshold is .8 by default",),
)


class Mtcnn:
    """Its `MTCNN`; thresholds .6 .7 .8 and factor .709, its own defaults."""

    def __init__(self, options: Options) -> None:
        # By name, so that type checkers do not ask for packages that live in another environment.
        threading = import_module("tensorflow").config.threading
        threading.set_intra_op_parallelism_threads(options.threads)
        threading.set_inter_op_parallelism_threads(options.threads)
        self._detector = import_module("mtcnn").MTCNN(device="CPU:0")
        self._min_face_size = options.min_face_size

    def versions(self) -> dict[str, str]:
        """The package and what computes for it."""
        return {name: version(name) for name in ("mtcnn", "tensorflow-cpu", "keras", "numpy")}

    def detect(self, pixels: NDArray[np.uint8]) -> Any:
        """All three stages."""
        return self._detector.detect_faces(pixels, min_face_size=self._min_face_size)

    def faces(self, result: Any) -> list[dict[str, Any]]:
        """The result in the common form."""
        return [common(face) for face in result]


def load(options: Options) -> Mtcnn:
    """A detector with its weights loaded; they come with the package."""
    return Mtcnn(options)

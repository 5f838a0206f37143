"""This package, in the environment that the benchmark itself runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import OWN, Options, Peer

if TYPE_CHECKING:
    from facecascade import Faces

PEER = Peer(title=OWN, cascade=True)


class Facecascade:
    """The public `MTCNN`, with its default engine."""

    def __init__(self, options: Options) -> None:
        from facecascade import MTCNN

        self._detector = MTCNN(min_face_size=options.min_face_size, threads=options.threads, geometry=options.geometry)

    def versions(self) -> dict[str, str]:
        """This package, what its engine runs on, and NumPy."""
        import facecascade

        return {OWN: facecascade.__version__, "engine": self._detector.engine.description, "numpy": np.__version__}

    def detect(self, pixels: NDArray[np.uint8]) -> Faces:
        """All three stages, landmarks with them."""
        return self._detector.detect(pixels)

    def faces(self, result: Faces) -> list[dict[str, Any]]:
        """The result in the common form."""
        return [
            {"box": list(face.box), "score": face.score, "landmarks": np.asarray(face.landmarks).tolist()}
            for face in result
        ]


def load(options: Options) -> Facecascade:
    """A detector with its weights loaded."""
    return Facecascade(options)

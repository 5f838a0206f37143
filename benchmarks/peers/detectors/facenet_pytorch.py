"""facenet-pytorch 2.6.0 on the CPU, unchanged, with the torch and torchvision that its metadata asks for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import Options, Peer

PACKAGES: Final = ("facenet-pytorch", "torch", "torchvision", "numpy")

PEER = Peer(
    title="facenet-pytorch",
    requirements="facenet_pytorch.txt",
    newest_python=(3, 12),
    disk=6.0,
    golden="facenet_pytorch_2.6.0.json",
    cascade=True,
    notes=(
        "facenet-pytorch 2.6.0 runs unchanged with torch 2.2.2 and torchvision 0.17.2, the versions that its metadata"
        " asks for; PyPI has them as CUDA builds, run on the CPU here, with torchvision's own compiled NMS",
    ),
)


class FacenetPytorch:
    """Its `MTCNN`, with landmarks, on a NumPy array: the quicker of the two inputs that it takes."""

    def __init__(self, options: Options, *, packages: Sequence[str] = PACKAGES) -> None:
        self._packages = packages
        # By name, so that type checkers do not ask for packages that live in another environment.
        self._torch = import_module("torch")
        self._torch.set_num_threads(options.threads)
        cascade = import_module("facenet_pytorch").MTCNN
        self._detector = cascade(keep_all=True, min_face_size=options.min_face_size, device=self._torch.device("cpu"))

    def versions(self) -> dict[str, str]:
        """The package and what computes for it, and torch's own choice of instruction set."""
        return {name: version(name) for name in self._packages} | {
            "torch's instruction set": str(self._torch.backends.cpu.get_cpu_capability()),
            "torch's threads": str(self._torch.get_num_threads()),
        }

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[Any, Any, Any]:
        """All three stages; `detect` switches gradients off by itself."""
        boxes, scores, landmarks = self._detector.detect(pixels, landmarks=True)
        return boxes, scores, landmarks

    def faces(self, result: tuple[Any, Any, Any]) -> list[dict[str, Any]]:
        """The result in the common form; the package says None where it found nothing."""
        boxes, scores, landmarks = result
        if boxes is None:
            return []
        rows = zip(boxes, scores, landmarks, strict=True)
        return [{"box": b.tolist(), "score": float(s), "landmarks": p.tolist()} for b, s, p in rows]


def load(options: Options) -> FacenetPytorch:
    """A detector with its weights loaded; they come with the package."""
    return FacenetPytorch(options)

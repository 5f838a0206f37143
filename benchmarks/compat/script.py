"""What a user's script does with each package: `python -m benchmarks.compat.script NAME WHOSE PIXELS RESULT`.

It runs in the package's environment too, so it uses the standard library, NumPy and `mtcnn_form` alone. WHOSE is
"theirs" for the package, "ours" for the drop-in. PIXELS is a folder of .npy files; RESULT a .json file: by picture the
faces, each with "box" x1 y1 x2 y2, "score" and "landmarks", and the form of the result.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.mtcnn_form import common, corners

MODULES: Final = {
    "mtcnn_0_1_1": ("mtcnn", "facecascade.compat.mtcnn"),
    "mtcnn_1_0_0": ("mtcnn", "facecascade.compat.mtcnn"),
    "facenet_pytorch": ("facenet_pytorch", "facecascade.compat.facenet_pytorch"),
    "deepface": ("deepface.DeepFace", "facecascade.compat.deepface"),
}
"""Module of the package and of its drop-in."""

Detect = Callable[[NDArray[np.uint8]], Any]
Face = dict[str, Any]


def mtcnn_0_1_1(module: Any) -> Detect:
    """With an argument that this release alone has."""
    detect: Detect = module.MTCNN(min_face_size=20).detect_faces
    return detect


def mtcnn_1_0_0(module: Any) -> Detect:
    """As its documentation begins."""
    detect: Detect = module.MTCNN(device="CPU:0").detect_faces
    return detect


def facenet_pytorch(module: Any) -> Detect:
    """Boxes, probabilities and landmarks of all faces."""
    detector = module.MTCNN(keep_all=True)
    return lambda pixels: detector.detect(pixels, landmarks=True)


def deepface(module: Any) -> Detect:
    """With mtcnn as its detector; it takes BGR."""
    return lambda pixels: module.extract_faces(pixels[:, :, ::-1], detector_backend="mtcnn", enforce_detection=False)


def faces(result: Any) -> list[Face]:
    """The faces of a result in one form for all."""
    if isinstance(result, tuple):
        return [] if result[0] is None else [_from_row(*row) for row in zip(*result, strict=True)]
    known = [face for face in result if face["confidence"] > 0]
    return [_from_area(face) if "facial_area" in face else common(face) for face in known]


def form(value: Any) -> Any:
    """The types of a result: keys in their order, lists by their first item, arrays by their axes and dtype."""
    if isinstance(value, dict):
        return {key: form(item) for key, item in value.items()}
    if isinstance(value, list):
        return [type(value).__name__, *(form(item) for item in value[:1])]
    if isinstance(value, tuple):
        return [type(value).__name__, *(form(item) for item in value)]
    if isinstance(value, np.ndarray):
        return [f"array of {value.ndim} axes, {value.dtype}", *({type(item).__name__ for item in value.flat[:1]})]
    return type(value).__name__


def _from_row(box: Any, score: Any, points: Any) -> Face:
    return {"box": box.tolist(), "score": float(score), "landmarks": points.tolist()}


def _from_area(face: Face) -> Face:
    box = corners(*(face["facial_area"][name] for name in "xywh"))
    return {"box": box, "score": float(face["confidence"]), "landmarks": None}


def main(name: str, whose: str, pixels: str, result: str) -> None:
    """Detect in every picture and write what was found."""
    module = import_module(MODULES[name][whose == "ours"])
    detect: Detect = globals()[name](module)
    found = {path.stem: detect(np.load(path)) for path in sorted(Path(pixels).glob("*.npy"))}
    answer = {picture: {"faces": faces(one), "form": form(one)} for picture, one in found.items()}
    Path(result).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

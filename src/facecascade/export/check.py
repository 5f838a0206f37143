"""How far an exported file is from the specification: `check_network`, `check_cascade`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade import views
from facecascade.engines import reference
from facecascade.engines.reference import GEOMETRIES, ReferenceEngine, Tensors
from facecascade.errors import ExportError, SettingsError
from facecascade.faces import Faces
from facecascade.overlap import iou, match_greedily
from facecascade.settings import ONET_SIDE, RNET_SIDE, Settings

Run = Callable[..., Mapping[str, NDArray[Any]]]
Picture = NDArray[np.uint8]

NETWORK_LIMITS: Final[Mapping[str, float]] = {"probability": 1e-4, "regression": 1e-4, "landmarks": 1e-4}
"""Largest difference of each output of a network; all are shares."""
CASCADE_LIMITS: Final[Mapping[str, float]] = {"boxes": 0.05, "scores": 1e-4, "landmarks": 0.05}
"""The same of the cascade; boxes and landmarks in pixels."""
LEAST_SIDE: Final = 48
"""Of a picture in pixels, so that every part of it that a network is tried on is large enough."""
SAME: Final = 0.5
"""IoU from which two boxes can be the same face."""


def check_network(run: Run, part: str, tensors: Tensors, picture: Picture) -> dict[str, float]:
    """Largest difference of each output of a network from the specification's.

    P-Net sees the picture, and a part of it of odd sides; R-Net and O-Net see squares all over it.

    Raises:
        SettingsError: the picture is too small.
        ExportError: an output is missing, of another shape, or further away than its limit.
    """
    if min(picture.shape[:2]) < LEAST_SIDE:
        height, width = picture.shape[:2]
        raise SettingsError(
            f"expected a picture of at least {LEAST_SIDE} x {LEAST_SIDE} pixels to check on, got {width} x {height}"
        )
    found: dict[str, float] = {}
    for pixels in _inputs(part, picture):
        expected = _expected(part, pixels.astype(np.float64), tensors)
        outputs = run(pixels=pixels)
        for name, value in expected.items():
            found[name] = max(found.get(name, 0.0), _difference(name, outputs, value))
    _within(found, NETWORK_LIMITS)
    return found


def check_cascade(run: Run, tensors: Tensors, picture: Picture, settings: Settings) -> tuple[dict[str, float], int]:
    """Largest difference of boxes, scores and landmarks from the specification's, and the number of faces.

    Raises:
        ExportError: other faces are found, or one is further away than the limit.
    """
    expected = views.detect(ReferenceEngine(tensors), [picture], settings)[0]
    outputs = run(picture=picture)
    found = Faces(outputs["boxes"], outputs["scores"], outputs.get("landmarks"))
    pairs = match_greedily(iou(found.boxes, expected.boxes), least=SAME)
    if not len(pairs) == len(found) == len(expected):
        raise ExportError(
            f"expected the {len(expected)} faces that the reference finds in the picture, got {len(found)}, of which "
            f"{len(pairs)} are the same; nothing was written"
        )
    left, right = np.array(pairs, np.intp).reshape(-1, 2).T
    differences = {
        name: float(np.max(np.abs(getattr(found, name)[left] - getattr(expected, name)[right]), initial=0))
        for name in outputs
    }
    _within(differences, CASCADE_LIMITS)
    return differences, len(expected)


def _inputs(part: str, picture: Picture) -> Iterator[NDArray[np.float32]]:
    """What a network is tried on, as it wants its pixels."""
    if part == "pnet":
        yield reference.normalised(picture)[None].astype(np.float32)
        yield reference.normalised(picture)[None, : picture.shape[0] // 2 | 1, : picture.shape[1] // 3 | 1].astype(
            np.float32
        )
        return
    side = {"rnet": RNET_SIDE, "onet": ONET_SIDE}[part]
    pixels = reference.crops(picture, _squares(picture), side, geometry=GEOMETRIES["subpixel"])
    yield reference.normalised(pixels).astype(np.float32)


def _squares(picture: Picture) -> NDArray[np.float64]:
    """(48, 4): squares of three sizes on a grid over the picture, some of them over its edge."""
    height, width = picture.shape[:2]
    y, x, share = np.meshgrid(np.linspace(0, 0.8, 4), np.linspace(0, 0.8, 4), [0.1, 0.25, 0.5])
    corner = np.stack([x.ravel() * width, y.ravel() * height], axis=1)
    return np.concatenate([corner, corner + share.ravel()[:, None] * min(height, width)], axis=1)


def _expected(part: str, pixels: NDArray[np.float64], tensors: Tensors) -> dict[str, NDArray[np.float64]]:
    network = {"pnet": reference.pnet, "rnet": reference.rnet, "onet": reference.onet}[part]
    return dict(zip(("probability", "regression", "landmarks"), network(pixels, tensors), strict=False))


def _difference(name: str, outputs: Mapping[str, NDArray[Any]], expected: NDArray[np.float64]) -> float:
    if name not in outputs or outputs[name].shape != expected.shape:
        came = {name: value.shape for name, value in outputs.items()}
        raise ExportError(f"expected an output {name} of shape {expected.shape}, got {came}; nothing was written")
    return float(np.max(np.abs(outputs[name] - expected), initial=0))


def _within(differences: Mapping[str, float], limits: Mapping[str, float]) -> None:
    """Not a number is never within."""
    far = [f"{name} {value:.2g}" for name, value in differences.items() if not value <= limits[name]]
    if far:
        allowed = ", ".join(f"{name} {limits[name]:g}" for name in differences)
        raise ExportError(
            f"the exported file differs from the reference by {', '.join(far)}, and may by {allowed}; nothing was "
            "written"
        )

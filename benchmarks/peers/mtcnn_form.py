"""The form in which mtcnn and its descendants return faces, brought into the common one.

It runs inside the packages' environments: it uses the standard library alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

ORDER: Final = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
"""The keypoints in the common order; their left is the left side of the picture."""


def common(face: Mapping[str, Any]) -> dict[str, Any]:
    """A face of "box" (x y width height), "confidence" and "keypoints" as "box" x1 y1 x2 y2, "score", "landmarks"."""
    points = [[float(value) for value in face["keypoints"][name]] for name in ORDER]
    return {"box": corners(*face["box"]), "score": float(face["confidence"]), "landmarks": points}


def corners(x: float, y: float, width: float, height: float) -> list[float]:
    """x1 y1 x2 y2, where x2 is what a caller adds up, x + width."""
    return [float(x), float(y), float(x + width), float(y + height)]

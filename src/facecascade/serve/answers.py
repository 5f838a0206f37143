"""What was found, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from starlette.responses import Response

from facecascade.extract import Template, alignments
from facecascade.serve.finder import Looked
from facecascade.serve.pieces import InPieces
from facecascade.serve.problems import Problem
from facecascade.serve.uploads import Upload

MANY: Final = 64
"""Faces of which to tell takes long enough to do it elsewhere than in the event loop."""


def picture_json(looked: Looked, template: Template | None) -> str:
    """A picture and its faces; each number is the float that the library has."""
    height, width = looked.pixels.shape[:2]
    return to_json(
        {
            "name": looked.upload.name,
            "width": width,
            "height": height,
            "faces": _faces(looked, template),
            "error": None,
        }
    )


def error_json(upload: Upload, problem: Problem) -> str:
    """A picture that has none, and why."""
    return to_json({"name": upload.name, "width": 0, "height": 0, "faces": [], "error": problem.to_dict()})


def pictures_response(pictures: Sequence[str], further: str) -> Response:
    """The answer: pictures, and an object with what holds for all of them, all as JSON."""
    text = f'{{"pictures":[{",".join(pictures)}],{further[1:]}'
    return InPieces(text.encode("utf-8", "backslashreplace"), media_type="application/json")


def to_json(value: Mapping[str, Any]) -> str:
    """JSON in the letters of the source; what UTF-8 cannot say has to become a backslash escape later."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _faces(looked: Looked, template: Template | None) -> list[dict[str, Any]]:
    faces = looked.faces
    count = len(faces)
    landmarks = [None] * count if faces.landmarks is None else faces.landmarks.tolist()
    matrices: list[Any] = [None] * count
    if template is not None:
        found = alignments(faces, template=template)
        matrices = [matrix.tolist() if np.isfinite(matrix).all() else None for matrix in found]
    columns = zip(faces.boxes.tolist(), faces.scores.tolist(), landmarks, matrices, strict=True)
    return [
        {"box": box, "score": score, "landmarks": points, "matrix": matrix} for box, score, points, matrix in columns
    ]

"""What was found, as plain values for JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from starlette.responses import Response

from facecascade.extract import Template, alignments
from facecascade.serve.finder import Looked
from facecascade.serve.problems import Problem
from facecascade.serve.uploads import Upload


def picture_dict(looked: Looked, *, template: Template | None) -> dict[str, Any]:
    """A picture and its faces; each number is the float that the library has."""
    height, width = looked.pixels.shape[:2]
    return {
        "name": looked.upload.name,
        "width": width,
        "height": height,
        "faces": _faces(looked, template),
        "error": None,
    }


def error_dict(upload: Upload, problem: Problem) -> dict[str, Any]:
    """A picture that has none, and why."""
    return {"name": upload.name, "width": 0, "height": 0, "faces": [], "error": problem.to_dict()}


def json_response(content: dict[str, Any]) -> Response:
    """The answer; what UTF-8 cannot say becomes a backslash escape."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "backslashreplace"), media_type="application/json")


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

"""`Faces` to the forms of other libraries, and back: supervision, pandas, Polars, torch.

Each library is imported when its converter is called; a missing one is a `MissingExtra` with the command that installs
it. Coordinates stay pixels of the upright picture; what comes back is float32, as `Faces` is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.extras import load
from facecascade.faces import LANDMARK_NAMES, Faces
from facecascade.write.columns import BOX_COLUMNS, POINT_COLUMNS

FACE_CLASS: Final = 0
"""Class of every face in libraries that count classes."""


def to_supervision(faces: Faces) -> Any:
    """`supervision.Detections`: xyxy, confidence, class 0, and the landmarks as data["landmarks"], (n, 5, 2).

    Raises:
        MissingExtra: supervision is not installed.
    """
    detections = load("supervision", feature="to_supervision").Detections
    return detections(
        xyxy=faces.boxes.copy(),
        confidence=faces.scores.copy(),
        class_id=np.full(len(faces), FACE_CLASS),
        data={} if faces.landmarks is None else {"landmarks": faces.landmarks.copy()},
    )


def from_supervision(detections: Any) -> Faces:
    """Faces from `supervision.Detections`; without data["landmarks"] they have no landmarks.

    Raises:
        ValueError: the detections have no confidence.
    """
    if detections.confidence is None:
        raise ValueError("expected detections with confidence, got none: give them some, such as 1")
    return Faces(detections.xyxy, detections.confidence, detections.data.get("landmarks"))


def to_key_points(faces: Faces) -> Any:
    """`supervision.KeyPoints`: the landmarks as xy (n, 5, 2), class 0, and data["xyxy"] and data["confidence"].

    Raises:
        MissingExtra: supervision is not installed.
        ValueError: the faces have no landmarks.
    """
    if faces.landmarks is None:
        raise ValueError("expected faces with landmarks, got faces of two stages: detect with stages=3")
    key_points = load("supervision", feature="to_key_points").KeyPoints
    return key_points(
        xy=faces.landmarks.copy(),
        class_id=np.full(len(faces), FACE_CLASS),
        data={"xyxy": faces.boxes.copy(), "confidence": faces.scores.copy()},
    )


def from_key_points(key_points: Any) -> Faces:
    """Faces from `supervision.KeyPoints` that have what `to_key_points` adds.

    Raises:
        ValueError: data["xyxy"] or data["confidence"] is missing, or there are not five points a face.
    """
    if not len(key_points):
        return Faces.empty()
    missing = [name for name in ("xyxy", "confidence") if name not in key_points.data]
    if missing:
        raise ValueError(f"expected data with xyxy and confidence, got none of {', '.join(missing)}")
    return Faces(key_points.data["xyxy"], key_points.data["confidence"], key_points.xy)


def to_pandas(faces: Faces | Mapping[str, Faces]) -> Any:
    """A `pandas.DataFrame`, a row a face: x1, y1, x2, y2, score, left_eye_x to mouth_right_y.

    Args:
        faces: of one picture; or of several by name, which gives the columns "source" and "face" (its number) too, as
            in the CSV files. A picture without faces has no row.

    Raises:
        MissingExtra: pandas is not installed.
    """
    return load("pandas", feature="to_pandas").DataFrame(_columns(faces))


def to_polars(faces: Faces | Mapping[str, Faces]) -> Any:
    """A `polars.DataFrame` as `to_pandas` makes it.

    Raises:
        MissingExtra: polars is not installed.
    """
    return load("polars", feature="to_polars").DataFrame(_columns(faces))


def from_frame(frame: Any) -> Faces:
    """Faces from a pandas or Polars frame with the columns of `to_pandas`, in the order of its rows.

    Without the columns of the landmarks the faces have none. `from_frame_by_source` keeps several pictures apart.

    Raises:
        ValueError: a column of the boxes or scores is missing, or some of the landmarks' are.
    """
    there = set(frame.columns)
    lacking = [name for name in BOX_COLUMNS if name not in there]
    points = [name for name in POINT_COLUMNS if name in there]
    if lacking or len(points) not in {0, len(POINT_COLUMNS)}:
        raise ValueError(f"expected columns {', '.join((*BOX_COLUMNS, *POINT_COLUMNS))}, got {sorted(there)}")
    numbers = _numbers(frame, BOX_COLUMNS)
    landmarks = _numbers(frame, POINT_COLUMNS).reshape(-1, len(LANDMARK_NAMES), 2) if points else None
    return Faces(numbers[:, :4], numbers[:, 4], landmarks)


def from_frame_by_source(frame: Any) -> dict[str, Faces]:
    """The faces of each picture of a frame that `to_pandas` or `to_polars` made from several.

    Raises:
        ValueError: there is no column "source", or see `from_frame`.
    """
    if "source" not in frame.columns:
        raise ValueError(f"expected a column source, got {sorted(frame.columns)}: use from_frame for one picture")
    faces, sources = from_frame(frame), np.asarray(frame["source"], object)
    return {name: faces[np.asarray(sources == name)] for name in dict.fromkeys(sources.tolist())}


def to_torch(faces: Faces) -> dict[str, Any]:
    """Tensors by name, as torchvision's detectors return them.

    Returns:
        "boxes" (n, 4) and "scores" (n,) float32; "labels" (n,) int64, 1 for each face, 0 being the background there;
        "landmarks" (n, 5, 2) float32, unless the faces have none.

    Raises:
        MissingExtra: torch is not installed.
    """
    torch = load("torch", feature="to_torch")
    tensors = {
        "boxes": torch.tensor(faces.boxes),
        "scores": torch.tensor(faces.scores),
        "labels": torch.ones(len(faces), dtype=torch.int64),
    }
    return tensors if faces.landmarks is None else tensors | {"landmarks": torch.tensor(faces.landmarks)}


def from_torch(tensors: Mapping[str, Any]) -> Faces:
    """Faces from tensors by name, as `to_torch` makes them; without "landmarks" they have none."""
    arrays = {name: np.asarray(tensor.detach().cpu()) for name, tensor in tensors.items()}
    return Faces(arrays["boxes"], arrays["scores"], arrays.get("landmarks"))


def _columns(faces: Faces | Mapping[str, Faces]) -> dict[str, NDArray[Any]]:
    if isinstance(faces, Faces):
        return _number_columns([faces])
    named = list(faces.items())
    counts = [len(found) for _, found in named]
    return {
        "source": np.repeat(np.array([name for name, _ in named], object), counts),
        "face": np.concatenate([np.zeros(0, np.int64), *(np.arange(count) for count in counts)]),
        **_number_columns([found for _, found in named]),
    }


def _number_columns(found: list[Faces]) -> dict[str, NDArray[np.float32]]:
    kinds = {faces.landmarks is None for faces in found}
    if len(kinds) > 1:
        raise ValueError("expected faces that all have landmarks, or none, got both")
    tables = [np.column_stack([faces.boxes, faces.scores]) for faces in found]
    table = np.concatenate([np.zeros((0, len(BOX_COLUMNS)), np.float32), *tables])
    columns = dict(zip(BOX_COLUMNS, table.T, strict=True))
    points = [faces.landmarks.reshape(-1, len(POINT_COLUMNS)) for faces in found if faces.landmarks is not None]
    if points:
        columns |= dict(zip(POINT_COLUMNS, np.concatenate(points).T, strict=True))
    return {name: np.ascontiguousarray(column) for name, column in columns.items()}


def _numbers(frame: Any, names: tuple[str, ...]) -> NDArray[np.float32]:
    return np.column_stack([np.asarray(frame[name], np.float32) for name in names])

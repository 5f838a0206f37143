"""Marked faces from the files that data sets come with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError
from facecascade.evaluate.blocks import read_blocks
from facecascade.evaluate.documents import numbers, read_json
from facecascade.evaluate.truth import ALL, Marked
from facecascade.evaluate.wider import SUBSETS
from facecascade.extras import load

MAT: Final = "wider_face_val.mat"
"""The file of all boxes in the official folder; one more for each subset lies beside it."""
JSON: Final = "annotations.json"
INVALID: Final = 7
"""Column of the official text form that is 1 for faces that shall not count."""

ByName = dict[str, Marked]


def read_marked(path: Path) -> ByName:
    """The marked faces of each picture, by its name, in whichever of these forms `path` holds.

    - a folder with `wider_face_val.mat`, `wider_easy_val.mat`, `wider_medium_val.mat` and `wider_hard_val.mat`: the
      official ground truth of WIDER FACE; names are `event/picture`
    - a `.txt` file as `wider_face_val_bbx_gt.txt`: the official annotations, which know no difficulty; one subset,
      "all", of the faces that are not flagged as invalid
    - `annotations.json`, or a folder with it: a list of `{"image", "faces": [{"box", "landmarks", "ignore"}]}`, boxes
      x1 y1 x2 y2; subsets where the faces have `in_easy`, `in_medium`, `in_hard`, else "all"
    - a `.json` or `.json.gz` object of `{name: {"faces": [{"box", "easy", "medium", "hard"}]}}`

    Raises:
        AnnotationError: the file is missing or broken; the message names it.
        MissingExtra: `.mat` files need SciPy.
    """
    if path.is_dir():
        if (path / MAT).is_file():
            return _read_mat(path)
        if (path / JSON).is_file():
            return _read_annotations(path / JSON)
        raise AnnotationError(f"{path}: expected a folder with {MAT} or {JSON}, got neither")
    return _read_text(path) if path.suffix == ".txt" else _read_annotations(path)


def _read_text(path: Path) -> ByName:
    return {block.name: _of_rows(block.rows, where=f"{path}, {block.name}") for block in read_blocks(path)}


def _of_rows(rows: NDArray[np.float64], *, where: str) -> Marked:
    """X y width height blur expression illumination invalid occlusion pose; or the first four alone."""
    if len(rows) and rows.shape[1] < 4:
        raise AnnotationError(f"{where}: expected rows of at least 4 numbers, got {rows.shape[1]}")
    boxes = rows[:, :4] if len(rows) else np.zeros((0, 4))
    valid = rows[:, INVALID] == 0 if rows.shape[1] > INVALID else np.ones(len(boxes), np.bool_)
    return Marked(to_corners(boxes), {ALL: valid})


def to_corners(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 4) x y width height to (n, 4) x1 y1 x2 y2."""
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:4]], axis=1)


def _read_annotations(path: Path) -> ByName:
    content = read_json(path)
    if isinstance(content, dict):
        content = [{"image": name, **entry} for name, entry in content.items() if isinstance(entry, dict)]
    if not isinstance(content, list) or not all(isinstance(entry, dict) and "image" in entry for entry in content):
        raise AnnotationError(f'{path}: expected a list of {{"image", "faces"}}, got something else')
    entries = {str(entry["image"]): _faces(entry, path=path) for entry in content}
    prefix = _prefix([face for faces in entries.values() for face in faces])
    pointed = any(face.get("landmarks") for faces in entries.values() for face in faces)
    return {
        name: _of_dicts(faces, prefix=prefix, pointed=pointed, where=f"{path}, {name}")
        for name, faces in entries.items()
    }


def _faces(entry: dict[str, Any], *, path: Path) -> list[dict[str, Any]]:
    faces = entry.get("faces")
    if not isinstance(faces, list) or not all(isinstance(face, dict) and "box" in face for face in faces):
        raise AnnotationError(f'{path}, {entry["image"]}: expected "faces", a list of {{"box"}}, got something else')
    return faces


def _prefix(faces: list[dict[str, Any]]) -> str | None:
    """What stands before "easy", "medium" and "hard" in the keys of all faces; None where they know no difficulty."""
    fits = (
        prefix for prefix in ("in_", "") if faces and all(f"{prefix}{s}" in face for face in faces for s in SUBSETS)
    )
    return next(fits, None)


def _of_dicts(faces: list[dict[str, Any]], *, prefix: str | None, pointed: bool, where: str) -> Marked:
    boxes = numbers([face["box"] for face in faces], columns=4, where=where)
    if prefix is None:
        members = {ALL: np.array([not face.get("ignore") for face in faces], np.bool_)}
    else:
        members = {s: np.array([bool(face[f"{prefix}{s}"]) for face in faces], np.bool_) for s in SUBSETS}
    return Marked(boxes, members, _landmarks(faces, where=where) if pointed else None)


def _landmarks(faces: list[dict[str, Any]], *, where: str) -> NDArray[np.float64]:
    points = np.full((len(faces), 5, 2), np.nan)
    for place, face in enumerate(faces):
        if face.get("landmarks"):
            table = numbers(face["landmarks"], columns=2, where=where)
            if len(table) != 5:
                raise AnnotationError(f"{where}: expected 5 landmarks, got {len(table)}")
            points[place] = table
    return points


def _read_mat(folder: Path) -> ByName:
    content = _load(folder / MAT)
    chosen = {subset: _load(folder / f"wider_{subset}_val.mat")["gt_list"] for subset in SUBSETS}
    marked: ByName = {}
    for event, name in enumerate(content["event_list"].ravel()):
        for place, file in enumerate(content["file_list"][event, 0].ravel()):
            boxes = content["face_bbx_list"][event, 0][place, 0].reshape(-1, 4).astype(np.float64)
            members = {subset: _mask(lists[event, 0][place, 0], len(boxes)) for subset, lists in chosen.items()}
            marked[f"{_text(name)}/{_text(file)}"] = Marked(to_corners(boxes), members)
    return marked


def _mask(places: NDArray[Any], length: int) -> NDArray[np.bool_]:
    """Places count from 1."""
    mask = np.zeros(length, np.bool_)
    mask[places.ravel().astype(np.intp) - 1] = True
    return mask


def _text(cell: Any) -> str:
    return str(np.asarray(cell).ravel()[0])


def _load(path: Path) -> Mapping[str, NDArray[Any]]:
    scipy_io = load("scipy.io", feature="reading .mat files", extra="evaluate")
    try:
        content: dict[str, NDArray[Any]] = scipy_io.loadmat(path)
    except (OSError, ValueError, scipy_io.matlab.MatReadError) as error:
        raise AnnotationError(f"{path}: expected a MATLAB file, got: {error}") from error
    return content

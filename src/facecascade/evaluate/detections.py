"""What a detector found, from the files that detectors write."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import AnnotationError
from facecascade.evaluate.annotations import to_corners
from facecascade.evaluate.blocks import Block, read_blocks
from facecascade.evaluate.documents import numbers, read_json
from facecascade.evaluate.names import pair_names
from facecascade.faces import LANDMARK_NAMES, Faces

Missing = Literal["fail", "empty", "skip"]
MISSING: Final[tuple[Missing, ...]] = get_args(Missing)
"""What to do with marked pictures that nothing is known of: an error, no faces found, or leave them out."""

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Regions:
    """Detections that may be ellipses.

    Attributes:
        shapes: (n, 4) x1 y1 x2 y2 of rectangles, or (n, 5) ellipses; see `fddb`.
        scores: (n,).
    """

    shapes: NDArray[np.float64]
    scores: NDArray[np.float64]


def read_detections(path: Path) -> dict[str, Faces]:
    """The faces found in each picture, by its name, in whichever of these forms `path` holds.

    - `.jsonl` or `.json` as `facecascade detect` writes them; a picture that could not be read has no faces
    - a `.json` list of `{"image" or "source", "faces": [{"box", "score", "landmarks"}]}`, boxes x1 y1 x2 y2
    - a `.json` object of `{name: [[x, y, width, height, score], ...]}`; any of these also as `.json.gz`
    - a folder of one `.txt` file a picture, as WIDER FACE asks for them: name, number of faces, and rows of
      x y width height score
    - one `.txt` file with such blocks for all pictures

    Raises:
        AnnotationError: the file is missing or broken; the message names it.
    """
    if path.is_dir() or path.suffix == ".txt":
        return {name: _rectangles(regions, where=f"{path}, {name}") for name, regions in read_regions(path).items()}
    content = read_json(path)
    if isinstance(content, dict):
        return {name: _of_rows(rows, where=f"{path}, {name}") for name, rows in content.items()}
    if not isinstance(content, list):
        raise AnnotationError(f"{path}: expected a list or an object, got {type(content).__name__}")
    return dict(_of_entry(entry, path=path) for entry in content)


def read_regions(path: Path) -> dict[str, Regions]:
    """As `read_detections`, for FDDB: blocks may have rows of x y width height score, or ellipses and a score.

    Raises:
        AnnotationError: the file is missing or broken; the message names it.
    """
    if path.is_dir():
        files = sorted(path.rglob("*.txt"))
        if not files:
            raise AnnotationError(f"{path}: expected .txt files, got a folder without any")
        named = (pair for file in files for pair in _named_blocks(file, folder=path))
        return {name: _region(block.rows, where=f"{path}, {name}") for name, block in named}
    if path.suffix == ".txt":
        return {block.name: _region(block.rows, where=f"{path}, {block.name}") for block in read_blocks(path)}
    return {name: to_regions(faces) for name, faces in read_detections(path).items()}


def to_regions(faces: Faces) -> Regions:
    """The boxes of faces as regions."""
    return Regions(faces.boxes.astype(np.float64), faces.scores.astype(np.float64))


def align(found: Mapping[str, Found], marked: Collection[str], *, missing: Missing, empty: Found) -> dict[str, Found]:
    """What was found in each marked picture, by the names of the annotations; see `pair_names`.

    Args:
        found: by other names of the same pictures; pictures that are not marked are left out.
        marked: names of the annotations.
        missing: what to do with marked pictures that `found` does not know: "fail", "empty" or "skip".
        empty: no faces.

    Raises:
        AnnotationError: nothing fits, or something is missing and `missing` is "fail".
    """
    partners = pair_names(found, marked)
    absent = [name for name in marked if name not in partners]
    if not partners:
        raise AnnotationError(
            f"expected names that end alike, got {len(found)} pictures such as {next(iter(found), None)!r} and "
            f"{len(marked)} marked ones such as {next(iter(marked), None)!r}"
        )
    if absent and missing == "fail":
        raise AnnotationError(
            f"expected all {len(marked)} marked pictures, got {len(absent)} without detections, such as {absent[0]!r}: "
            "count them as pictures where nothing was found (empty), or leave them out (skip)"
        )
    known = {name: found[partner] for name, partner in partners.items()}
    if missing == "empty":
        return {name: known.get(name, empty) for name in marked}
    return known


def _named_blocks(file: Path, *, folder: Path) -> Iterator[tuple[str, Block]]:
    """A file of one picture is called after it, and lies in the folder of its event, which the text may not name."""
    blocks = list(read_blocks(file))
    for block in blocks:
        yield file.relative_to(folder).as_posix() if len(blocks) == 1 and "/" not in block.name else block.name, block


def _region(rows: NDArray[np.float64], *, where: str) -> Regions:
    if not len(rows):
        return Regions(np.zeros((0, 4)), np.zeros(0))
    if rows.shape[1] not in (5, 6):
        raise AnnotationError(f"{where}: expected rows of 5 or 6 numbers, the last a score, got {rows.shape[1]}")
    shapes = to_corners(rows) if rows.shape[1] == 5 else rows[:, :5]
    return Regions(shapes, rows[:, -1])


def _rectangles(regions: Regions, *, where: str) -> Faces:
    if regions.shapes.shape[1] != 4:
        raise AnnotationError(f"{where}: expected rows of x y width height score, got ellipses")
    return Faces(regions.shapes.astype(np.float32), regions.scores.astype(np.float32))


def _of_rows(rows: Any, *, where: str) -> Faces:
    table = numbers(rows, columns=5, where=where)
    return Faces(to_corners(table).astype(np.float32), table[:, 4].astype(np.float32))


def _of_entry(entry: Any, *, path: Path) -> tuple[str, Faces]:
    name = (entry.get("source") or entry.get("image")) if isinstance(entry, dict) else None
    if not isinstance(name, str):
        raise AnnotationError(f'{path}: expected objects with "source" or "image", got {str(entry)[:60]}')
    where = f"{path}, {name}"
    faces = entry.get("faces", [] if "error" in entry else None)
    if not isinstance(faces, list) or not all(isinstance(face, dict) and {"box", "score"} <= {*face} for face in faces):
        raise AnnotationError(f'{where}: expected "faces", a list of {{"box", "score"}}, got something else')
    boxes = numbers([face["box"] for face in faces], columns=4, where=where)
    scores = numbers([[face["score"]] for face in faces], columns=1, where=where)[:, 0]
    return name, Faces(boxes.astype(np.float32), scores.astype(np.float32), _landmarks(faces, where=where))


def _landmarks(faces: list[dict[str, Any]], *, where: str) -> NDArray[np.float32] | None:
    if not all(face.get("landmarks") for face in faces):
        return None
    points = [_points(face["landmarks"], where=where) for face in faces]
    return np.array(points, np.float32).reshape(-1, 5, 2)


def _points(landmarks: Any, *, where: str) -> NDArray[np.float64]:
    if isinstance(landmarks, dict):
        landmarks = [landmarks.get(name) for name in LANDMARK_NAMES]
    points = numbers(landmarks, columns=2, where=where)
    if len(points) != len(LANDMARK_NAMES):
        raise AnnotationError(f"{where}: expected {len(LANDMARK_NAMES)} landmarks, got {len(points)}")
    return points

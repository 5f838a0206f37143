"""YOLO: a text file a picture, coordinates as shares of the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError
from facecascade.faces import LANDMARK_NAMES, Faces
from facecascade.write.errorlist import ErrorList
from facecascade.write.files import PendingFiles
from facecascade.write.naming import Naming, path_without_suffix, with_ending
from facecascade.write.writer import BaseWriter, Entry, StrPath

FACE_CLASS: Final = 0
VISIBLE: Final = 2
HALF_PIXEL: Final = 0.5
"""From the centre of the first pixel, where landmarks count from, to the corner of the picture."""
MIRRORED: Final = [1, 0, 2, 4, 3]
"""Where each landmark is in a mirrored face: left and right change places."""


class YoloWriter(BaseWriter):
    """A folder: labels/<name>.txt for each picture, classes.txt and data.yaml; the pictures belong into images/.

    A line is one face: class, and centre and size of the box as shares of the picture, cut to it; with `pose`, x, y and
    visibility of the five landmarks too, zeros for one outside the picture. A face without any part in the picture has
    no line, and a picture without faces has an empty file. Pictures that could not be read are in errors.csv.

    Args:
        folder: is made if it is missing; files of an earlier run stay where no new one has their name.
        pose: whether landmarks are written.
        names: how the files are called; by default as the pictures, with their folders.

    Raises:
        SettingsError: two pictures would share a file.
    """

    def __init__(self, folder: StrPath, *, pose: bool = False, names: Naming | None = None) -> None:
        super().__init__(columns=None)
        self._pose = pose
        self._name = names or path_without_suffix
        self._errors = ErrorList(Path(folder) / "errors.csv")
        self._files = PendingFiles(Path(folder))
        self._files.add(Path("classes.txt"), "face\n", owner="the classes")
        self._files.add(Path("data.yaml"), _description(pose=pose), owner="the description")

    def _add(self, entry: Entry) -> None:
        rows = _rows(entry.faces, width=entry.width, height=entry.height)
        kept = rows[(rows[:, 2:4] > 0).all(axis=1)]
        text = "".join(_line(row, pose=self._pose) for row in kept.tolist())
        self._files.add(Path("labels") / with_ending(self._name(entry.origin), ".txt"), text, owner=entry.source)

    def _add_error(self, source: str, error: ImageError) -> None:
        self._errors.add(source, error)

    def _finish(self) -> None:
        self._files.commit()
        self._errors.commit()

    def _drop(self) -> None:
        self._files.discard()
        self._errors.discard()


def _rows(faces: Faces, *, width: int, height: int) -> NDArray[np.float64]:
    """(n, 19): centre x and y, width and height, then x, y and visibility of each landmark; all as shares."""
    size = np.array([width, height], np.float64)
    boxes = faces.clip(width, height).boxes.astype(np.float64)
    first, last = boxes[:, :2] / size, boxes[:, 2:] / size
    points = np.zeros((len(faces), len(LANDMARK_NAMES), 3))
    if faces.landmarks is not None:
        shares = (faces.landmarks.astype(np.float64) + HALF_PIXEL) / size
        inside = ((shares >= 0) & (shares <= 1)).all(axis=2)
        points[inside] = np.concatenate([shares[inside], np.full((inside.sum(), 1), VISIBLE)], axis=1)
    return np.concatenate(
        [(first + last) / 2, last - first, points.reshape(len(faces), 3 * len(LANDMARK_NAMES))], axis=1
    )


def _line(row: list[float], *, pose: bool) -> str:
    numbers = [f"{number:.7f}" for number in row[:4]]
    if pose:
        for start in range(4, len(row), 3):
            x, y, visibility = row[start : start + 3]
            numbers += [f"{x:.7f}", f"{y:.7f}", f"{visibility:.0f}"]
    return f"{FACE_CLASS} {' '.join(numbers)}\n"


def _description(*, pose: bool) -> str:
    lines = ["path: .", "train: images", "val: images", "names:", f"  {FACE_CLASS}: face"]
    if pose:
        lines += [f"kpt_shape: [{len(LANDMARK_NAMES)}, 3]", f"flip_idx: {MIRRORED}"]
    return "\n".join(lines) + "\n"

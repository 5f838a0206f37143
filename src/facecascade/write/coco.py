"""COCO: images and annotations in one JSON document, as detection and keypoint data sets have them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import ImageError
from facecascade.faces import LANDMARK_NAMES, Faces
from facecascade.write.columns import Column
from facecascade.write.errorlist import ErrorList
from facecascade.write.files import TEXT, AtomicText
from facecascade.write.jsonlines import to_json
from facecascade.write.writer import BaseWriter, Entry, StrPath, further_dicts, short_numbers

CATEGORY: Final = {
    "id": 1,
    "name": "face",
    "supercategory": "person",
    "keypoints": list(LANDMARK_NAMES),
    "skeleton": [],
}
ABSENT, OUTSIDE, VISIBLE = 0, 1, 2
"""COCO's words for a keypoint: not there at all, there but not to be seen, to be seen."""


class CocoWriter(BaseWriter):
    """One document: info, images, annotations, categories; ids count from 1.

    An annotation is one face: bbox (x, y, width, height), area, iscrowd 0, score, and the landmarks as five keypoints,
    with its crop and further columns under their names. Pictures without faces are images without annotations. Those
    that could not be read are in the list beside the file, `<file>.errors.csv`.

    Args:
        target: the file, which appears once all is written.
        clip: cut the boxes to their pictures; landmarks stay.
        columns: see `BaseWriter`.
        metadata: texts for "info".
    """

    def __init__(
        self,
        target: StrPath,
        *,
        clip: bool = False,
        columns: Sequence[Column] = (),
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(columns=columns)
        self._clip = clip
        self._images = self._faces = 0
        self._errors = ErrorList.beside(Path(target))
        self._file = AtomicText(Path(target))
        # The document has all images before the first annotation, so these wait outside of memory.
        self._annotations: IO[str] = tempfile.TemporaryFile("w+", **TEXT)  # type: ignore[call-overload]  # noqa: SIM115
        info = {"description": "Faces found by facecascade", **(metadata or {})}
        self._file.stream.write(f'{{"info": {to_json(info)},\n"categories": [{to_json(CATEGORY)}],\n"images": [')

    def _add(self, entry: Entry) -> None:
        self._images += 1
        image = {"id": self._images, "file_name": entry.source, "width": entry.width, "height": entry.height}
        self._file.stream.write(_separated(to_json(image), first=self._images == 1))
        faces = entry.faces.clip(entry.width, entry.height) if self._clip else entry.faces
        keypoints = _keypoints(faces, width=entry.width, height=entry.height)
        further = further_dicts(entry, self._columns)
        for box, score, points, more in zip(faces.boxes, faces.scores, keypoints, further, strict=True):
            self._faces += 1
            annotation = {
                "id": self._faces,
                "image_id": self._images,
                "category_id": CATEGORY["id"],
                **_box(box),
                "iscrowd": 0,
                "score": short_numbers(float(score)),
                "keypoints": points,
                "num_keypoints": sum(visibility > ABSENT for visibility in points[2::3]),
                **more,
            }
            self._annotations.write(_separated(to_json(annotation), first=self._faces == 1))

    def _add_error(self, source: str, error: ImageError) -> None:
        self._errors.add(source, error)

    def _finish(self) -> None:
        self._file.stream.write('],\n"annotations": [')
        self._annotations.seek(0)
        shutil.copyfileobj(self._annotations, self._file.stream)
        self._file.stream.write("]}\n")
        self._annotations.close()
        self._file.commit()
        self._errors.commit()

    def _drop(self) -> None:
        self._annotations.close()
        self._file.discard()
        self._errors.discard()


def _separated(text: str, *, first: bool) -> str:
    return f"\n{text}" if first else f",\n{text}"


def _box(box: NDArray[np.float32]) -> dict[str, Any]:
    x1, y1, x2, y2 = box.tolist()
    size = [max(x2 - x1, 0.0), max(y2 - y1, 0.0)]
    return {"bbox": short_numbers([x1, y1, *size]), "area": short_numbers(size[0] * size[1])}


def _keypoints(faces: Faces, *, width: int, height: int) -> list[list[float]]:
    """x, y, visibility of each landmark: COCO counts from the centre of the first pixel, as landmarks do."""
    if faces.landmarks is None:
        return [[0, 0, ABSENT] * len(LANDMARK_NAMES)] * len(faces)
    return [
        [
            number
            for x, y in face.tolist()
            for number in (
                *short_numbers([x, y]),
                VISIBLE if -0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5 else OUTSIDE,
            )
        ]
        for face in faces.landmarks
    ]

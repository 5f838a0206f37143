"""How far apart the hashes of faces are: of one face in copies of its picture, and of different faces.

A copy is the picture compressed as JPEG of quality 40, or shrunk to 60 %; faces are found in it anew.

    python -m benchmarks.hashes
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.data import DATA, SUFFIXES
from facecascade import MTCNN, Faces, read_picture
from facecascade.extract import Selection, hamming_distance, measure_faces, select

Pixels = NDArray[np.uint8]

CLEAR = Selection(min_score=0.95, min_size=40)
SHRUNK = 0.6
LARGEST = 2500
"""Longest side of the pictures taken: larger ones cost time and show nothing new."""


def main() -> None:
    """Prints the distances of the same faces and of different ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, default=DATA / "photos", help="a folder of photographs")
    parser.add_argument("--every", type=int, default=2, metavar="N", help="take every Nth picture (default: 2)")
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.pictures.glob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        parser.error(f"expected photographs in {arguments.pictures}, got none")
    same: list[int] = []
    hashes: list[int] = []
    with MTCNN(min_face_size=20) as detector:
        for picture in map(read_picture, paths[:: arguments.every]):
            if max(picture.shape) > LARGEST:
                continue
            faces = detector.detect(picture)
            faces = faces[select(faces, selection=CLEAR, picture_size=(picture.shape[1], picture.shape[0]))]
            own = [one.hash for one in measure_faces(picture, faces)]
            hashes += own
            for copy, scale in copies(picture):
                again = detector.detect(copy)
                others = [one.hash for one in measure_faces(copy, again)]
                same += [hamming_distance(own[face], others[twin]) for face, twin in pairs(faces, again, scale)]
    apart = [hamming_distance(a, b) for place, a in enumerate(hashes) for b in hashes[:place]]
    print(f"{len(hashes)} faces, {len(same)} of their copies, {len(apart)} pairs of different faces")
    for name, distances in (("copies", same), ("different", apart)):
        low, high = np.percentile(distances, [1, 95])
        print(f"{name:>9}: mean {np.mean(distances):.1f}, least {min(distances)}, 1 % {low:.0f}, 95 % {high:.0f} bits")


def copies(picture: Pixels) -> Iterator[tuple[Pixels, float]]:
    """Copies of a picture, and how large they are beside it."""
    image, encoded = Image.fromarray(picture), io.BytesIO()
    image.save(encoded, "JPEG", quality=40)
    yield read_picture(encoded.getvalue()), 1.0
    size = round(image.width * SHRUNK), round(image.height * SHRUNK)
    yield np.asarray(image.resize(size, Image.Resampling.BICUBIC)), SHRUNK


def pairs(faces: Faces, again: Faces, scale: float) -> Iterator[tuple[int, int]]:
    """Each face and the same face in the copy, where it was found there."""
    for number, box in enumerate(faces.boxes):
        if len(again):
            away = np.abs(again.boxes / scale - box).max(axis=1)
            if away.min() < 0.3 * (box[2] - box[0]):
                yield number, int(away.argmin())


if __name__ == "__main__":
    main()

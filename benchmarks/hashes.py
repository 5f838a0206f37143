"""How far apart the hashes of faces are: of one face in copies of its picture, and of different faces.

Copies are compressed, scaled or brightened; faces are found in them anew, so that the detector's trembling counts
too. From faces that differ, a million are modelled: their spectra are taken for normally distributed with the mean
and the covariance of the real ones.

    python -m benchmarks.hashes
"""

from __future__ import annotations

import argparse
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.data import DATA, list_pictures
from benchmarks.report import table
from facecascade import MTCNN, Faces, read_picture
from facecascade.extract import Selection, aligned_crops, hamming_distance, near_duplicates, perceptual_hash, select
from facecascade.extract.hashes import bit_counts, grey, spectrum
from facecascade.extract.measures import MEASURED

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

CLEAR: Final = Selection(min_score=0.95, min_size=40)
LARGEST: Final = 2500
"""Longest side of the pictures taken: larger ones cost time and show nothing new."""
FOLDERS: Final = ("photos", "dlib_faces", "helen348", "wider_val_fullres")
DISTANCES: Final = (0, 2, 4, 6, 8, 10, 12, 14)
"""Half of the bits are set, so that two hashes differ in an even number of them."""
COUNTS: Final = (10_000, 100_000, 1_000_000)
MODELLED: Final = 4000
"""Modelled faces whose pairs are compared with those of the real ones."""
SEED: Final = 1


def main() -> None:
    """Prints the distances of the same faces and of different ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    folders = [DATA / name for name in FOLDERS]
    parser.add_argument("pictures", type=Path, nargs="*", default=folders, help="folders of photographs")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth picture (default: 1)")
    parser.add_argument("--distance", type=int, default=6, help="the largest in the table of many faces (default: 6)")
    arguments = parser.parse_args()
    paths = [path for folder in arguments.pictures for path in list_pictures(folder)][:: arguments.every]
    same: dict[str, list[int]] = defaultdict(list)
    spectra: list[Floats] = []
    names: list[str] = []
    with MTCNN(min_face_size=20) as detector:
        for path in paths:
            found = _spectra(detector, path, same)
            spectra += found
            names += [path.stem] * len(found)
    apart = distances_apart(hashes_of(np.array(spectra)), names)
    print(f"{len(spectra)} faces, {len(apart)} pairs of different faces: {np.mean(apart):.1f} bits apart on average\n")
    rows = [[name, len(one), *(f"{np.mean(np.array(one) <= d):.1%}" for d in DISTANCES)] for name, one in same.items()]
    rows.append(["different", len(apart), *(f"{np.mean(apart <= d):.2g}" for d in DISTANCES)])
    modelled = distances_apart(alike(np.array(spectra), count=MODELLED), [""] * MODELLED)
    rows.append(["different, modelled", len(modelled), *(f"{np.mean(modelled <= d):.2g}" for d in DISTANCES)])
    print(table(["share within", "pairs", *(f"{d} bits" for d in DISTANCES)], rows))
    distances = [d for d in DISTANCES[1:] if d <= arguments.distance]
    print("\nDifferent faces, modelled, that are taken for duplicates:\n")
    rows = [[f"{count:,}", *_taken(alike(np.array(spectra), count=count), distances)] for count in COUNTS]
    print(table(["of", *(f"within {d} bits" for d in distances)], rows))


def alike(spectra: Floats, *, count: int) -> Hashes:
    """Hashes of faces that nobody has, in number and likeness as if there were so many.

    Args:
        spectra: (n, 8, 8) of real faces.
        count: how many to make.
    """
    values = spectra.reshape(len(spectra), -1).copy()
    # The mean grey level is larger than all else, and says nothing: its bit is always set.
    values[:, 0] = 0
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    values[:, 0] = 1
    mean, factor = values.mean(axis=0), np.linalg.cholesky(np.cov(values.T) + 1e-12 * np.eye(values.shape[1]))
    random = np.random.default_rng(SEED)
    sizes = [min(1 << 16, count - begin) for begin in range(0, count, 1 << 16)]
    return np.concatenate([hashes_of(mean + random.standard_normal((n, len(mean))) @ factor.T) for n in sizes])


def hashes_of(spectra: Floats) -> Hashes:
    """(n,) uint64, as `perceptual_hash` makes them of pictures."""
    values = spectra.reshape(len(spectra), -1)
    bits = values > np.median(values, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)


def distances_apart(hashes: Hashes, names: Sequence[str]) -> NDArray[np.uint8]:
    """Bits between any two different faces: of one picture, or of pictures that do not show the same.

    Args:
        hashes: (n,) of the faces.
        names: of the picture of each, without suffix.
    """
    first, second = np.triu_indices(len(hashes), 1)
    files, photographs = np.array(names), np.array([photograph(name) for name in names])
    twice = (photographs[first] == photographs[second]) & (files[first] != files[second])
    return bit_counts(hashes[first[~twice]] ^ hashes[second[~twice]])


def photograph(name: str) -> str:
    """What a picture shows: HELEN numbers several crops of one photograph, as in 2070105355_3."""
    return re.sub(r"^(\d{6,})_\d+$", r"\1", name)


def copies(picture: Pixels) -> Iterator[tuple[str, Pixels, float]]:
    """Copies of a picture: what was done to it, the pixels, and how large they are beside it."""
    yield "JPEG of quality 50", _compressed(picture), 1.0
    yield "brighter by a fifth", np.clip(picture * 1.2 + 10, 0, 255).astype(np.uint8), 1.0
    for scale in (0.93, 0.7, 0.5):
        yield f"scaled by {scale}", _scaled(picture, scale), scale
    yield "scaled by 0.7, JPEG", _compressed(_scaled(picture, 0.7)), 0.7


def pairs(faces: Faces, again: Faces, scale: float) -> Iterator[tuple[int, int]]:
    """Each face and the same face in the copy, where it was found there."""
    for number, box in enumerate(faces.boxes):
        if len(again):
            away = np.abs(again.boxes / scale - box).max(axis=1)
            if away.min() < 0.3 * (box[2] - box[0]):
                yield number, int(away.argmin())


def _spectra(detector: MTCNN, path: Path, same: dict[str, list[int]]) -> list[Floats]:
    """Spectra of the clear faces of a picture; adds to `same` how far they are from those of its copies."""
    picture = read_picture(path)
    if max(picture.shape) > LARGEST:
        return []
    faces = detector.detect(picture)
    faces = faces[select(faces, selection=CLEAR, picture_size=(picture.shape[1], picture.shape[0]))]
    levels = _levels(picture, faces)
    for name, copy, scale in copies(picture):
        again = detector.detect(copy)
        twins = _levels(copy, again)
        for face, twin in pairs(faces, again, scale):
            same[name].append(hamming_distance(perceptual_hash(levels[face]), perceptual_hash(twins[twin])))
    return [spectrum(one) for one in levels]


def _levels(picture: Pixels, faces: Faces) -> list[Floats]:
    return [grey(crop) for crop in aligned_crops(picture, faces, template=MEASURED)]


def _taken(hashes: Hashes, distances: Sequence[int]) -> list[str]:
    found = [int((near_duplicates(hashes, distance=distance) >= 0).sum()) for distance in distances]
    return [f"{count:,} ({count / len(hashes):.2g})" for count in found]


def _compressed(picture: Pixels) -> Pixels:
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "JPEG", quality=50)
    return read_picture(encoded.getvalue())


def _scaled(picture: Pixels, scale: float) -> Pixels:
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))


if __name__ == "__main__":
    main()

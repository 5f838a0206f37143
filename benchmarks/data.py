"""Where the photographs for measuring lie, and what is known about them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facecascade.faces import Faces

ROOT: Final = Path(__file__).resolve().parents[1]
"""The repository."""
DATA: Final = ROOT.parent / "shared" / "data"
"""The photographs, beside the repository and no part of it; every program takes another folder."""
GROUP_PHOTO: Final = "MTCNN__group2013.jpg"
"""In the folder "photos": 19 faces."""
SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png"})

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Golden:
    """What another package found in one picture.

    Attributes:
        size: (height, width) in pixels.
        faces: its result, in the order of its file.
    """

    size: tuple[int, int]
    faces: Faces


def load_rgb(path: Path) -> Picture:
    """The pixels as they are stored, (height, width, 3), without the rotation that EXIF may ask for.

    The packages compared with know nothing of EXIF, so all are given the same pixels.
    """
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def resized(pixels: Picture, height: int) -> Picture:
    """The picture at this height in pixels, by Lanczos, with the same proportions; height 0 leaves it as it is."""
    if not height:
        return pixels
    return _at_size(pixels, round(pixels.shape[1] * height / pixels.shape[0]), height)


def within(pixels: Picture, sides: tuple[int, int]) -> Picture:
    """The picture, by Lanczos, as large as it fits into these (longer, shorter) sides with the same proportions."""
    height, width = pixels.shape[:2]
    scale = min(max(sides) / max(height, width), min(sides) / min(height, width))
    return _at_size(pixels, round(width * scale), round(height * scale))


def list_pictures(folder: Path) -> list[Path]:
    """The pictures of a folder and of those below it, by path.

    Raises:
        SystemExit: there are none, with a hint.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES) if folder.is_dir() else []
    if not paths:
        raise SystemExit(f"expected a folder of pictures, got none in {folder}: name one on the command line")
    return paths


def read_golden(path: Path) -> dict[str, Golden]:
    """What another package found, by the file name of the picture."""
    return {name: _golden(entry) for name, entry in _read_json(path).items()}


def to_faces(rows: Iterable[dict[str, Any]]) -> Faces:
    """Faces from dicts of "box" (x1 y1 x2 y2), "score" and "landmarks" (five points)."""
    faces = list(rows)
    if not faces:
        return Faces.empty()
    columns = ([face[key] for face in faces] for key in ("box", "score", "landmarks"))
    return Faces(*(np.array(column, np.float32) for column in columns))


def _at_size(pixels: Picture, width: int, height: int) -> Picture:
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def _golden(entry: dict[str, Any]) -> Golden:
    height, width = entry["shape"][:2]
    return Golden((height, width), to_faces(entry["faces"]))


def _read_json(path: Path) -> Any:
    if not path.is_file():
        raise SystemExit(f"expected a file at {path}, got none: name it on the command line")
    return json.loads(path.read_text(encoding="utf-8"))

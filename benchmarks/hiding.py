"""How many marked faces a redaction hides, by the settings of the detector, and what it hides for nothing.

    python -m benchmarks.hiding

A marked face of at least 20 pixels counts as hidden if the default shapes cover four fifths of the ellipse in its box.
What the shapes cover of pictures without faces is hidden for nothing, and so is what they cover elsewhere; the second
also holds faces that nobody marked. Time is that of the processors for
all pictures, as a multiple of that of the default settings.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import DATA, Picture, list_pictures, load_rgb
from benchmarks.report import table
from facecascade import MTCNN, Faces, Redaction, redact_faces
from facecascade.evaluate import read_marked
from facecascade.settings import PRESETS

SETS: Final = ("wider_val_fullres", "dlib_faces")
WITHOUT: Final = "photos_noface"
LEAST_HEIGHT: Final = 20.0
LEAST_HIDDEN: Final = 0.8
WHITE: Final = Redaction(style="cover", colour=(255, 255, 255))
SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "default": {},
    "border .1": {"border": 0.1},
    ".6 .6 .4": {"thresholds": (0.6, 0.6, 0.4)},
    "careful: .6 .6 .4, border .1": PRESETS["careful"],
    ".6 .6 .4, border .1, mirror": {**PRESETS["careful"], "mirror": True},
    ".5 .5 .3, border .1": {"thresholds": (0.5, 0.5, 0.3), "border": 0.1},
    ".5 .5 .3, border .1, mirror": {"thresholds": (0.5, 0.5, 0.3), "border": 0.1, "mirror": True},
    "thorough": PRESETS["thorough"],
}


@dataclass(frozen=True, eq=False)
class Marked:
    """A picture and the boxes of its faces, (n, 4)."""

    picture: Picture
    boxes: NDArray[np.float64]


def marked_pictures(data: Path) -> list[Marked]:
    """All of the sets, and those without faces."""
    made = []
    for folder in SETS:
        for name, faces in read_marked(data / folder).items():
            tall = faces.boxes[:, 3] - faces.boxes[:, 1] >= LEAST_HEIGHT
            made.append(Marked(load_rgb(data / folder / name), faces.boxes[tall]))
    return made + [Marked(load_rgb(path), np.zeros((0, 4))) for path in list_pictures(data / WITHOUT)]


def hidden_pixels(picture: Picture, faces: Faces) -> NDArray[np.bool_]:
    """(h, w): what the shapes around the faces cover."""
    hidden: NDArray[np.bool_] = redact_faces(np.zeros_like(picture), faces, redaction=WHITE)[..., 0] > 0
    return hidden


def hidden_faces(hidden: NDArray[np.bool_], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,): of which of the faces enough is covered."""
    rows, columns = np.ogrid[: hidden.shape[0], : hidden.shape[1]]
    result = []
    for x1, y1, x2, y2 in boxes:
        across, down = (2 * columns + 1 - x1 - x2) / (x2 - x1), (2 * rows + 1 - y1 - y2) / (y2 - y1)
        face = across**2 + down**2 < 1
        result.append(bool(face.any()) and hidden[face].mean() >= LEAST_HIDDEN)
    return np.array(result, np.bool_)


def row(name: str, settings: Mapping[str, Any], pictures: list[Marked]) -> tuple[list[str], float]:
    """A line of the table without its time, and the seconds."""
    with MTCNN(**settings) as detector:
        start = time.process_time()
        found = [detector.detect(one.picture) for one in pictures]
        seconds = time.process_time() - start
    count, total, empty, shapes = 0, 0, 0, 0
    for one, faces in zip(pictures, found, strict=True):
        count += int(hidden_faces(hidden_pixels(one.picture, faces), one.boxes).sum())
        total += len(one.boxes)
        shapes += len(faces)
        empty += 0 if len(one.boxes) else len(faces)
    return [name, f"{count}/{total}", f"{count / total:.3f}", str(shapes), str(empty)], seconds


def main() -> None:
    """Count for each of the settings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder that holds the sets (default: ../shared/data)")
    pictures = marked_pictures(parser.parse_args().data)
    rows = [row(name, settings, pictures) for name, settings in SETTINGS.items()]
    base = rows[0][1]
    heads = ["settings", "hidden", "share", "shapes", "where nobody is", "time"]
    print(f"{len(pictures)} pictures, {sum(not len(one.boxes) for one in pictures)} without marked faces\n")
    print(table(heads, [[*cells, f"{seconds / base:.1f}"] for cells, seconds in rows]))


if __name__ == "__main__":
    main()

"""How many of the faces that the edge of a picture cuts are found, without and with a border around it.

    python -m benchmarks.cut_faces

Faces of at least 24 pixels of two marked sets, three of each picture, drawn by chance but always the same, are cut at
their left side or at their top so that a part of known size is left. What is judged is that one face: it is found if a
detection, clipped to the picture, overlaps its visible part with an IoU of at least .5.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import DATA, Picture, load_rgb
from benchmarks.jitter import Find
from benchmarks.report import table
from facecascade import MTCNN
from facecascade.evaluate import iou, read_marked
from facecascade.faces import Faces
from facecascade.views import border_width

SETS: Final = ("wider_val_fullres", "dlib_faces")
LEAST_HEIGHT: Final = 24.0
FACES_EACH: Final = 3
SHARES: Final = (0.3, 0.45, 0.6, 0.75)
"""Visible part of the width or height of a face."""
ROOM: Final = 4
"""Heights of the face that are left of the picture around it, so that a run takes a minute."""
LEAST_SIDE: Final = 100
FILLS: Final[Mapping[str, dict[str, Any]]] = {
    "black": {"constant_values": 0},
    "pixels of the edge": {"mode": "edge"},
}
"""Other borders than grey."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A picture whose edge cuts a face: its pixels, the visible box (4,), and the visible share."""

    picture: Picture
    box: NDArray[np.float64]
    share: float


def cuts(data: Path) -> Iterator[Cut]:
    """Every cut of every drawn face."""
    for folder in SETS:
        for name, marked in read_marked(data / folder).items():
            picture = load_rgb(data / folder / name)
            tall = np.flatnonzero(marked.boxes[:, 3] - marked.boxes[:, 1] >= LEAST_HEIGHT)
            for place in np.random.default_rng(0).permutation(tall)[:FACES_EACH]:
                for share in SHARES:
                    for axis in (0, 1):
                        yield from _cut(picture, marked.boxes[place], share=share, axis=axis)


def _cut(picture: Picture, box: NDArray[np.float64], *, share: float, axis: int) -> Iterator[Cut]:
    """The picture from within the box on: to the right (axis 0) or downwards (axis 1); none if little is left."""
    low = np.maximum(box[:2] - ROOM * (box[3] - box[1]), 0).astype(np.intp)
    high = (box[2:] + ROOM * (box[3] - box[1])).astype(np.intp)
    low[axis] = max(0, int(box[axis + 2] - share * (box[axis + 2] - box[axis])))
    left = np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]])
    height, width = left.shape[:2]
    if min(height, width) >= LEAST_SIDE:
        yield Cut(left, np.clip(box - np.tile(low, 2), 0, [width, height, width, height]), share)


def finders() -> dict[str, Find]:
    """Detectors by what they put around a picture."""
    return {
        "none": MTCNN().detect,
        "grey, .05": MTCNN(border=0.05).detect,
        "grey, .1": MTCNN(border=0.1).detect,
        "grey, .25": MTCNN(border=0.25).detect,
        **{f"{name}, .1": _filled(fill) for name, fill in FILLS.items()},
        "none, mirror": MTCNN(mirror=True).detect,
        "grey, .1, mirror": MTCNN(mirror=True, border=0.1).detect,
    }


def _filled(fill: Mapping[str, Any]) -> Find:
    """The default detector on pictures with another border than grey, of a tenth."""
    detector = MTCNN()
    settings = MTCNN(border=0.1).settings

    def find(picture: Picture) -> Faces:
        width = border_width(picture, settings)
        found = detector.detect(np.pad(picture, ((width, width), (width, width), (0, 0)), **fill))
        return Faces(found.boxes - np.float32(width), found.scores, found.landmarks)

    return find


def is_found(cut: Cut, find: Find) -> bool:
    """Whether a detection overlaps the visible part of the cut face."""
    height, width = cut.picture.shape[:2]
    found = find(cut.picture).clip(width, height)
    return bool(iou(found.boxes, cut.box[None]).max(initial=0) >= 0.5)


def main() -> None:
    """Count for each border and each visible share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder that holds the sets (default: ../shared/data)")
    made = list(cuts(parser.parse_args().data))
    print(f"{len(made)} cut faces; found, by the part that is visible:\n")
    print(
        table(["border", *(f"{share:.0%}" for share in SHARES), "all"], [_row(*one, made) for one in finders().items()])
    )


def _row(name: str, find: Find, made: list[Cut]) -> list[str]:
    hits = np.array([is_found(cut, find) for cut in made])
    shares = np.array([cut.share for cut in made])
    parts = [f"{np.count_nonzero(hits[shares == s])}/{np.count_nonzero(shares == s)}" for s in SHARES]
    return [name, *parts, f"{np.count_nonzero(hits)}/{len(made)}"]


if __name__ == "__main__":
    main()

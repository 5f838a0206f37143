"""The worst mistakes, to look at: each cut out of its picture, what was marked and what was found drawn into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facecascade.draw import draw_faces
from facecascade.extract import contact_sheet, crop_faces
from facecascade.extract.crop import square_around
from facecascade.faces import Face, Faces
from facecascade.read import read_picture

if TYPE_CHECKING:
    from PIL import Image

Pixels = NDArray[np.uint8]

MARKED_COLOUR: Final = (255, 176, 0)
"""Amber: what people have marked."""
FOUND_COLOUR: Final = (60, 220, 255)
"""Cyan: what the detector found. Amber and cyan stay apart for every kind of colour-blindness."""
SIDE: Final = 240
"""Of one cut-out, in pixels."""
MARGIN: Final = 0.75
"""Around the face, so that one sees what it is a part of."""
LEAST_SIDE: Final = 28.0
"""Pixels of a face that the cut-out shows at least, so that what surrounds a tiny one can be made out."""
MOST: Final = 40
"""Cut-outs in one gallery."""


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One mistake.

    Attributes:
        picture: name of its picture.
        box: (4,) x1 y1 x2 y2 in pixels: what is cut out, with a margin.
        caption: a short line.
        marked: all that is marked in the picture, scores of no meaning.
        found: all that the detector found in it.
        margin: added on each side, as a share of the box.
    """

    picture: str
    box: NDArray[np.float64]
    caption: str
    marked: Faces
    found: Faces
    margin: float = MARGIN


def gallery(exhibits: Sequence[Exhibit], *, pictures: Mapping[str, Path]) -> Image.Image:
    """A contact sheet of the exhibits, marked faces in amber and found ones in cyan.

    Args:
        exhibits: the worst first; more than 40 are cut off.
        pictures: path of each picture by its name; exhibits of pictures that are not there are left out.

    Raises:
        ImageError: a picture cannot be read.
    """
    shown = [exhibit for exhibit in exhibits if exhibit.picture in pictures][:MOST]
    crops: dict[int, Pixels] = {}
    for name in dict.fromkeys(exhibit.picture for exhibit in shown):  # each picture is decoded once
        pixels = read_picture(pictures[name])
        crops |= {id(one): _cut(pixels, one) for one in shown if one.picture == name}
    return contact_sheet([crops[id(one)] for one in shown], labels=[one.caption for one in shown], cell=SIDE)


def boxes_only(boxes: NDArray[np.float64], landmarks: NDArray[np.float64] | None = None) -> Faces:
    """Marked boxes in the form that is drawn; landmarks that are NaN are not."""
    points = None if landmarks is None else landmarks.astype(np.float32)
    return Faces(boxes.astype(np.float32), np.ones(len(boxes), np.float32), points)


def _cut(pixels: Pixels, exhibit: Exhibit) -> Pixels:
    focus = _focus(exhibit.box)
    alone = Faces(np.array([focus.box], np.float32), np.ones(1, np.float32))
    cut: Pixels = crop_faces(pixels, alone, size=SIDE, margin=exhibit.margin)[0]
    left, top, side = square_around(focus, margin=exhibit.margin)
    for faces, colour in ((exhibit.marked, MARKED_COLOUR), (exhibit.found, FOUND_COLOUR)):
        moved = _moved(faces, left=left, top=top, scale=SIDE / side)
        cut = np.asarray(draw_faces(cut, moved, box_colour=colour, point_colour=colour))
    return cut


def _focus(box: NDArray[np.float64]) -> Face:
    centre, half = (box[:2] + box[2:]) / 2, np.maximum((box[2:] - box[:2]) / 2, LEAST_SIDE / 2)
    x1, y1, x2, y2 = np.concatenate([centre - half, centre + half]).tolist()
    return Face((x1, y1, x2, y2), 1.0)


def _moved(faces: Faces, *, left: float, top: float, scale: float) -> Faces:
    origin = np.array([left, top], np.float32)
    points = None if faces.landmarks is None else (faces.landmarks - origin) * np.float32(scale)
    return Faces((faces.boxes - np.tile(origin, 2)) * np.float32(scale), faces.scores, points)

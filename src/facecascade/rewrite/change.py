"""What is done to pictures and frames: `Change`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facecascade.extract.detections import Detector
from facecascade.extract.select import Selection, select
from facecascade.faces import Faces

Pixels = NDArray[np.uint8]

EVERY_FACE: Final = Selection()


class Painter(Protocol):
    """Changes one picture, such as `facecascade.redact_faces`."""

    def __call__(self, picture: Pixels, faces: Faces, /) -> Pixels:
        """A changed copy of a picture, (h, w, 3) uint8, RGB, of the same size; faces are in pixels of it."""


@dataclass(frozen=True)
class Change:
    """How a picture or a frame becomes another.

    Attributes:
        detector: finds the faces.
        paint: makes the new picture from the old one and its faces.
        selection: which of the faces; limits that need measures are not among what it may have.
        hold: frames of a video to either side whose faces a frame gets too; see `held`.
    """

    detector: Detector
    paint: Painter
    selection: Selection = EVERY_FACE
    hold: int = 0

    def faces(self, found: Faces, picture: Pixels) -> Faces:
        """Those that are chosen."""
        size = (picture.shape[1], picture.shape[0])
        return found[select(found, selection=self.selection, picture_size=size)]

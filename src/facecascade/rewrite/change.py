"""What is done to pictures and frames: `Change`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from facecascade.errors import SettingsError
from facecascade.extract.detections import Detector
from facecascade.extract.select import Selection, select
from facecascade.faces import Faces

Pixels = NDArray[np.uint8]

EVERY_FACE: Final = Selection()
MOST_HELD: Final = 250
"""Frames that wait in memory, as they were decoded: 3 MB each in full HD."""


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
        hold: frames of a video to either side whose faces a frame gets too, at most 250; see `held`.

    Raises:
        SettingsError: `hold` cannot work, or `selection` wants measures.
    """

    detector: Detector
    paint: Painter
    selection: Selection = EVERY_FACE
    hold: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.hold, bool) or not isinstance(self.hold, int) or not 0 <= self.hold <= MOST_HELD:
            raise SettingsError(f"expected hold of at least 0 frames, and of {MOST_HELD} at most, got {self.hold!r}")
        if self.selection.by_measures:
            raise SettingsError("expected limits on score and size alone, got one that wants measures of the faces")

    def faces(self, found: Faces, picture: Pixels) -> Faces:
        """Those that are chosen."""
        size = (picture.shape[1], picture.shape[0])
        return found[select(found, selection=self.selection, picture_size=size)]

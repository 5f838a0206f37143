"""What each stage of the cascade let through, for people who study it."""

from __future__ import annotations

from dataclasses import dataclass

from facecascade.faces import Faces


@dataclass(frozen=True)
class Trace:
    """The path of one picture through the cascade; each stage's boxes in pixels of the upright picture.

    Attributes:
        scales: scale of each pyramid level.
        candidates: number of P-Net windows at or above the first threshold, level by level, before any NMS.
        proposals: what P-Net hands to R-Net: after both NMS, calibrated, square; scores are P-Net's; no landmarks.
        refined: what R-Net hands to O-Net: after NMS, calibrated, square; scores are R-Net's; no landmarks.
        faces: the result, what `MTCNN.detect` returns unless it looks at more than one view.
    """

    scales: tuple[float, ...]
    candidates: tuple[int, ...]
    proposals: Faces
    refined: Faces
    faces: Faces

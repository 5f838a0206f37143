"""The picture that exports are checked on."""

from __future__ import annotations

import numpy as np

from facecascade import MTCNN
from facecascade.export.sample import HEADS, sample_picture


def test_every_drawn_head_is_a_face_and_nothing_else_is() -> None:
    with MTCNN(threads=1) as detector:
        faces = detector.detect(sample_picture())
    assert len(faces) == len(HEADS)
    assert faces.scores.min() > 0.99
    centres = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    for top, left, side in HEADS:
        apart = np.abs(centres - [left + side / 2, top + side / 2]).max(axis=1)
        assert (apart < side * 0.15).sum() == 1

"""Faces cut by the edge of a picture: where the cut goes, and what counts as found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.cut_faces import SETS, SHARES, Cut, cuts, is_found
from benchmarks.data import Picture
from facecascade import Faces


@pytest.fixture
def made(tmp_path: Path) -> list[Cut]:
    """Of one large and one small face; the pixels of the large one are white."""
    for folder in SETS:
        (tmp_path / folder).mkdir()
        pixels = np.zeros((400, 500, 3), np.uint8)
        pixels[120:200, 100:160] = 255
        Image.fromarray(pixels).save(tmp_path / folder / "a.png")
        marked = [{"box": [100, 120, 160, 200]}, {"box": [300, 300, 310, 312]}]
        (tmp_path / folder / "annotations.json").write_text(json.dumps([{"image": "a.png", "faces": marked}]))
    return list(cuts(tmp_path))


def test_large_faces_are_cut_at_both_axes(made: list[Cut]) -> None:
    assert len(made) == len(SETS) * len(SHARES) * 2
    sides, whole = made[0::2], np.array([60, 80])
    for one in made:
        x1, y1, x2, y2 = one.box.astype(int).tolist()
        white = one.picture[..., 0] == 255
        assert white[y1:y2, x1:x2].all()
        assert white.sum() == (x2 - x1) * (y2 - y1)
        assert min((one.box[2:] - one.box[:2]) / whole) == pytest.approx(one.share, abs=0.02)
    assert all(one.box[0] == 0 and one.box[1] > 0 for one in sides)
    assert all(one.box[1] == 0 and one.box[0] > 0 for one in made[1::2])


def test_a_detection_is_clipped_before_it_is_compared(made: list[Cut]) -> None:
    def beyond(picture: Picture) -> Faces:
        x1, y1, x2, y2 = made[0].box
        return Faces(np.array([[x1 - 500, y1, x2, y2]], np.float32), np.ones(1, np.float32))

    assert is_found(made[0], beyond)
    assert not is_found(made[0], lambda picture: Faces.empty())

"""Pictures that count several times: copies with their boxes, judged side by side."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.data import Picture
from benchmarks.jitter import JITTER, Jittered, copies
from facecascade import Faces
from facecascade.evaluate import evaluate


def white(picture: Picture) -> Faces:
    """A detector of one white rectangle."""
    y, x = np.nonzero(picture[..., 0] > 127)
    return Faces(np.array([[x.min(), y.min(), x.max() + 1, y.max() + 1]], np.float32), np.ones(1, np.float32))


def rectangle() -> Picture:
    pixels = np.zeros((200, 300, 3), np.uint8)
    pixels[40:90, 60:100] = 255
    return pixels


def test_boxes_follow_their_copies() -> None:
    made = list(copies(rectangle(), np.array([[60.0, 40, 100, 90]])))
    assert [pixels.shape[:2] for pixels, _ in made] == [(200, 300), (200, 300), (186, 279), (214, 321)]
    for pixels, boxes in made:
        assert np.abs(white(pixels).boxes - boxes).max() <= 1


def test_a_detector_that_is_right_on_every_copy_is_perfect(tmp_path: Path) -> None:
    Image.fromarray(rectangle()).save(tmp_path / "a.png")
    marked = [{"image": "a.png", "faces": [{"box": [60, 40, 100, 90]}]}]
    (tmp_path / "annotations.json").write_text(json.dumps(marked))
    pictures = Jittered(tmp_path)
    found = pictures.detect(white)
    assert len(pictures.truth["a.png"]) == len(found["a.png"]) == len(JITTER)
    assert evaluate(found, pictures.truth)["all"].average_precision == 1
    half = {"a.png": found["a.png"][:2]}
    assert evaluate(half, pictures.truth)["all"].average_precision == 0.5

"""The tutorial's pictures: small, all shown, and what the program draws today."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facecascade.faces import Faces
from scripts import tutorial_pictures
from scripts.tutorial_pictures import OUTPUT, zoomed

ROOT = Path(__file__).resolve().parents[2]


def test_they_are_small_and_the_page_shows_all_of_them_with_words() -> None:
    files = sorted(OUTPUT.iterdir())
    sizes = [path.stat().st_size for path in files]
    assert max(sizes) < 150_000
    assert sum(sizes) < 1_000_000
    shown = re.findall(r"!\[(.+)\]\(images/tutorial/(.+)\)", (ROOT / "docs" / "how-it-works.md").read_text())
    assert sorted(name for _, name in shown) == [path.name for path in files]
    assert all(len(words) > 30 for words, _ in shown)


@pytest.mark.usefixtures("samples")
def test_they_are_what_the_program_draws() -> None:
    drawn = tutorial_pictures.pictures()
    assert sorted(drawn) == sorted(path.name for path in OUTPUT.iterdir())
    for name, image in drawn.items():
        with Image.open(OUTPUT / name) as kept:
            assert kept.size == image.size, name
            difference = np.abs(np.asarray(kept.convert("RGB"), np.int16) - np.asarray(image, np.int16))
        assert difference.mean() < 8, name  # JPEG's own loss is 2 to 5


def test_zoomed_boxes_lie_on_the_same_pixels() -> None:
    picture = np.arange(40 * 50 * 3, dtype=np.uint8).reshape(40, 50, 3)
    faces = Faces(np.array([[10, 10, 20, 20], [30, 30, 60, 60]]), np.array([0.9, 0.8]))
    part, there = zoomed(picture, faces, (5, 8, 45, 38))
    assert np.array_equal(part, picture[8:38, 5:45])
    assert there.boxes.tolist() == [[5, 2, 15, 12]]

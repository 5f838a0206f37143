"""From files to boxes: the pictures that are made, the decoders, and what scaling changes."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.decoding import decoders, overlap, pictures
from benchmarks.decoding.scaled import PARTS, change
from benchmarks.peers.rounds import Timing
from facecascade.engines import usable_cores
from facecascade.faces import Faces
from facecascade.read import read_picture
from facecascade.settings import Settings


@pytest.fixture
def slope() -> Image.Image:
    y, x = np.mgrid[:50, :90]
    return Image.fromarray(np.stack([2 * x, 4 * y, 90 + x - y], axis=2).astype(np.uint8))


def test_pictures_have_twelve_megapixels_and_differ(
    slope: Image.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pictures.SIZE[0] * pictures.SIZE[1] == 12_000_000
    monkeypatch.setattr(pictures, "SIZE", (400, 300))
    slope.save(tmp_path / "slope.png")
    first, second = pictures.write_pictures([tmp_path / "slope.png"], tmp_path, count=2)
    assert read_picture(first).shape == (300, 400, 3)
    assert first.read_bytes() != second.read_bytes()
    # The middle of the source is the middle of the picture.
    assert np.abs(read_picture(first)[150, 200].astype(int) - np.asarray(slope)[25, 45]).max() < 25


def test_decoders_agree_where_they_give_the_whole_picture(slope: Image.Image) -> None:
    file = io.BytesIO()
    slope.save(file, "JPEG", quality=95)
    data = file.getvalue()
    whole = read_picture(data)
    usable = decoders.decoders()
    assert (decoders.FAST in usable) == (find_spec("simplejpeg") is not None)
    for name, decode in usable.items():
        pixels = decode(data)
        if "1/" in name:
            part = int(name[-1])
            assert pixels.shape == (-(-50 // part), -(-90 // part), 3), name
        else:
            assert np.array_equal(pixels, whole), name


def test_a_part_of_the_size_keeps_every_level_that_pnet_sees() -> None:
    for least, part in PARTS.items():
        assert max(Settings(min_face_size=least).scales(2000, 2000)) <= 1 / part


def test_what_scaling_changes() -> None:
    whole = Faces(np.array([[0, 0, 100, 100], [300, 0, 340, 40]], np.float32), np.array([0.9, 0.8], np.float32))
    scaled = Faces(np.array([[0, 5, 100, 98]], np.float32), np.array([0.95], np.float32))
    found = change(whole, scaled)
    assert (found.whole, found.scaled) == (2, 1)
    assert found.boxes == pytest.approx([0.05])
    assert found.scores == pytest.approx([0.05])
    assert len(change(whole, Faces.empty()).boxes) == 0


def test_overlapping_is_held_against_the_larger() -> None:
    seconds = {"decode": 2.0, "decode, work": 4.0, "detect": 10.0, "detect, work": 20.0, "both": 12.0}
    cells = overlap._cells({name: Timing((value,), 0.0, 0) for name, value in seconds.items()}, 24)
    least = max(1.0, 24 / usable_cores() / 10)
    assert cells == ("2.00", "10.00", "12.00", "2.0", "1.20", "1.15", "MISSED", f"{least:.2f}")


def test_a_folder_from_files_to_boxes(slope: Image.Image, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for path in paths:
        slope.save(path)
    text = overlap.report(paths, rounds=1, threads=1)
    assert text.startswith("3 pictures; 1 threads detect, 2 decode")
    assert text.count("| Pillow ") == 2

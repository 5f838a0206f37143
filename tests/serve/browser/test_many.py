"""Twenty pictures at once, and one of fifty megapixels."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from playwright.sync_api import expect
from tests.serve.browser.visits import SECONDS, Open

from facecascade import MTCNN, crop_faces, read_picture


def _album(samples: dict[str, Path], folder: Path) -> list[Path]:
    """Twenty JPEGs: portraits and parts of the wall in several sizes, some in a mirror."""
    paths = []
    for number in range(20):
        name = ("astronaut", "grace_hopper", "group")[number % 3]
        with Image.open(samples[name]) as source:
            picture = source.convert("RGB")
        if name == "group":
            picture = picture.crop((number * 20, 0, number * 20 + 700, 450))
        picture.thumbnail((300 + 16 * number, 300 + 16 * number))
        picture = ImageOps.mirror(picture) if number % 4 == 0 else picture
        paths.append(folder / f"picture-{number:02d}.jpg")
        picture.save(paths[-1], quality=90)
    return paths


def test_twenty_pictures_at_once(visit: Open, samples: dict[str, Path], tmp_path: Path) -> None:
    paths = _album(samples, tmp_path)
    opened = visit()
    opened.give(*paths)
    detector = MTCNN()
    counts = [len(detector.detect(path)) for path in paths]
    assert opened.text("#gallery-text") == f"20 pictures · {sum(counts)} faces"
    assert opened.page.locator(".thumb .count").all_inner_texts() == [str(count) for count in counts]
    assert f"{sum(counts)} faces in 20 pictures" in (opened.page.locator("#said").text_content() or "")
    opened.page.wait_for_timeout(500)
    opened.shot("gallery")
    opened.page.click("#show-grid")
    opened.shot("grid")
    opened.page.locator(".thumb").nth(7).click()
    assert opened.text("#name") == "picture-07.jpg"
    assert opened.crops().count() == counts[7]

    opened.page.get_by_text("All", exact=True).click()
    _, content = opened.download("#get-json")
    assert [len(entry["faces"]) for entry in json.loads(content)] == counts
    _, crops = opened.download("#get-zip")
    with zipfile.ZipFile(io.BytesIO(crops)) as archive:
        assert len([entry for entry in archive.namelist() if entry.endswith(".jpg")]) == sum(counts)


def test_a_picture_of_fifty_megapixels(visit: Open, samples: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    with Image.open(samples["astronaut"]) as source:
        bust = source.convert("RGB").crop((97, 0, 347, 300))
    scene = Image.new("RGB", (8660, 5774), "#7f8f99")
    scene.paste(bust.resize((1000, 1200), Image.Resampling.BICUBIC), (300, 4200))
    scene.paste(bust, (8200, 200))
    scene.save(path, quality=85)
    opened = visit()
    opened.give(path)
    assert opened.text("#summary").endswith("8660 \N{MULTIPLICATION SIGN} 5774 pixels")
    picture = read_picture(path)
    faces = MTCNN(min_face_size=20).detect(picture)
    expect(opened.crops()).to_have_count(len(faces))
    assert len(faces) == 2
    # Cut from all pixels of the picture, not from those that are on the screen.
    expected = crop_faces(picture, faces)
    drawn = [opened.drawn(f"#crops li:nth-child({number + 1}) canvas") for number in range(2)]
    errors = [np.abs(one.astype(int) - other).mean() for one, other in zip(drawn, expected, strict=True)]
    assert max(errors) < 6, errors
    opened.page.wait_for_timeout(1 * SECONDS)
    opened.shot("large")

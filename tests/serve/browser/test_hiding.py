"""Faces hidden: a preview that is the very picture that is saved."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from tests.serve.browser.visits import Open, canvas_pixels

from facecascade import MTCNN, read_picture
from facecascade.redact import Redaction, redact_faces


def test_the_preview_is_what_is_saved(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["astronaut"])
    opened.page.keyboard.press("b")
    opened.page.keyboard.press("l")
    plain = opened.drawn("#canvas")
    with opened.page.expect_response(lambda response: "/v1/blur" in response.url):
        opened.page.click("#show-hidden")
    opened.page.wait_for_selector("#show-hidden[aria-busy=false]")
    opened.page.wait_for_timeout(200)
    assert "look before you publish" in opened.text("#hiding-note")
    assert (opened.drawn("#canvas") != plain).any(axis=2).mean() > 0.01
    opened.shot("hidden")

    name, content = opened.download("#get-hidden")
    assert name == "astronaut-hidden.png"
    picture = read_picture(samples["astronaut"])
    with Image.open(io.BytesIO(content)) as saved:
        assert np.array_equal(np.asarray(saved.convert("RGB")), redact_faces(picture, MTCNN().detect(picture)))

    opened.page.click("#show-hidden")
    opened.page.wait_for_timeout(200)
    assert np.array_equal(canvas_pixels(opened.page.locator("#canvas")), plain)


def test_only_the_faces_that_are_shown_are_hidden(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["group"])
    opened.slide("#size", "80 px")
    opened.page.select_option("#style", "cover")
    _, content = opened.download("#get-hidden")
    picture = read_picture(samples["group"])
    faces = MTCNN().detect(picture)
    large = faces[np.minimum(*(faces.boxes[:, 2:] - faces.boxes[:, :2]).T) >= 80]
    assert 0 < len(large) < 20
    with Image.open(io.BytesIO(content)) as saved:
        expected = redact_faces(picture, large, redaction=Redaction(style="cover"))
        assert np.array_equal(np.asarray(saved.convert("RGB")), expected)


def test_all_pictures_come_as_a_zip(visit: Open, samples: dict[str, Path]) -> None:
    opened = visit()
    opened.give(samples["astronaut"], samples["grace_hopper"])
    opened.page.get_by_text("All", exact=True).click()
    name, content = opened.download("#get-hidden")
    assert name == "hidden.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sorted(archive.namelist()) == ["astronaut.png", "grace_hopper.jpg"]
        for entry in archive.namelist():
            with Image.open(io.BytesIO(archive.read(entry))) as saved:
                assert saved.width == 512

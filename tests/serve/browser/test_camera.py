"""The camera: Chromium's fake device, which shows a real face."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Browser, expect
from tests.serve.browser.visits import Visit

from scripts.browser import browser as start_browser

FRAMES = 10


@pytest.fixture(scope="module")
def camera_browser(
    chromium: str, samples: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser whose camera sees the astronaut."""
    film = tmp_path_factory.mktemp("camera") / "film.mjpeg"
    with Image.open(samples["astronaut"]) as source:
        frame = ImageOps.fit(source.convert("RGB"), (640, 480), centering=(0.5, 0.1))
    still = film.with_suffix(".jpg")
    frame.save(still, quality=95)
    film.write_bytes(still.read_bytes() * FRAMES)
    options = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    with start_browser(options=options) as started:
        yield started


def test_the_camera_finds_a_face_live_and_takes_its_picture(
    visit_in: Callable[..., Visit], camera_browser: Browser, address: str
) -> None:
    opened = visit_in(camera_browser, address)
    opened.page.click("#start-camera")
    expect(opened.page.locator("#camera-text")).to_have_text("1 face in sight")
    assert opened.drawn("#video-faces").std() > 0
    opened.shot("camera")
    opened.page.get_by_role("button", name="Take the picture").click()
    expect(opened.page.get_by_role("dialog")).to_be_hidden()
    expect(opened.crops()).to_have_count(1)
    assert opened.text("#name").startswith("camera ")
    # The light of the camera goes out.
    assert opened.page.evaluate("document.getElementById('video').srcObject") is None


def test_without_permission_the_page_says_why(
    visit_in: Callable[..., Visit], camera_browser: Browser, address: str
) -> None:
    opened = visit_in(camera_browser, address)
    opened.page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia = () =>
            Promise.reject(new DOMException("no", "NotAllowedError")); }"""
    )
    opened.page.click("#start-camera")
    expect(opened.page.locator("#camera-text")).to_contain_text("does not let this page use the camera")
    assert opened.page.is_disabled("#take")
    opened.page.keyboard.press("Escape")
    expect(opened.page.get_by_role("dialog")).to_be_hidden()

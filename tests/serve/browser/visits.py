"""A page that is open: how the tests use it, and what it must not do."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

SHOTS = Path(__file__).resolve().parents[3] / "build" / "screenshots"
SECONDS = 1000
# Other work may keep the processors busy.
PATIENCE = 120 * SECONDS
expect.set_options(timeout=PATIENCE)


@dataclass
class Watch:
    """What a page did that it should not; `expected` are parts of messages that the test provokes."""

    origin: str
    expected: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"exception: {error}"))
        page.on("request", self._request)

    def check(self) -> None:
        assert [text for text in self.seen if not any(part in text for part in self.expected)] == []

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "blob:" + self.origin, "data:")):
            self.seen.append(f"request: {request.url}")


@dataclass
class Visit:
    """A page that is open, and how to use it."""

    page: Page
    watch: Watch

    def give(self, *paths: Path, wait: bool = True) -> None:
        """Pictures through the file field; waits until all of them are searched."""
        self.page.set_input_files("#files", [*map(str, paths)])
        if wait:
            self.page.wait_for_selector("#work")
            self.page.wait_for_selector("#progress", state="hidden", timeout=PATIENCE)

    def shot(self, name: str, *, full: bool = False) -> None:
        """Kept in build/screenshots, to be looked at."""
        self.page.wait_for_timeout(250)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=full)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def slide(self, selector: str, value: str) -> None:
        """Moves a slider by the keyboard to the step whose output reads `value`."""
        slider = self.page.locator(selector)
        slider.focus()
        slider.press("Home")
        for _ in range(40):
            if self.text(f"{selector}-value") == value:
                return
            slider.press("ArrowRight")
        raise AssertionError(f"{selector} has no step {value}")

    def crops(self) -> Locator:
        """The faces of the list that are shown."""
        return self.page.locator("#crops li:not([hidden])")

    def drawn(self, selector: str) -> NDArray[np.uint8]:
        """(h, w, 3) uint8: what a canvas shows, once it shows more than one colour."""
        canvas = self.page.locator(selector)
        for _ in range(150):
            pixels = canvas_pixels(canvas)
            if pixels.std() > 0:
                return pixels
            self.page.wait_for_timeout(100)
        raise AssertionError(f"nothing is drawn on {selector}")

    def download(self, selector: str) -> tuple[str, bytes]:
        """Name and content of what a button saves."""
        with self.page.expect_download() as saved:
            self.page.click(selector)
        return saved.value.suggested_filename, Path(saved.value.path()).read_bytes()


Open = Callable[..., Visit]


def canvas_pixels(canvas: Locator) -> NDArray[np.uint8]:
    """(h, w, 3) uint8: what a canvas shows."""
    url = canvas.evaluate("canvas => canvas.toDataURL('image/png')")
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as picture:
        return np.asarray(picture.convert("RGB"))

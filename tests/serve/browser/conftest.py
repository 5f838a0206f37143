"""A browser, a service, and a page that is watched: what it does and should not fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from tests.serve.browser.visits import PATIENCE, Open, Visit, Watch

from scripts.browser import browser as start_browser
from scripts.browser import find_browser, service

DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium on the PATH; on Debian: apt-get install chromium")
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    # For each module: while the synchronous interface runs, no other test of this process can have an event loop.
    with start_browser() as started:
        yield started


@pytest.fixture(scope="session")
def address(chromium: str) -> Iterator[str]:
    """Where a service answers: with default settings, and all the time that a busy machine may take."""
    with service(settings={"max_seconds": "600"}) as found:
        yield found


@pytest.fixture
def visit_in() -> Iterator[Callable[..., Visit]]:
    """Opens a page in a browser; when the test ends, what its watch saw must be nothing."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_in(browser: Browser, address: str, *, expected: tuple[str, ...] = (), **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        context.set_default_timeout(PATIENCE)
        watch = Watch(address, [*expected])
        page = context.new_page()
        watch.follow(page)
        opened.append((context, watch))
        page.goto(address)
        return Visit(page, watch)

    yield open_in
    for context, _ in opened:
        context.close()
    for _, watch in opened:
        watch.check()


@pytest.fixture
def visit(visit_in: Callable[..., Visit], browser: Browser, address: str) -> Open:
    """Opens the page of the shared service, with options of `Browser.new_context`."""

    def open_page(**options: Any) -> Visit:
        return visit_in(browser, address, **options)

    return open_page


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"this is no picture")
    return path

"""The page in a real browser: a Chromium of this machine, and a service of its own on a free port.

For the tests of the page and for its picture in `docs/`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS: Final = 60
STOP_SECONDS: Final = 20
POLL_SECONDS: Final = 0.1


def find_browser() -> str | None:
    """The path of a Chromium, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browser(*, options: Sequence[str] = ()) -> Iterator[Browser]:
    """A browser with an empty profile, which ends with the block.

    Args:
        options: of its command line, beside `OPTIONS`.
    """
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_browser(), args=[*OPTIONS, *options])
        try:
            yield started
        finally:
            started.close()


@contextmanager
def service(*, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """A running `facecascade serve`, which ends with the block; its address, such as "http://127.0.0.1:40001/".

    Args:
        settings: fields of `ServeSettings` by name, as text.
    """
    fields = {f"FACECASCADE_SERVE_{name.upper()}": value for name, value in (settings or {}).items()}
    command = [sys.executable, "-m", "facecascade.cli", "serve", "--port", "0", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=os.environ | fields, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield _address(log, process)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """What the service says it answers at, once it does."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        found = re.search(r"serving at (http://[^\s;]+);", log.read_text())
        if found:
            return found[1] + "/"
        if process.poll() is not None:
            break
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"expected facecascade serve to tell its address, got: {log.read_text()!r}")

"""The page in a real browser: a Chromium of this machine, and a service of its own on a free port.

For the tests of the page and for its picture in `docs/`.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    port = _free_port()
    fields = {f"FACECASCADE_SERVE_{name.upper()}": value for name, value in (settings or {}).items()}
    command = [sys.executable, "-m", "facecascade.cli", "serve", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=os.environ | fields, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address + "healthz", process)
            yield address
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"facecascade serve ended with status {process.returncode} before it answered")
        try:
            with urllib.request.urlopen(address, timeout=START_SECONDS):
                return
        except urllib.error.URLError:
            time.sleep(POLL_SECONDS)
    raise TimeoutError(f"facecascade serve did not answer within {START_SECONDS} s")

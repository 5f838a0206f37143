"""The command as a process, and how it ends."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from tests.serve.serving import encoded

COMMAND = [sys.executable, "-m", "facecascade.cli", "serve"]


@contextmanager
def command(*options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`facecascade serve` and its address."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *options], stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        found = re.search(r"http://\S+:\d+", line)
        assert found, line + process.stderr.read()
        yield process, found[0]
    finally:
        process.kill()
        process.communicate(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_taken_is_finished_before_it_ends(number: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), dtype=np.uint8)
    slow = encoded(pixels, "JPEG")
    answers: list[httpx.Response] = []

    def ask(url: str) -> None:
        query = {"min_face_size": "12", "mirror": "true"}
        answers.append(
            httpx.post(
                f"{url}/v1/detect", params=query, content=slow, headers={"content-type": "image/jpeg"}, timeout=120
            )
        )

    with command() as (process, url):
        asking = threading.Thread(target=ask, args=(url,))
        asking.start()
        while "facecascade_requests_in_work 1.0" not in httpx.get(f"{url}/metrics", timeout=30).text:
            assert asking.is_alive()
            time.sleep(0.01)
        process.send_signal(number)
        asking.join(120)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert answers[0].status_code == 200
    assert answers[0].json()["pictures"][0]["error"] is None
    assert "POST /v1/detect 200" in told
    assert "Traceback" not in told


def test_it_ends_at_once_when_nothing_was_taken() -> None:
    with command("--quiet") as (process, url):
        with httpx.Client(base_url=url) as client:
            assert client.get("/healthz").status_code == 200  # the connection stays open
            process.terminate()
            started = time.monotonic()
            _, told = process.communicate(timeout=60)
        assert time.monotonic() - started < 20
    assert (process.returncode, told) == (0, "")


def test_options_and_the_environment(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    environment = {"FACECASCADE_SERVE_MAX_PICTURES": "3", "FACECASCADE_SERVE_MAX_PIXELS": "1000000"}
    with command("--max-pixels", "2000000", "--token-file", str(token), **environment) as (_, url):
        assert httpx.get(f"{url}/v1/info").status_code == 401
        facts = httpx.get(f"{url}/v1/info", headers={"authorization": "Bearer s3cret"}).json()
    assert facts["limits"]["max_pictures"] == 3
    assert facts["limits"]["max_pixels"] == 2_000_000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--max-bytes", "0"], "max_bytes: "),
        (["--max-bytes", "2000000000"], "max_bytes_held"),
        (["--host", "192.0.2.1"], "192.0.2.1:0"),
        (["--token-file", "there-is-none"], "there-is-none"),
        (["--weights", "there-is-none.npy"], "there-is-none.npy"),
        (["--threads", "100000"], "threads"),
    ],
)
def test_what_cannot_work_is_one_clear_line(options: list[str], words: str) -> None:
    result = subprocess.run(
        [*COMMAND, "--port", "0", *options], capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 2
    assert result.stderr.startswith("facecascade: error: ")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with command() as (_, url):
        port = url.rpartition(":")[2]
        result = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert f"127.0.0.1:{port}: " in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_without_the_extra_the_message_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['fastapi'] = None; sys.argv[1:] = ['serve']; from facecascade.cli import main; main()"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert 'pip install "facecascade[serve]"' in result.stderr


def test_the_token_is_shown_nowhere() -> None:
    secret = base64.b64encode(os.urandom(12)).decode()
    with command(FACECASCADE_SERVE_TOKEN=secret) as (process, url):
        httpx.get(f"{url}/v1/info", headers={"authorization": f"Bearer {secret}"})
        process.terminate()
        _, told = process.communicate(timeout=60)
    assert "/v1/info 200" in told
    assert secret not in told

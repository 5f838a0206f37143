"""A service on a socket of its own, in a thread of the test's process."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray
from PIL import Image

from facecascade.serve import ServeSettings, create_app
from facecascade.serve.server import Server, address_of, listening

Pixels = NDArray[np.uint8]


@contextmanager
def serving(app: FastAPI | None = None, **settings: Any) -> Iterator[httpx.Client]:
    """A client of a service with these settings, which ends with the block, and with it what it took."""
    limits = ServeSettings(port=0, **settings)
    app = app or create_app(limits)
    listener = listening(limits.host, limits.port)
    started = threading.Event()
    server = Server(app, limits, started=lambda address: started.set())
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        assert started.wait(30)
        with httpx.Client(base_url=address_of(listener), timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(60)
        listener.close()
    assert not thread.is_alive()


def port_of(client: httpx.Client) -> int:
    """Where a client's service listens."""
    port = client.base_url.port
    assert port is not None
    return port


def encoded(pixels: Pixels, form: str = "PNG", **options: Any) -> bytes:
    """A picture as a file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def decoded(data: bytes) -> Pixels:
    """The pixels of a file."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def files(*pictures: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    """A form of these pictures, as httpx takes it."""
    return [("pictures", picture) for picture in pictures]


def problem_of(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem that an answer tells of, which is well formed."""
    assert response.status_code == status, response.text[:300]
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:facecascade:problem:")
    assert len(problem["detail"]) > 10
    assert problem["title"]
    return problem

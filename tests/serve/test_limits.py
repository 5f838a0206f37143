"""What a service refuses, and how it says so."""

from __future__ import annotations

import io
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.serve.serving import encoded, files, port_of, problem_of, serving

from facecascade import Settings, views
from facecascade.faces import Faces

JPEG = {"content-type": "image/jpeg"}


def png_head(width: int, height: int) -> bytes:
    """A PNG that promises so many pixels, and has none."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def told(data: bytes, port: int, *, seconds: float = 20) -> bytes:
    """What a service says to these bytes, until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def head(*lines: str) -> bytes:
    return "\r\n".join(
        ["POST /v1/detect HTTP/1.1", "Host: 127.0.0.1", "Content-Type: image/png", *lines, "", ""]
    ).encode()


@contextmanager
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Detection waits until the event is set, which it is after the block."""
    opened = threading.Event()
    detect = views.detect

    def patient(engine: Any, pictures: Sequence[NDArray[np.uint8]], settings: Settings) -> list[Faces]:
        assert opened.wait(60)
        return detect(engine, pictures, settings)

    monkeypatch.setattr(views, "detect", patient)
    try:
        yield opened
    finally:
        opened.set()


def until(true: Callable[[], bool], *, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def metric(client: httpx.Client, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


def test_too_many_bytes_are_refused_whether_announced_or_not(noise_png: bytes) -> None:
    with serving(max_bytes=100_000) as client:
        assert client.post("/v1/detect", content=noise_png, headers=JPEG).status_code == 200
        problem = problem_of(client.post("/v1/detect", content=bytes(100_001), headers=JPEG), 413)
        assert "100000 bytes" in problem["detail"]
        pieces = (bytes(50_000) for _ in range(40))
        problem_of(client.post("/v1/detect", content=pieces, headers=JPEG), 413)
        assert client.post("/v1/detect", content=noise_png, headers=JPEG).status_code == 200


def test_an_announcement_alone_is_answered_at_once(client: httpx.Client) -> None:
    with socket.create_connection(("127.0.0.1", port_of(client)), timeout=3) as connection:
        connection.sendall(head("Content-Length: 99999999999"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("path", ["detect", "extract", "blur"])
def test_too_many_pictures_are_refused(noise_png: bytes, path: str) -> None:
    with serving(max_pictures=2) as client:
        two = files(("a", noise_png), ("b", noise_png))
        assert client.post(f"/v1/{path}", files=two).status_code == 200
        assert problem_of(client.post(f"/v1/{path}", files=[*two, *two]), 413)["field"] == "pictures"
        items = [{"data": "AAAA"}] * 3
        assert problem_of(client.post(f"/v1/{path}", json={"pictures": items}), 413)["field"] == "pictures"


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(client: httpx.Client) -> None:
    started = time.monotonic()
    problem = problem_of(client.post("/v1/detect", content=png_head(60_000, 60_000), headers=JPEG), 422)
    assert "expected at most 64000000 pixels, got 60000 x 60000" in problem["detail"]
    assert time.monotonic() - started < 5


def test_a_jpeg_of_endless_scans_is_refused(portrait_jpeg: bytes) -> None:
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00"
    with serving(max_pixels=256 * 256, max_pixels_held=256 * 256) as client:
        assert client.post("/v1/detect", content=portrait_jpeg, headers=JPEG).status_code == 200
        problem = problem_of(client.post("/v1/detect", content=portrait_jpeg + 20 * scan, headers=JPEG), 422)
    assert "fewer scans" in problem["detail"]


def test_a_picture_that_would_take_too_long_is_refused_with_a_way_out(small_group: NDArray[np.uint8]) -> None:
    data = encoded(small_group)
    with serving(max_levels=450 * 700) as client:
        problem = problem_of(client.post("/v1/detect?min_face_size=10", content=data, headers=JPEG), 422)
        assert problem["type"].endswith("too-much-work")
        assert problem["field"] == "min_face_size"
        problem_of(client.post("/v1/detect?min_face_size=15&mirror=true", content=data, headers=JPEG), 422)
        assert client.post("/v1/detect?min_face_size=20", content=data, headers=JPEG).status_code == 200


def test_a_full_service_says_when_to_come_back(noise_png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with gate(monkeypatch) as opened, serving(max_requests=2) as client, ThreadPoolExecutor(2) as pool:
        taken = [pool.submit(client.post, "/v1/detect", content=noise_png, headers=JPEG) for _ in range(2)]
        until(lambda: metric(client, "facecascade_requests_in_work") == 2)
        response = client.post("/v1/detect", content=noise_png, headers=JPEG)
        assert problem_of(response, 503)["type"].endswith("busy")
        assert int(response.headers["retry-after"]) >= 1
        assert client.get("/healthz").json() == {"status": "ok"}
        opened.set()
        assert [one.result().status_code for one in taken] == [200, 200]
        assert client.post("/v1/detect", content=noise_png, headers=JPEG).status_code == 200


def test_bytes_of_all_requests_together_are_bounded(noise_png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(noise_png)
    with (
        gate(monkeypatch) as opened,
        serving(max_bytes=size, max_bytes_held=size + 10) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        taken = pool.submit(client.post, "/v1/detect", content=noise_png, headers=JPEG)
        until(lambda: metric(client, "facecascade_bytes_held") == size)
        response = client.post("/v1/detect", content=noise_png, headers=JPEG)
        assert problem_of(response, 503)["type"].endswith("busy")
        opened.set()
        assert taken.result().status_code == 200
        assert metric(client, "facecascade_bytes_held") == 0


def test_pixels_of_all_requests_together_are_bounded(noise_png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = 48 * 64
    with (
        gate(monkeypatch) as opened,
        serving(max_pixels=pixels, max_pixels_held=2 * pixels) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        many = files(*[(str(number), noise_png) for number in range(9)])
        taken = pool.submit(client.post, "/v1/detect", files=many)
        until(lambda: metric(client, "facecascade_requests_in_work") == 1)
        time.sleep(0.3)
        assert metric(client, "facecascade_waiting_pictures") <= 2  # the rest has not been decoded
        opened.set()
        assert len(taken.result().json()["pictures"]) == 9


def test_an_answer_that_is_not_ready_in_time_is_a_problem(noise_png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with gate(monkeypatch) as opened, serving(max_seconds=0.4) as client:
        for path in ("detect", "blur", "extract"):
            problem = problem_of(client.post(f"/v1/{path}", content=noise_png, headers=JPEG), 504)
            assert "within 0.4 s" in problem["detail"]
        opened.set()


def test_who_goes_away_is_not_worked_for(noise_png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with gate(monkeypatch) as opened, serving(lanes=1, batch_pictures=1) as client:
        request = head(f"Content-Length: {len(noise_png)}") + noise_png
        gone = [socket.create_connection(("127.0.0.1", port_of(client))) for _ in range(6)]
        for connection in gone:
            connection.sendall(request)
        until(lambda: metric(client, "facecascade_waiting_pictures") == 5)
        for connection in gone:
            connection.close()
        until(lambda: metric(client, "facecascade_requests_in_work") == 0)
        opened.set()
        assert client.post("/v1/detect", content=noise_png, headers=JPEG).status_code == 200
        assert metric(client, "facecascade_batch_pictures_count") == 2  # the one in work, and that of who stayed


def test_slow_senders_are_told_and_left() -> None:
    with serving(body_seconds=0.4, header_seconds=0.4) as client:
        port = port_of(client)
        answer = told(head("Content-Length: 1000") + b"part", port)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"slow-body" in answer
        answer = told(b"POST /v1/detect HTTP/1.1\r\nHost: 127.", port)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"slow-head" in answer
        assert told(b"", port) == b""
        until(lambda: metric(client, "facecascade_requests_in_work") == 0)


def test_who_does_not_read_the_answer_is_left(noise_png: bytes) -> None:
    big = encoded(np.random.default_rng(0).integers(0, 256, (1500, 2500, 3), dtype=np.uint8), compress_level=0)
    request = head(f"Content-Length: {len(big)}", "Accept: image/png") + big
    with serving(send_seconds=0.5) as client:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port_of(client)))
        with connection:
            connection.sendall(request)
            until(lambda: metric(client, "facecascade_requests_in_work") == 1)
            until(lambda: metric(client, "facecascade_requests_in_work") == 0, seconds=60)
            time.sleep(1.0)
            received = 0
            with suppress(ConnectionResetError):
                while piece := connection.recv(1 << 20):
                    received += len(piece)
            assert 0 < received < len(big) // 2  # what was on its way


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 20_000, b"431"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello by TLS\r\n\r\n", b"400"),
        (b"GET /\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (head("Transfer-Encoding: chunked") + b"nonsense\r\n", b"400"),
        (head("Content-Length: -1"), b"400"),
        (head("Content-Length: 1", "Content-Length: 2"), b"400"),
    ],
)
def test_what_is_no_http_is_told_so(client: httpx.Client, data: bytes, status: bytes) -> None:
    answer = told(data, port_of(client))
    assert answer.startswith(b"HTTP/1.1 " + status + b" ")
    assert b"application/problem+json" in answer
    assert b"nosniff" in answer


@pytest.mark.parametrize(
    ("headers", "content", "status", "words"),
    [
        ({}, b"x", 415, "got none"),
        ({"content-type": "text/plain"}, b"x", 415, "text/plain"),
        (JPEG, b"", 400, "empty"),
        ({"content-type": "application/json"}, b"{", 400, "JSON"),
        ({"content-type": "application/json"}, b"[" * 60_000, 400, "JSON"),
        ({"content-type": "application/json"}, b"[" * 100_000, 400, "nothing else"),
        ({"content-type": "application/json"}, b'{"pictures": [' + 100_000 * b"0," + b"0]}", 400, "nothing else"),
        ({"content-type": "application/json"}, bytes(16 * 2**20 + 1), 413, "send a form"),
        ({"content-type": "application/json"}, b"\xff", 400, "JSON"),
        ({"content-type": "application/json"}, b"[]", 400, "object"),
        ({"content-type": "application/json"}, b'{"pictures": []}', 400, "at least one"),
        ({"content-type": "application/json"}, b'{"pictures": ["x"]}', 400, "data"),
        ({"content-type": "application/json"}, b'{"pictures": [{"data": "%%%"}]}', 400, "Base64"),
        ({"content-type": "application/json"}, b'{"pictures": [{"data": "AA", "url": "http://x"}]}', 400, "data"),
        ({"content-type": "multipart/form-data"}, b"x", 400, "boundary"),
        ({"content-type": "multipart/form-data; boundary=b"}, b"x", 400, "form"),
        ({"content-type": "multipart/form-data; boundary=b"}, b"--b--\r\n", 400, "at least one"),
        ({"content-type": f"multipart/form-data; boundary={'b' * 1000}"}, b"x", 400, "form"),
        (JPEG, b"no picture", 422, "expected a picture"),
        (JPEG, b"\xff\xd8\xff\xe0", 422, "picture"),
        (JPEG, b"%!PS-Adobe-3.0 EPSF-3.0\n", 422, "expected a picture out of jpeg"),
        (JPEG, b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "expected a picture out of jpeg"),
    ],
)
def test_bodies_that_are_none(
    client: httpx.Client, headers: dict[str, str], content: bytes, status: int, words: str
) -> None:
    assert words in problem_of(client.post("/v1/detect", content=content, headers=headers), status)["detail"]


def test_connections_beyond_the_limit_are_closed(noise_png: bytes) -> None:
    with serving(max_connections=3) as client:
        assert client.get("/healthz").status_code == 200  # keeps one open
        open_ones = [socket.create_connection(("127.0.0.1", port_of(client)), timeout=10) for _ in range(4)]
        time.sleep(0.2)
        closed = []
        for connection in open_ones:
            connection.settimeout(0.2)
            try:
                closed.append(connection.recv(1) == b"")
            except ConnectionResetError:
                closed.append(True)
            except TimeoutError:
                closed.append(False)
            connection.close()
        assert sum(closed) == 2


def test_a_bomb_in_a_gif_is_no_more_than_its_first_frame(client: httpx.Client) -> None:
    from PIL import Image

    file = io.BytesIO()
    frames = [Image.new("P", (400, 400), number % 2) for number in range(200)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    started = time.monotonic()
    response = client.post("/v1/detect", content=file.getvalue(), headers=JPEG)
    assert response.json()["pictures"][0]["faces"] == []
    assert time.monotonic() - started < 5

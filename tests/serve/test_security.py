"""What keeps strangers out, and what a service never does."""

from __future__ import annotations

import base64
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.serve.serving import encoded, files, problem_of, serving

from facecascade.serve.page import POLICY

JPEG = {"content-type": "image/jpeg"}
SECRET = "correct horse battery staple"
PROTECTED = [("GET", "/v1/info"), ("POST", "/v1/detect"), ("POST", "/v1/extract"), ("POST", "/v1/blur")]

_watching: list[list[tuple[str, Any]]] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event in ("open", "socket.connect", "subprocess.Popen", "os.remove", "os.mkdir"):
        _watching[-1].append((event, arguments))


sys.addaudithook(_audit)


@contextmanager
def watched() -> Iterator[list[tuple[str, Any]]]:
    """What this process opens, and where it connects to, during the block."""
    _watching.append([])
    try:
        yield _watching[-1]
    finally:
        _watching.pop()


def test_a_token_is_wanted_for_all_below_v1(noise_png: bytes) -> None:
    with serving(token=SECRET) as client:
        for method, path in PROTECTED:
            for header in ({}, {"authorization": f"Basic {SECRET}"}, {"authorization": "Bearer wrong"}):
                response = client.request(method, path, headers=header)
                problem_of(response, 401)
                assert response.headers["www-authenticate"] == "Bearer"
                assert SECRET not in response.text
        right = {"authorization": f"Bearer {SECRET}"}
        assert client.get("/v1/info", headers=right).status_code == 200
        assert client.post("/v1/detect", content=noise_png, headers=right | JPEG).status_code == 200
        for path in ("/", "/healthz", "/metrics", "/openapi.json"):
            assert client.get(path).status_code == 200


def test_a_token_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def compare(first: bytes, second: bytes) -> bool:
        compared.append(first)
        return first == second

    monkeypatch.setattr("facecascade.serve.guard.hmac.compare_digest", compare)
    with serving(token=SECRET) as client:
        assert client.get("/v1/info", headers=[(b"authorization", b"Bearer \xe9")]).status_code == 401
        assert client.get("/v1/info", headers={"authorization": f"bearer {SECRET}"}).status_code == 200
    assert compared == ["\xe9".encode("latin-1"), SECRET.encode()]


def test_a_body_without_the_token_is_not_taken() -> None:
    with serving(token=SECRET) as client:
        problem_of(client.post("/v1/detect", content=bytes(10_000_000), headers=JPEG), 401)


def test_other_hosts_are_refused_while_it_listens_to_this_machine(client: httpx.Client) -> None:
    for host in ("127.0.0.1", "localhost:8000", "[::1]:9", "LOCALHOST"):
        assert client.get("/healthz", headers={"host": host}).status_code == 200
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:8000", "[::2]"):
        problem_of(client.get("/healthz", headers={"host": host}), 421)
    with serving(hosts=("faces.example",)) as other:
        assert other.get("/healthz", headers={"host": "faces.example"}).status_code == 200
        problem_of(other.get("/healthz"), 421)


def test_pages_of_other_sites_are_refused_and_told_nothing(client: httpx.Client, noise_png: bytes) -> None:
    for site in ("cross-site", "same-site"):
        problem_of(client.post("/v1/detect", content=noise_png, headers=JPEG | {"sec-fetch-site": site}), 403)
    own = {"sec-fetch-site": "same-origin", "origin": str(client.base_url)}
    assert client.post("/v1/detect", content=noise_png, headers=JPEG | own).status_code == 200
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for response in (client.options("/v1/detect", headers=asked), client.get("/v1/info", headers=asked)):
        assert not [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/info", "/v1/detect", "/nothing", "/metrics", "/openapi.json"])
def test_every_answer_has_the_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers
    if path != "/":
        assert headers["cache-control"] == "no-store"


def test_the_page_runs_what_it_brought_alone(client: httpx.Client) -> None:
    response = client.get("/")
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    again = client.get("/", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/").headers["content-length"] == str(len(response.content))


@pytest.mark.parametrize(
    "path",
    [
        "../page.py",
        "..%2fpage.py",
        "%2e%2e/page.py",
        "page.py",
        "",
        "index.html%00.css",
        "/etc/passwd",
        "__init__.py",
    ],
)
def test_files_that_are_none_of_the_page_are_not_there(client: httpx.Client, path: str) -> None:
    response = client.get(httpx.URL(str(client.base_url) + "/page/" + path))
    problem_of(response, 404)


def test_nothing_is_written_and_nobody_is_called(client: httpx.Client) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (1200, 1600, 3), dtype=np.uint8)
    large = encoded(pixels, compress_level=0)
    assert len(large) > 5_000_000  # frameworks put forms above a megabyte into files
    pictures = files(("/tmp/evil.png", large), ("../../evil.png", large), ("http://127.0.0.1:9/x.png", large))
    for path in ("detect", "extract", "blur"):
        client.post(f"/v1/{path}?min_face_size=200", files=pictures[:1])  # libraries are loaded by now
    with watched() as seen:
        for path in ("detect", "extract", "blur"):
            assert client.post(f"/v1/{path}?min_face_size=200", files=pictures).status_code == 200
    ours = client.base_url.port
    for event, arguments in seen:
        if event == "socket.connect":
            assert arguments[1][1] == ours
        elif event == "open":
            name, mode, flags = arguments
            assert "evil" not in os.fsdecode(name) if isinstance(name, str | bytes) else True
            assert not (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT), (name, mode)
        else:
            raise AssertionError(event)


def test_logs_hold_neither_names_nor_pictures_nor_addresses(noise_png: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serving(token=SECRET) as client:
        caplog.clear()
        headers = {"authorization": f"Bearer {SECRET}", "user-agent": "jane doe's phone"}
        pictures = files(("jane doe.png", noise_png), ("jane doe 2.png", b"none"))
        assert client.post("/v1/detect?limit=5", files=pictures, headers=headers).status_code == 200
        client.post("/v1/detect?jane=doe", files=pictures, headers=headers)
        client.get("/jane/doe?name=jane", headers=headers)
        client.request("JANE", "/v1/detect")
        lines = [record.getMessage() for record in caplog.records if record.name.startswith("facecascade")]
    assert len(lines) == 4
    text = "\n".join(lines)
    assert "POST /v1/detect 200" in lines[0]
    for word in ("jane", "doe", "JANE", SECRET, "127.0.0.1", "limit"):
        assert word not in text


def test_a_bug_is_logged_and_not_told(
    noise_png: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: Any) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr("facecascade.views.detect", fail)
    with serving() as client:
        response = client.post("/v1/detect", content=noise_png, headers=JPEG)
        assert "secret" not in str(problem_of(response, 500))
        assert response.headers["x-content-type-options"] == "nosniff"
        assert client.get("/healthz").status_code == 200
        assert client.post("/v1/detect", content=noise_png, headers=JPEG).status_code == 500
    assert "the secret of the house" in caplog.text


def test_no_memory_is_a_reason_to_come_back(noise_png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("facecascade.views.detect", fail)
    with serving() as client:
        problem_of(client.post("/v1/detect", content=noise_png, headers=JPEG), 503)


def test_what_is_not_there_or_done_otherwise_is_a_problem(client: httpx.Client) -> None:
    problem_of(client.get("/v1/nothing"), 404)
    problem_of(client.get("/docs"), 404)
    response = client.get("/v1/detect")
    problem_of(response, 405)
    assert response.headers["allow"] == "POST"


def test_information_names_the_limits(client: httpx.Client) -> None:
    facts = client.get("/v1/info").json()
    assert facts["limits"] == {
        "max_bytes": 67_108_864,
        "max_pixels": 64_000_000,
        "max_pictures": 64,
        "max_seconds": 60.0,
    }
    assert facts["presets"] == ["default", "thorough", "fast", "careful"]
    assert "arcface-112" in facts["templates"]
    assert facts["engine"].startswith("native, ")


def test_unusual_names_are_told_as_they_are(
    client: httpx.Client, noise_png: bytes, small_group: NDArray[np.uint8]
) -> None:
    names = ["a\u2028b.png", "\u202egnp.exe", "\U0001f600.png", "'; DROP TABLE--", "=1+1.png"]
    data = base64.b64encode(noise_png).decode()
    items = [{"name": name, "data": data} for name in names]
    answer = client.post("/v1/detect", json={"pictures": items}).json()
    assert [picture["name"] for picture in answer["pictures"]] == names

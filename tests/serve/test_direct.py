"""Routes that are called without the framework answer as it would, and are described by it."""

from __future__ import annotations

import gc

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from tests.serve.serving import problem_of, serving

from facecascade.serve import ServeSettings, create_app

PATHS = ("/v1/detect", "/v1/extract", "/v1/blur")


@pytest.mark.parametrize("path", PATHS)
def test_what_an_endpoint_refuses_is_told_and_counted(client: httpx.Client, path: str) -> None:
    def counted() -> float:
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith('facecascade_problems_total{kind="uns'))

    before = counted()
    problem_of(client.post(path, content=b"x", headers={"content-type": "text/plain"}), 415)
    assert counted() == before + 1
    assert f'route="{path}",status="415"' in client.get("/metrics").text


@pytest.mark.parametrize("path", ["/healthz", *PATHS])
def test_other_methods_are_answered_by_the_framework(client: httpx.Client, path: str) -> None:
    assert problem_of(client.request("DELETE", path), 405)["type"].endswith("method-not-allowed")
    problem_of(client.get(f"{path}/"), 404)


def test_they_are_described(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/healthz", "/v1/info", *PATHS} <= set(paths)


def test_health_is_json(client: httpx.Client) -> None:
    answer = client.get("/healthz")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"status": "ok"}


def test_what_was_imported_is_no_garbage_while_a_server_runs() -> None:
    gc.unfreeze()  # of the service that other tests share
    with serving() as client:
        assert client.get("/healthz").status_code == 200
        assert gc.get_freeze_count() > 10_000
    assert gc.get_freeze_count() == 0


def test_the_token_protects_a_service_that_lies_below_another() -> None:
    above = FastAPI()
    above.mount("/faces", create_app(ServeSettings(token=SecretStr("secret of sixteen letters"))))
    with serving(above) as client:
        problem_of(client.get("/faces/v1/info"), 401)
        problem_of(client.post("/faces/v1/detect", content=b"x"), 401)
        right = {"authorization": "Bearer secret of sixteen letters"}
        assert client.get("/faces/v1/info", headers=right).status_code == 200
        problem_of(client.post("/faces/v1/detect", content=b"x", headers=right | {"content-type": "text/plain"}), 415)

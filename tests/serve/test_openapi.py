"""The description of the service, and whether it does what it describes."""

from __future__ import annotations

from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.checks import CHECKS, load_all_checks
from tests.serve.serving import serving

from facecascade.serve import ServeSettings, create_app
from facecascade.serve.documents import Detection, Information, ProblemDocument

load_all_checks()
LEFT_OUT = {
    "positive_data_acceptance",  # bytes of any kind are a valid body, and seldom a picture
    "ignored_auth",  # there is none without a token
}
OPERATIONS = [
    ("get", "/healthz"),
    ("get", "/metrics"),
    ("get", "/v1/info"),
    ("post", "/v1/detect"),
    ("post", "/v1/extract"),
    ("post", "/v1/blur"),
]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    described: dict[str, Any] = create_app(ServeSettings()).openapi()
    return described


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_service_does_what_it_describes(client: httpx.Client, method: str, path: str) -> None:
    schema = schemathesis.openapi.from_url(f"{client.base_url}/openapi.json")
    operation = schema[path][method.upper()]
    checks: list[Any] = [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]

    @hypothesis.seed(1)
    @hypothesis.settings(
        max_examples=20, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @hypothesis.given(case=operation.as_strategy())
    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(checks=checks, timeout=30)

    check()


def test_all_operations_are_described_with_all_that_can_go_wrong(document: dict[str, Any]) -> None:
    described = [(method, path) for path, item in document["paths"].items() for method in item]
    assert sorted(described) == sorted(OPERATIONS)
    for method, path in OPERATIONS:
        operation = document["paths"][path][method]
        assert operation["summary"]
        wanted = {"400", "403", "421", "500"}
        wanted |= {"401"} if path.startswith("/v1/") else set()
        wanted |= {"406", "408", "413", "415", "422", "503", "504"} if method == "post" else set()
        assert wanted <= operation["responses"].keys()
        for status, response in operation["responses"].items():
            assert (status == "200") != ("application/problem+json" in response["content"])


def test_examples_are_real(client: httpx.Client, document: dict[str, Any], portrait_jpeg: bytes) -> None:
    body = document["paths"]["/v1/detect"]["post"]["requestBody"]["content"]["application/json"]["example"]
    answer = client.post("/v1/detect", json=body)
    assert answer.status_code == 200
    Detection.model_validate(answer.json())
    for path, model in (("/v1/detect", Detection), ("/v1/info", Information)):
        (operation,) = document["paths"][path].values()
        model.model_validate(operation["responses"]["200"]["content"]["application/json"]["example"])
        for status, response in operation["responses"].items():
            if status != "200":
                example = response["content"]["application/problem+json"]["example"]
                assert ProblemDocument.model_validate(example).status == int(status)


def test_answers_are_of_their_schema(client: httpx.Client, portrait_jpeg: bytes) -> None:
    jpeg = {"content-type": "image/jpeg"}
    right = client.post("/v1/detect?template=arcface-128", content=portrait_jpeg, headers=jpeg)
    Detection.model_validate(right.json())
    Information.model_validate(client.get("/v1/info").json())
    for wrong in (
        client.post("/v1/detect", content=b"none", headers=jpeg),
        client.post("/v1/detect?limit=0", content=b"none", headers=jpeg),
        client.get("/v1/detect"),
        client.get("/nothing"),
    ):
        ProblemDocument.model_validate(wrong.json())


def test_the_token_is_part_of_the_description() -> None:
    with serving(token="s3cret") as client:
        document = client.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert document["paths"]["/v1/detect"]["post"]["security"] == [{"token": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]

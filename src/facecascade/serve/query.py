"""The query of a request, to options: `options_of`, and `parameters_of`, which describes them.

The framework could do both, and takes as long for it as for all else of a request together. Clients ask the same
again and again, so that what was read once is kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from facecascade.serve.problems import Problem

Options = TypeVar("Options", bound=BaseModel)

MOST_OPTIONS: Final = 64
KEPT: Final = 256
"""Queries."""
KEPT_BYTES: Final = 512
"""Of a query that is kept."""


def options_of(kind: type[Options], request: Request) -> Options:
    """The options of a request.

    Raises:
        Problem: one is unknown, is given twice, or has a value that cannot work.
    """
    query: bytes = request.scope["query_string"]
    read = _kept if len(query) <= KEPT_BYTES else _read
    return read(kind, query)  # type: ignore[return-value]  # lru_cache forgets the type


def parameters_of(kind: type[BaseModel]) -> list[dict[str, Any]]:
    """The options as OpenAPI has them."""
    return [_parameter(name, dict(schema)) for name, schema in kind.model_json_schema()["properties"].items()]


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    description = schema.pop("description", "")
    schema.pop("title", None)
    if "anyOf" in schema:  # a value, or none: a query says the latter by leaving it out
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _read(kind: type[BaseModel], query: bytes) -> BaseModel:
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_OPTIONS)
    except ValueError as error:
        raise Problem("bad-request", f"expected a query of at most {MOST_OPTIONS} options, got: {error}") from error
    values = dict(pairs)
    if len(values) < len(pairs):
        twice = next(name for name in values if sum(name == other for other, _ in pairs) > 1)
        raise Problem("invalid-option", "expected each option once, got one twice", field=twice[:80])
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise _problem(error) from error


_kept = lru_cache(maxsize=KEPT)(_read)


def _problem(error: ValidationError) -> Problem:
    first = error.errors()[0]
    name = ".".join(map(str, first["loc"]))[:80]
    if first["type"] == "extra_forbidden":
        return Problem("invalid-option", "expected an option that there is; /openapi.json lists them", field=name)
    return Problem("invalid-option", f"{first['msg']}, got {str(first['input'])[:80]!r}", field=name)

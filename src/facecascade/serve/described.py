"""What goes in, and what may come of it, as OpenAPI describes it, with examples."""

from __future__ import annotations

from typing import Any, Final

from facecascade.serve.examples import DETECTION, INFORMATION
from facecascade.serve.formats import FORMATS
from facecascade.serve.problems import KINDS, MEDIA_TYPE, Problem
from facecascade.serve.uploads import FIELD, RAW

Responses = dict[int | str, dict[str, Any]]

_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_ITEM: Final = {
    "type": "object",
    "required": ["data"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": ["string", "null"], "description": "What the answer shall call it."},
        "data": {"type": "string", "contentEncoding": "base64", "description": "The encoded picture."},
    },
}
_DOT: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
"""A picture of one pixel."""

UPLOADS: Final[dict[str, Any]] = {
    "required": True,
    "description": f"Pictures: {', '.join(FORMATS)}.",
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [FIELD],
                "additionalProperties": False,
                "properties": {
                    FIELD: {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}
                },
            }
        },
        "application/json": {
            "schema": {
                "type": "object",
                "required": [FIELD],
                "additionalProperties": False,
                "properties": {FIELD: {"type": "array", "minItems": 1, "items": _ITEM}},
            },
            "example": {FIELD: [{"name": "dot.png", "data": _DOT}]},
        },
        RAW: _BINARY,
        "image/*": _BINARY,
    },
}
"""A body that holds pictures."""

DRAWN: Final[dict[str, Any]] = {"content": {"image/png": _BINARY, "image/jpeg": _BINARY}}
ARCHIVE: Final[dict[str, Any]] = {
    "description": "The archive, sent while it is made.",
    "content": {"application/zip": _BINARY},
}
BLURRED: Final[dict[str, Any]] = {
    "description": "The picture; of several pictures an archive.",
    "content": {f"image/{name}": _BINARY for name in ("jpeg", "png", "webp")} | {"application/zip": _BINARY},
}


def _json(example: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"example": example}}


DETECTED: Final[dict[str, Any]] = {
    "description": "The faces of each picture, or the picture with its faces drawn.",
    "content": _json(DETECTION) | DRAWN["content"],
}
INFORMED: Final[dict[str, Any]] = {"content": _json(INFORMATION)}
HEALTHY: Final[dict[str, Any]] = {"content": _json({"status": "ok"})}


def _failure(kind: str, detail: str, *, field: str | None = None, description: str | None = None) -> dict[str, Any]:
    """The answer to a request with a problem of this kind."""
    return {
        "description": description or f"{KINDS[kind].title}.",
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/ProblemDocument"},
                "example": Problem(kind, detail, field=field).to_dict(),
            }
        },
    }


ANYWHERE: Final[Responses] = {
    400: _failure("bad-request", "expected at least one picture in the field 'pictures', got none", field=FIELD),
    403: _failure(
        "forbidden", "expected a request of this service's own page or of a program, got one of another site"
    ),
    421: _failure("wrong-host", "expected one of the hosts 127.0.0.1, ::1, localhost, got another"),
    500: _failure("internal", "the service could not answer; its log says more"),
}
AUTHORIZED: Final[Responses] = {
    401: _failure("unauthorized", "expected the header Authorization: Bearer with the token of this service"),
    **ANYWHERE,
}
FAILURES: Final[Responses] = {
    **AUTHORIZED,
    406: _failure("not-acceptable", "expected one picture to draw on, got 2: accept application/json, or send one"),
    408: _failure("slow-body", "expected a body within 30 s, got a part of one: send less"),
    413: _failure("too-large", "expected at most 64 pictures in one request, got more", field=FIELD),
    415: _failure(
        "unsupported-type", "expected a body of type multipart/form-data, application/json, ..., got text/plain"
    ),
    422: _failure(
        "invalid-option",
        "Input should be greater than or equal to 4, got '1'",
        field="min_face_size",
        description="An option cannot work, or no picture can be read.",
    ),
    503: _failure(
        "busy",
        "expected fewer than 128 requests at a time: come back later",
        description="There is too much to do just now; the header Retry-After says when to come back.",
    ),
    504: _failure("too-slow", "expected an answer within 60 s, got none: send less"),
}

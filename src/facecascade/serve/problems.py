"""What went wrong, as RFC 9457 has it: `Problem`, and the answer that tells of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "urn:facecascade:problem:"


class Kind(NamedTuple):
    """What all problems of one kind have in common."""

    status: int
    title: str


KINDS: Final = {
    "bad-request": Kind(400, "The request is not well formed"),
    "unauthorized": Kind(401, "A token is needed"),
    "forbidden": Kind(403, "This request is not allowed"),
    "not-found": Kind(404, "There is nothing here"),
    "method-not-allowed": Kind(405, "This is done by another method"),
    "not-acceptable": Kind(406, "There is no such form of the answer"),
    "slow-head": Kind(408, "The request did not arrive in time"),
    "slow-body": Kind(408, "The body did not arrive in time"),
    "too-large": Kind(413, "The request is too large"),
    "unsupported-type": Kind(415, "The body is of a type that is not read"),
    "wrong-host": Kind(421, "This is not the host that was asked for"),
    "invalid-option": Kind(422, "An option has a value that cannot work"),
    "unreadable-picture": Kind(422, "A picture cannot be read"),
    "too-much-work": Kind(422, "A picture would take too long"),
    "large-head": Kind(431, "The head of the request is too large"),
    "internal": Kind(500, "Something went wrong here"),
    "busy": Kind(503, "There is too much to do just now"),
    "too-slow": Kind(504, "The answer was not ready in time"),
}
"""Kinds of problems by name; the `type` of a problem is `PREFIX` and the name."""
RETRY_SECONDS: Final = 1


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it that
    """A request, or one of its pictures, cannot be served.

    Args:
        kind: one of `KINDS`.
        detail: what was expected, what came, and the way out.
        field: the option that is wrong, where it is one.
        errors: of a request of several pictures, what is wrong with each.
        headers: of the answer.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        field: str | None = None,
        errors: Sequence[Mapping[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status, self.title = KINDS[kind]
        self.detail = detail
        self.field = field
        self.errors = errors
        self.headers = {"retry-after": str(RETRY_SECONDS)} if kind == "busy" else {}
        self.headers.update(headers or {})

    def to_dict(self) -> dict[str, Any]:
        """The members of the problem, ready for `json.dumps`."""
        members = {"type": PREFIX + self.kind, "title": self.title, "status": self.status, "detail": self.detail}
        further = {"field": self.field, "errors": None if self.errors is None else [*map(dict, self.errors)]}
        return members | {name: value for name, value in further.items() if value is not None}

    def response(self) -> Response:
        """The answer."""
        content = json.dumps(self.to_dict(), ensure_ascii=False).encode("utf-8", "backslashreplace")
        return Response(content, self.status, self.headers, MEDIA_TYPE)


def kind_of(status: int) -> str:
    """The kind of problem that an answer of this status has, for those that a library raises."""
    return next((name for name, kind in KINDS.items() if kind.status == status), "bad-request")

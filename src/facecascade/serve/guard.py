"""What every request passes: `Guard`, around the whole application."""

from __future__ import annotations

import hmac
import logging
import time
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from facecascade.serve.metrics import Metrics
from facecascade.serve.problems import Problem
from facecascade.serve.settings import ServeSettings

ACCESS: Final = logging.getLogger("facecascade.serve.access")
ERRORS: Final = logging.getLogger("facecascade.serve.errors")

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
PROTECTED: Final = "/v1/"
HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
"""Of every answer that does not say otherwise."""
RAW_HEADERS: Final = tuple((name.encode(), value.encode()) for name, value in HEADERS.items())
OTHER_SITES: Final = frozenset({"cross-site", "same-site"})
"""Values of Sec-Fetch-Site by which browsers say that a page of somebody else asks."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN: Final = "none"
"""The route of what is not there, and any other method: both may hold anything."""


class Guard:
    """Checks the host, the site and the token before anything is read; adds headers; counts and logs the answer.

    It also answers what nobody else has caught.

    Args:
        app: what answers.
        settings: what is allowed.
        metrics: told of each answer.
    """

    def __init__(self, app: ASGIApp, *, settings: ServeSettings, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._token = None if settings.token is None else settings.token.get_secret_value().encode()
        local = LOOPBACK if settings.host in LOOPBACK else ()
        self._hosts = frozenset(settings.hosts or local)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        started = time.monotonic()
        try:
            await self._served(scope, receive, answer)
        finally:
            self._tell(scope, answer, time.monotonic() - started)

    async def _served(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            self._check(Headers(scope=scope), own_path(scope))
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            answer.left = True
        except Problem as problem:
            self._metrics.problem(problem.kind)
            if answer.started:
                ERRORS.error("an answer broke off: %s", problem.kind)
                raise
            await problem.response()(scope, receive, answer)
        except Exception as error:  # a bug: logged here, and told without what it says
            ERRORS.error("a request failed", exc_info=error)
            if answer.started:
                raise
            self._metrics.problem("internal")
            await Problem("internal", "the service could not answer; its log says more").response()(
                scope, receive, answer
            )

    def _check(self, headers: Headers, path: str) -> None:
        host = headers.get("host", "")
        if self._hosts and _without_port(host) not in self._hosts:
            raise Problem("wrong-host", f"expected one of the hosts {', '.join(sorted(self._hosts))}, got another")
        if headers.get("sec-fetch-site") in OTHER_SITES and path.startswith(PROTECTED):
            raise Problem(
                "forbidden", "expected a request of this service's own page or of a program, got one of another site"
            )
        if self._token is not None and path.startswith(PROTECTED):
            self._check_token(headers.get("authorization", ""))

    def _check_token(self, header: str) -> None:
        scheme, _, token = header.partition(" ")
        given = token.strip().encode("latin-1")
        assert self._token is not None
        if scheme.lower() != "bearer" or not hmac.compare_digest(given, self._token):
            raise Problem(
                "unauthorized",
                "expected the header Authorization: Bearer with the token of this service",
                headers={"www-authenticate": "Bearer"},
            )

    def _tell(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        """Neither path nor query, which may hold names."""
        route = getattr(scope.get("route"), "path", UNKNOWN)
        method = scope["method"] if scope["method"] in METHODS else UNKNOWN
        status = 499 if answer.left else answer.status
        self._metrics.request(route=route, method=method, status=status, seconds=seconds)
        ACCESS.info("%s %s %d %d bytes %.0f ms", method, route, status, answer.size, 1000 * seconds)


class _Answer:
    """Where an answer is sent, with the headers of all answers; remembers what it was."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500
        self.started = False
        self.size = 0
        self.left = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.started = True
            headers: list[tuple[bytes, bytes]] = message.setdefault("headers", [])
            told = {name for name, _ in headers}
            headers.extend(header for header in RAW_HEADERS if header[0] not in told)
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)


def own_path(scope: Scope) -> str:
    """The path of a request as this application names it, without that below which a server puts it."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root + "/") else path


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()

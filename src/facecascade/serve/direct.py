"""The shortest way from a request to the endpoint of its route: `Direct`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from facecascade.serve.guard import own_path

Endpoint = Callable[[Request], Awaitable[Response]]


class Direct:
    """Calls the endpoints of some routes itself, and leaves all else to the framework.

    What the framework does on the way to an endpoint that takes a request and returns an answer, it does for nothing:
    it takes as long for it as the endpoint itself. It still describes these routes, and answers other methods.

    Args:
        app: the framework.
        routers: their endpoints take a request alone and return an answer; what they raise is for the caller.
    """

    def __init__(self, app: ASGIApp, *, routers: Iterable[APIRouter]) -> None:
        self._app = app
        routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
        self._routes = {(method, route.path): route for route in routes for method in route.methods or ()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        route = self._routes.get((scope["method"], own_path(scope))) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        answer = await cast("Endpoint", route.endpoint)(Request(scope, receive, send))
        await answer(scope, receive, send)

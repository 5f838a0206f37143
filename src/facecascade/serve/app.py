"""The application: `create_app`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from facecascade.serve import about, blur, detect, extract, page
from facecascade.serve.direct import Direct
from facecascade.serve.examples import DETECTION
from facecascade.serve.guard import Guard
from facecascade.serve.problems import Problem, kind_of
from facecascade.serve.service import Service
from facecascade.serve.settings import ServeSettings
from facecascade.version import VERSION


class _Application(FastAPI):
    """With an example that may say null, which the framework leaves out of what it describes."""

    def openapi(self) -> dict[str, Any]:
        """The description of the service."""
        document = super().openapi()
        answer = document["paths"]["/v1/detect"]["post"]["responses"]["200"]
        answer["content"]["application/json"]["example"] = DETECTION
        return document


def create_app(settings: ServeSettings | None = None) -> FastAPI:
    """An ASGI application with the whole service.

    Args:
        settings: what is allowed; by default what the environment says.

    Raises:
        WeightsError: the weights cannot be read.
        EngineError: the system does not give the threads.
    """
    service = Service(settings or ServeSettings())
    app = _Application(
        title="facecascade",
        version=VERSION,
        summary="Faces in pictures: boxes, landmarks, crops, and pictures with nobody to be recognised",
        docs_url=None,
        redoc_url=None,
        lifespan=partial(_lifespan, service),
        redirect_slashes=False,
    )
    direct = [part.routes(service) for part in (detect, extract, blur)] + [about.health_routes()]
    for router in (*direct, about.routes(service), page.routes()):
        app.include_router(router)
    handlers: dict[Any, Any] = {
        Problem: partial(_on_problem, service),
        HTTPException: partial(_on_http, service),
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(Direct, routers=direct)
    app.add_middleware(Guard, settings=service.settings, metrics=service.metrics)
    return app


@asynccontextmanager
async def _lifespan(service: Service, app: FastAPI) -> AsyncIterator[None]:
    del app
    await service.finder.open()
    try:
        yield
    finally:
        await service.finder.close()


async def _on_problem(service: Service, request: Request, problem: Problem) -> Response:
    del request
    service.metrics.problem(problem.kind)
    return problem.response()


async def _on_http(service: Service, request: Request, error: HTTPException) -> Response:
    problem = Problem(kind_of(error.status_code), _detail(error), headers=error.headers)
    return await _on_problem(service, request, problem)


def _detail(error: HTTPException) -> str:
    if error.status_code == 404:
        return "expected a path of this service, got another; /openapi.json lists them"
    if error.status_code == 405:
        return f"expected one of the methods {(error.headers or {}).get('Allow', 'of this path')}, got another"
    return str(error.detail)

"""What a service tells of itself: `GET /v1/info`, `/healthz` and `/metrics`."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from facecascade.extract import TEMPLATES
from facecascade.serve.described import ANYWHERE, AUTHORIZED, HEALTHY, INFORMED
from facecascade.serve.documents import Health, Information
from facecascade.serve.formats import FORMATS
from facecascade.serve.service import Service
from facecascade.settings import PRESETS, Settings
from facecascade.version import VERSION

WELL: Final = Health(status="ok").model_dump_json()


def routes(service: Service) -> APIRouter:
    """The routes of one service."""
    router = APIRouter()

    @router.get(
        "/v1/info",
        summary="What this service is made of, and what it takes",
        dependencies=service.protection,
        responses={200: INFORMED, **AUTHORIZED},
    )
    async def info() -> Information:
        """Software, engine, weights, defaults, choices and limits."""
        return Information.model_validate(_facts(service))

    @router.get(
        "/metrics",
        summary="Counters for Prometheus",
        response_class=Response,
        responses={200: {"content": {service.metrics.media_type: {"schema": {"type": "string"}}}}, **ANYWHERE},
    )
    async def metrics() -> Response:
        """Requests, problems, pictures, faces, batches, what waits, memory and processor time."""
        return Response(service.metrics.text(), media_type=service.metrics.media_type)

    return router


def health_routes() -> APIRouter:
    """The route that says whether a service answers."""
    router = APIRouter()

    @router.get(
        "/healthz",
        summary="Whether the service answers",
        response_model=Health,
        responses={200: HEALTHY, **ANYWHERE},
    )
    async def health(request: Request) -> Response:
        """Says ok, and touches nothing else."""
        del request
        return Response(WELL, media_type="application/json")

    return router


def _facts(service: Service) -> dict[str, object]:
    detector, limits = service.finder.detector, service.settings
    return {
        "software": f"facecascade {VERSION}",
        "engine": detector.engine.description,
        "weights": detector.weights.sha256,
        "settings": Settings().to_dict(),
        "templates": list(TEMPLATES),
        "presets": list(PRESETS),
        "formats": list(FORMATS),
        "limits": {
            "max_bytes": limits.max_bytes,
            "max_pixels": limits.max_pixels,
            "max_pictures": limits.max_pictures,
            "max_seconds": limits.max_seconds,
        },
    }

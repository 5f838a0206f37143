"""The page at `/`: files that are read once, and served with a strict policy."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from facecascade.serve.problems import Problem

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""What the page may do: run and show what it brought along, and talk to this service."""
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
}
START: Final = "index.html"


def routes() -> APIRouter:
    """The routes of the page."""
    router = APIRouter(include_in_schema=False)
    files = _files()

    @router.get("/")
    @router.head("/")
    async def start(request: Request) -> Response:
        return _served(files, START, request)

    @router.get("/page/{name}")
    @router.head("/page/{name}")
    async def file(name: str, request: Request) -> Response:
        return _served(files, name, request)

    return router


def _files() -> dict[str, tuple[bytes, str, str]]:
    """Content, media type and tag of each file by name: what is not in this table is not there."""
    found: dict[str, tuple[bytes, str, str]] = {}
    for item in resources.files("facecascade.serve").joinpath("page").iterdir():
        suffix = "." + item.name.rpartition(".")[2]
        if item.is_file() and suffix in MEDIA_TYPES:
            content = item.read_bytes()
            found[item.name] = content, MEDIA_TYPES[suffix], f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return found


def _served(files: dict[str, tuple[bytes, str, str]], name: str, request: Request) -> Response:
    if name not in files:
        raise Problem("not-found", "expected / or a file of the page, got the name of none")
    content, media_type, tag = files[name]
    headers = {"etag": tag, "cache-control": "no-cache", "content-security-policy": POLICY}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)

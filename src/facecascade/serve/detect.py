"""`POST /v1/detect`: where the faces are, or the picture with them drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from fastapi import APIRouter, Request
from PIL.Image import Image
from starlette.responses import Response

from facecascade.draw import draw_faces
from facecascade.extract import get_template
from facecascade.extract.pictures import encoded_picture
from facecascade.serve.accept import preferred
from facecascade.serve.answers import MANY, error_json, picture_json, pictures_response, to_json
from facecascade.serve.described import DETECTED, FAILURES, UPLOADS
from facecascade.serve.documents import Detection
from facecascade.serve.finder import Finder, Looked
from facecascade.serve.options import DetectOptions
from facecascade.serve.pieces import InPieces
from facecascade.serve.problems import Problem
from facecascade.serve.query import KEPT, options_of, parameters_of
from facecascade.serve.service import Service
from facecascade.serve.uploads import Upload, check_any
from facecascade.settings import Settings
from facecascade.version import VERSION

JSON: Final = "application/json"
SUFFIXES: Final = {"image/png": ".png", "image/jpeg": ".jpg"}
"""Of the forms that a drawn picture has."""
LONGEST_JPEG: Final = 65_500
"""Side in pixels, as libjpeg has it."""


def routes(service: Service) -> APIRouter:
    """The route of one service."""
    router = APIRouter()

    @router.post(
        "/v1/detect",
        summary="Find the faces in pictures",
        response_model=Detection,
        dependencies=service.protection,
        responses={200: DETECTED, **FAILURES},
        openapi_extra={"requestBody": UPLOADS, "parameters": parameters_of(DetectOptions)},
    )
    async def detect(request: Request) -> Response:
        """Boxes, scores and landmarks in pixels of each upright picture, best score first.

        With `Accept: image/png` or `image/jpeg`, the one picture of the request with its faces drawn.
        """
        options = options_of(DetectOptions, request)
        form = preferred(request.headers.get("accept"), (JSON, *SUFFIXES))
        work = _Detection(service.finder, options)
        async with service.uploads(request) as uploads:
            if form == JSON:
                return await service.answered(request, work.told(uploads))
            return await service.answered(request, work.drawn(uploads, form))

    return router


class _Detection:
    """What is done with the pictures of one request."""

    def __init__(self, finder: Finder, options: DetectOptions) -> None:
        self._finder = finder
        self._scores = options.scores
        self._template = None if options.template is None else get_template(options.template)
        self._how: dict[str, Any] = {**_how(options)}

    async def told(self, uploads: Sequence[Upload]) -> Response:
        """All pictures as JSON."""
        results = await self._all(uploads)
        check_any(uploads, [one for one in results if isinstance(one, Problem)])
        pictures = [
            error_json(upload, one) if isinstance(one, Problem) else one
            for upload, one in zip(uploads, results, strict=True)
        ]
        return pictures_response(pictures, _further(self._how["settings"], self._finder.detector.weights.sha256))

    async def drawn(self, uploads: Sequence[Upload], media_type: str) -> Response:
        """The one picture with its faces drawn."""
        if len(uploads) != 1:
            raise Problem(
                "not-acceptable", f"expected one picture to draw on, got {len(uploads)}: accept {JSON}, or send one"
            )
        async with self._finder.looking(uploads[0], **self._how) as looked:
            data = await self._finder.in_thread(self._encoded, looked, SUFFIXES[media_type])
        return InPieces(data, media_type=media_type)

    async def _all(self, uploads: Sequence[Upload]) -> list[str | Problem]:
        if len(uploads) == 1:
            return [await self._one(uploads[0])]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(upload)) for upload in uploads]
        return [task.result() for task in tasks]

    async def _one(self, upload: Upload) -> str | Problem:
        try:
            async with self._finder.looking(upload, **self._how) as looked:
                if len(looked.faces) < MANY:
                    return picture_json(looked, self._template)
                return await self._finder.in_thread(picture_json, looked, self._template)
        except Problem as problem:
            return problem.with_traceback(None)  # which would keep the picture

    def _encoded(self, looked: Looked, suffix: str) -> bytes:
        if suffix == ".jpg" and max(looked.pixels.shape) > LONGEST_JPEG:
            raise Problem(
                "not-acceptable", f"expected at most {LONGEST_JPEG} pixels a side for a JPEG: accept image/png"
            )
        image: Image = draw_faces(looked.pixels, looked.faces, scores=self._scores)
        return encoded_picture(image, suffix=suffix)


@lru_cache(maxsize=KEPT)
def _how(options: DetectOptions) -> dict[str, Any]:
    return {"settings": options.settings(), "selection": options.selection()}


@lru_cache(maxsize=KEPT)
def _further(settings: Settings, weights: str) -> str:
    """What holds for all pictures of an answer, as JSON."""
    return to_json({"settings": settings.to_dict(), "software": f"facecascade {VERSION}", "weights": weights})

"""`POST /v1/blur`: the pictures again, with nobody to be recognised."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from PIL import Image
from starlette.responses import Response
from starlette.types import Send

from facecascade.extract.pictures import encoded_picture
from facecascade.read import read_metadata
from facecascade.redact import redact_faces
from facecascade.serve.archive import PACKED, ZipAnswer, ZipStream
from facecascade.serve.described import BLURRED, FAILURES, UPLOADS
from facecascade.serve.finder import Finder, Looked, entry_of
from facecascade.serve.formats import MEDIA_TYPES, SUFFIXES
from facecascade.serve.names import Names
from facecascade.serve.options import BlurOptions
from facecascade.serve.pieces import InPieces
from facecascade.serve.problems import Problem
from facecascade.serve.query import options_of, parameters_of
from facecascade.serve.service import Service
from facecascade.serve.uploads import Upload, check_any, wrong_pictures

OTHERWISE: Final = "png"
"""What a picture becomes of a format that is read and not written."""


def routes(service: Service) -> APIRouter:
    """The route of one service."""
    router = APIRouter()

    @router.post(
        "/v1/blur",
        summary="Hide the faces in pictures",
        response_class=Response,
        dependencies=service.protection,
        responses={200: BLURRED, **FAILURES},
        openapi_extra={"requestBody": UPLOADS, "parameters": parameters_of(BlurOptions)},
    )
    async def blur(request: Request) -> Response:
        """The picture in its format, or PNG for formats that are read alone; of several pictures a zip file.

        Colour profile and capture time stay, nothing else that the file says. What cannot be read is no part of the zip
        file, and listed in its `errors.json`. No detector finds every face: look at the results.
        """
        options = options_of(BlurOptions, request)
        return BlurAnswer(service, request, _Blurring(service.finder, options))

    return router


class BlurAnswer(ZipAnswer):
    """One picture as it is, several as an archive."""

    def __init__(self, service: Service, request: Request, work: _Blurring) -> None:
        super().__init__(service, request, work.pieces, name="hidden.zip")
        self._work = work

    async def sent(self, uploads: Sequence[Upload], send: Send) -> None:
        """Send the picture, or the archive of these pictures."""
        if len(uploads) > 1:
            await super().sent(uploads, send)
            return
        data, suffix = await self._work.one(uploads[0])
        answer = InPieces(data, media_type=MEDIA_TYPES[suffix])
        await answer(self._request.scope, self._request.receive, send)


class _Blurring:
    """What is done with the pictures of one request."""

    def __init__(self, finder: Finder, options: BlurOptions) -> None:
        self._finder = finder
        self._how: dict[str, Any] = {"settings": options.settings(), "selection": options.selection()}
        self._redaction = options.redaction()
        self._quality = options.quality

    async def one(self, upload: Upload) -> tuple[bytes, str]:
        """A picture with its faces hidden, encoded, and its format."""
        async with self._finder.looking(upload, **self._how) as looked:
            name = looked.format if looked.format in SUFFIXES else OTHERWISE
            return await self._finder.in_thread(self._hidden, looked, SUFFIXES[name]), name

    async def pieces(self, uploads: Sequence[Upload]) -> AsyncGenerator[bytes, None]:
        """An archive of all pictures, piece by piece."""
        archive, names = ZipStream(), Names()
        problems: dict[int, Problem] = {}
        for upload in uploads:
            try:
                data, form = await self.one(upload)
            except Problem as problem:
                problems[upload.number] = problem.with_traceback(None)
            else:
                yield await self._finder.in_thread(archive.add, names.of(upload) + SUFFIXES[form], data)
        check_any(uploads, list(problems.values()))
        if problems:
            errors = wrong_pictures([uploads[number] for number in problems], list(problems.values()))
            yield archive.add("errors.json", json.dumps(errors, indent=1).encode(), PACKED)
        yield archive.end()

    def _hidden(self, looked: Looked, suffix: str) -> bytes:
        pixels = redact_faces(looked.pixels, looked.faces, redaction=self._redaction)
        metadata = read_metadata(entry_of(looked.upload))
        return encoded_picture(Image.fromarray(pixels), suffix=suffix, quality=self._quality, metadata=metadata)

"""`POST /v1/extract`: the faces themselves, as an archive of crops with tables of what they are."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from facecascade.extract import Detected, ExtractOptions, Harvest, Unreadable, Work
from facecascade.read import read_metadata
from facecascade.serve.archive import PACKED, ZipAnswer, ZipStream
from facecascade.serve.described import ARCHIVE, FAILURES, UPLOADS
from facecascade.serve.finder import Finder, Looked, entry_of, unreadable
from facecascade.serve.names import Names, suffix_of
from facecascade.serve.options import CropOptions
from facecascade.serve.problems import Problem
from facecascade.serve.query import options_of, parameters_of
from facecascade.serve.service import Service
from facecascade.serve.tables import Tables
from facecascade.serve.uploads import Upload, check_any

CROPS_AT_ONCE: Final = 16
"""That are in memory as pixels."""
READY_BYTES: Final = 8 * 2**20
"""Of crops that wait for the end of their picture, since nobody else has its memory while a client reads them."""


def routes(service: Service) -> APIRouter:
    """The route of one service."""
    router = APIRouter()

    @router.post(
        "/v1/extract",
        summary="Cut the faces out of pictures",
        response_class=Response,
        dependencies=service.protection,
        responses={200: ARCHIVE, **FAILURES},
        openapi_extra={"requestBody": UPLOADS, "parameters": parameters_of(CropOptions)},
    )
    async def extract(request: Request) -> Response:
        """A zip file that is sent while it is made: one crop a face, then `faces.csv` and `faces.json`.

        A picture that cannot be read has a row with its error.
        """
        options = options_of(CropOptions, request)
        return ZipAnswer(service, request, _Extraction(service.finder, options).pieces, name="faces.zip")

    return router


class _Extraction:
    """What is done with the pictures of one request."""

    def __init__(self, finder: Finder, options: CropOptions) -> None:
        self._finder = finder
        self._how: dict[str, Any] = {"settings": options.settings(), "selection": options.selection()}
        self._suffix = options.format
        self._work = Work(
            ExtractOptions(cropping=options.cropping(), format=options.format, quality=options.quality),
            metadata=read_metadata,
        )

    async def pieces(self, uploads: Sequence[Upload]) -> AsyncGenerator[bytes, None]:
        """The archive, piece by piece: no more than a few crops of one picture are in memory."""
        archive, names, tables = ZipStream(), Names(), Tables()
        problems: list[Problem] = []
        ready = bytearray()
        for upload in uploads:
            name = names.of(upload)
            try:
                async with self._finder.looking(upload, **self._how) as looked:
                    rows: list[Harvest] = []
                    async for harvest in self._harvests(looked):
                        for number, data in enumerate(harvest.files, CROPS_AT_ONCE * len(rows)):
                            ready += archive.add(self._file(name, number), data)
                        if len(ready) >= READY_BYTES:
                            yield bytes(ready)
                            ready.clear()
                        rows.append(replace(harvest, files=()))
                    files = [self._file(name, number) for number in range(len(looked.faces))]
                    await self._finder.in_thread(tables.add, name + suffix_of(upload), looked, rows, files)
            except Problem as problem:
                tables.error(name + suffix_of(upload), problem)
                problems.append(problem.with_traceback(None))
            if ready:
                yield bytes(ready)
                ready.clear()
        check_any(uploads, problems)
        for file, text in await self._finder.in_thread(tables.texts):
            yield await self._finder.in_thread(archive.add, file, text, PACKED)
        yield archive.end()

    async def _harvests(self, looked: Looked) -> AsyncGenerator[Harvest, None]:
        """Crops and measures of a few faces at a time."""
        for start in range(0, len(looked.faces), CROPS_AT_ONCE):
            found = Detected(entry_of(looked.upload), looked.pixels, looked.faces[start : start + CROPS_AT_ONCE])
            harvest = await self._finder.in_thread(self._work, found)
            if isinstance(harvest, Unreadable):
                raise unreadable(looked.upload, str(harvest.error))
            yield harvest

    def _file(self, name: str, number: int) -> str:
        return f"{name}_{number:02d}.{self._suffix}"
